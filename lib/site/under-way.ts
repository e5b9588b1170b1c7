// Owns the overview's section of work under way, for the live view: processes, what was asked of runs, workers.
import { shortDuration } from "../core/text.ts";
import type { Status } from "../status/status.ts";
import { askedWords } from "../status/tables.ts";
import { workerFaults, workerState } from "../status/workers.ts";
import { type Html, html } from "./html.ts";
import { count } from "./numbers.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** The section; undefined when nothing is under way and nothing is asked. */
export function underWaySection(status: Status): Html | undefined {
  const tables = [processTable(status), askedTable(status), workerTable(status)].flatMap(
    (part) => part ?? [],
  );
  if (tables.length === 0) return undefined;
  const source = sourceNote([SOURCES.processes]);
  return html`<section id="under-way" aria-label="Under way"><h2>Under way</h2>${tables}${source}</section>\n`;
}

function processTable({ processes }: Status): Html | undefined {
  if (processes.length === 0) return undefined;
  return table({
    caption: "Processes that work on attempts",
    columns: [
      ...[{ title: "process" }, { title: "host" }, { title: "command" }, { title: "state" }],
      ...[
        { title: "units", number: true },
        { title: "attempts at most", number: true },
      ],
    ],
    rows: processes.map(({ pid, owner, command, state, presence, units, concurrency }) => [
      ...[String(pid), owner.split("/")[0] ?? "", command],
      presence === "alive" ? state : presence,
      count(units),
      concurrency === null ? "–" : count(concurrency),
    ]),
  });
}

function askedTable({ arms }: Status): Html | undefined {
  const rows = arms
    .filter((arm) => askedWords(arm) !== "")
    .map((arm) => [arm.run, askedWords(arm), arm.cancelled_whole ?? arm.paused ?? ""]);
  if (rows.length === 0) return undefined;
  return table({
    caption: "What people asked of runs, and still holds; cancelled attempts are no faults",
    columns: [{ title: "run" }, { title: "asked" }, { title: "by whom" }],
    rows,
  });
}

function workerTable({ workers }: Status): Html | undefined {
  if (workers.length === 0) return undefined;
  const columns = ["worker", "host", "state", "busy", "units", "images", "faults", "last heard"];
  return table({
    caption: "Workers that take units of a queue",
    columns: columns.map((title) => ({
      title,
      number: ["busy", "units", "images"].includes(title),
    })),
    rows: workers.map((worker) => [
      ...[worker.worker, worker.host, [workerState(worker), worker.note ?? ""].join(" ").trim()],
      ...[`${worker.busy} of ${worker.slots}`, count(worker.units), count(worker.images.length)],
      ...[workerFaults(worker) || "–", `${shortDuration(worker.heard_age_ms)} ago`],
    ]),
  });
}
