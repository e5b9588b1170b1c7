// Owns the tables of work under way: runs, active pairs, requests, processes, workers.
import { requestText } from "../control/say.ts";
import type { ShownRequest } from "../control/show.ts";
import { shortDuration } from "../core/text.ts";
import type { PassRate } from "../report/rate.ts";
import type { ArmStatus } from "../status/arm.ts";
import type { ActiveUnit, Status } from "../status/status.ts";
import { askedWords } from "../status/tables.ts";
import { dollars, faultCount, faultWords, pairWithin } from "../status/text.ts";
import { workerFaults, workerState } from "../status/workers.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, OVERVIEW, PAIRS, pagePath, tableState } from "./links.ts";
import { count, firstLine, percent, percentRange } from "./numbers.ts";
import { table } from "./parts.ts";
import { askButton, isOpen, type Steer } from "./steer.ts";

export type UnderWay = {
  readonly status: Status;
  /** Pass rates so far by run, as reports define them. */
  readonly rates: ReadonlyMap<string, PassRate>;
  /** The last requests, the latest first. */
  readonly requests: readonly ShownRequest[];
  /** What an attempt under way did last, in one line, by its key. */
  readonly last: ReadonlyMap<string, string>;
  /** Present where whoever has the token may steer. */
  readonly steer?: Steer | undefined;
};

const numbered = (titles: readonly string[], numbers: readonly string[]) =>
  titles.map((title) => ({ title, number: numbers.includes(title) }));

/** One row per run that something happens to, or is left of. */
export function progressTable({ status, rates }: UnderWay): Html | undefined {
  const arms = status.arms.filter(isOpen);
  if (arms.length === 0) return undefined;
  const titles = ["run", "progress", "passed so far", "95 %", "now", "faults"];
  return table({
    caption:
      "Progress of runs; rates so far are of the attempts that are evaluated, by the report's definition",
    columns: numbered(
      [...titles, "cost", "forecast", "time left", "asked"],
      ["passed so far", "95 %", "now", "cost", "forecast", "time left"],
    ),
    rows: arms.map((arm) => {
      const rate = rates.get(arm.run);
      return [
        html`<a href="${link(OVERVIEW, PAIRS, tableState({ run: arm.run }))}">${arm.run}</a>`,
        progress(arm),
        rate === undefined || rate.attempted === 0
          ? "–"
          : `${rate.passed} of ${rate.attempted}: ${percent(rate.rate)}`,
        percentRange(rate?.wilson_low ?? null, rate?.wilson_high ?? null),
        count(arm.active),
        faults(arm),
        dollars(arm.cost_usd, arm.unpriced),
        arm.total === null ? "–" : dollars(arm.forecast_usd),
        timeLeft(arm),
        askedWords(arm) || "–",
      ];
    }),
  });
}

function progress({ run, done, total, evaluated }: ArmStatus): Slot {
  const said = `${total === null ? count(done) : `${count(done)} of ${count(total)}`} done, ${count(evaluated)} evaluated`;
  if (total === null || total === 0) return said;
  return html`<progress max="${total}" value="${Math.min(done, total)}" aria-label="${run}: ${said}"></progress> <span class="so-far">${said}</span>`;
}

function faults({ faults: open, waiting }: ArmStatus): string {
  if (faultCount(open) === 0) return "–";
  return `${faultWords(open)}${waiting === 0 ? "" : `; ${waiting} waiting`}`;
}

function timeLeft({ total, eta_ms }: ArmStatus): string {
  if (total === null) return "–";
  if (eta_ms === null) return "?";
  return eta_ms === 0 ? "none" : `about ${shortDuration(eta_ms)}`;
}

const LAST = 120;

