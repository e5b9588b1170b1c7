// Owns the overview's section of work under way, for the live view: progress, pairs with their last step, faults, workers, what was asked.
import type { Status } from "../status/status.ts";
import { faultCount } from "../status/text.ts";
import { type Html, html, trusted } from "./html.ts";
import { plural } from "./numbers.ts";
import { SOURCES, sourceNote } from "./source.ts";
import { steerTable } from "./steer.ts";
import {
  pairTable,
  processTable,
  progressTable,
  requestTable,
  type UnderWay,
  workerTable,
} from "./under-way-tables.ts";

/** Where the section stands in a page that is kept while it changes. */
const PLACE = "<!--under-way-->";
export const UNDER_WAY_PLACE = trusted(PLACE);

/** A page with the section in its place. */
export function withUnderWay(page: string, section: Html): string {
  return page.replace(PLACE, () => section.text);
}

/** The section, also when nothing is under way: it is asked for again when that changes. */
export function underWaySection(shown: UnderWay): Html {
  const { status } = shown;
  const tables = [
    progressTable(shown),
    pairTable(shown),
    steerTable(status, shown.steer),
    requestTable(shown),
    processTable(status),
    workerTable(status),
  ].flatMap((part) => part ?? []);
  const source = sourceNote([SOURCES.processes, SOURCES.rate, SOURCES.requests]);
  return html`<section id="under-way" aria-label="Under way"><h2>Under way</h2><p id="under-way-summary">${summary(status)}</p>${tables}${tables.length > 0 && source}</section>\n`;
}

/** `2 attempts under way by 1 process; 1 fault waits to be tried again.` */
function summary({ units, processes, arms, workers }: Status): string {
  const alive = processes.filter(({ presence }) => presence === "alive").length;
  const paused = arms.filter((arm) => arm.paused !== null).length;
  const faults = arms.reduce((sum, arm) => sum + faultCount(arm.faults), 0);
  const parts = [
    units.length === 0
      ? "Nothing is under way"
      : `${plural(units.length, "attempt")} under way by ${plural(alive, "process", "processes")}`,
    ...(workers.length === 0 ? [] : [plural(workers.length, "worker")]),
    ...(paused === 0 ? [] : [`${plural(paused, "run")} paused`]),
    ...(faults === 0 ? [] : [`${plural(faults, "open fault")}`]),
  ];
  return `${parts.join("; ")}.`;
}