export function pairTable({ status, last, steer }: UnderWay): Html | undefined {
  if (status.units.length === 0) return undefined;
  const titles = ["pair", "run", "stage", "steps", "last step", "for", "cost"];
  return table({
    caption: "Pairs under way; each leads to its page, which follows it step by step",
    columns: [
      ...numbered(titles, ["steps", "for", "cost"]).map((column) =>
        column.title === "last step" ? { ...column, words: true } : column,
      ),
      ...(steer === undefined ? [] : [{ title: "steer" }]),
    ],
    rows: status.units.map((unit) => [
      html`<a href="${link(OVERVIEW, pagePath(unit.unit))}">${pairWithin(unit.unit, Number.POSITIVE_INFINITY)}</a>`,
      ...[unit.run, unit.step, stepsOf(unit)],
      firstLine(last.get(unit.unit) ?? unit.doing ?? "", LAST),
      shortDuration(unit.age_ms),
      unit.step === "run" ? dollars(unit.cost_usd, unit.unpriced) : "–",
      ...(steer === undefined ? [] : [cancelButton(unit)]),
    ]),
  });
}

const stepsOf = ({ agents }: ActiveUnit) =>
  agents.length === 0 ? "–" : agents.map(({ steps }) => steps).join(" + ");

export function cancelButton({ unit, run }: Pick<ActiveUnit, "unit" | "run">): Html {
  return askButton("Cancel", {
    ...{ do: "cancel", name: run, keys: [unit] },
    confirm: `Stop ${unit}, and leave it undone until it is resumed?`,
  });
}

/** What was asked last, whether it was taken, and by whom it was asked; what this view refused first. */
export function requestTable({ requests, steer }: UnderWay): Html | undefined {
  const refused = steer?.said ?? [];
  if (requests.length + refused.length === 0) return undefined;
  return table({
    caption: "What people asked of runs, the latest first",
    columns: [
      ...[{ title: "asked", words: true }, { title: "state" }, { title: "by" }, { title: "at" }],
    ],
    rows: [
      ...refused.map(({ at, by, what, state }) => [what, state, by, clock(at)]),
      ...requests.map((row) => [requestText(row), stateOf(row), row.asked_by, clock(row.at)]),
    ],
  });
}

/** `14:02:05`. */
const clock = (at: string) => `${at.slice(0, 10)} ${at.slice(11, 19)}`;

/** `taken`, `asked: 1 of 2 processes obey`, `asked: no process works on it now`; what no longer holds says so. */
export function stateOf({ verb, holds, processes, obeying, applied_at }: ShownRequest): string {
  const over = holds || verb === "resume" ? "" : "; no longer holds";
  if (processes > 0 && obeying < processes)
    return `asked: ${obeying} of ${processes} processes obey${over}`;
  if (applied_at !== null || processes > 0) return `taken${over}`;
  return `asked: no process works on it now${over}`;
}

export function processTable({ processes }: Status): Html | undefined {
  if (processes.length === 0) return undefined;
  const titles = ["process", "host", "command", "state", "units", "attempts at most", "last seen"];
  return table({
    caption: "Processes that work on attempts",
    columns: numbered(titles, ["units", "attempts at most", "last seen"]),
    rows: processes.map((one) => [
      ...[String(one.pid), one.owner.split("/")[0] ?? "", one.command],
      one.presence === "alive" ? one.state : one.presence,
      count(one.units),
      one.concurrency === null ? "–" : count(one.concurrency),
      `${shortDuration(one.heartbeat_age_ms)} ago`,
    ]),
  });
}

export function workerTable({ workers }: Status): Html | undefined {
  if (workers.length === 0) return undefined;
  const columns = ["worker", "host", "state", "busy", "units", "images", "faults", "last heard"];
  return table({
    caption: "Workers that take units of a queue",
    columns: numbered(columns, ["busy", "units", "images"]),
    rows: workers.map((worker) => [
      ...[worker.worker, worker.host, [workerState(worker), worker.note ?? ""].join(" ").trim()],
      ...[`${worker.busy} of ${worker.slots}`, count(worker.units), count(worker.images.length)],
      ...[workerFaults(worker) || "–", `${shortDuration(worker.heard_age_ms)} ago`],
    ]),
  });
}
