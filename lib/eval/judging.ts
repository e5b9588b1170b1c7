// Owns the result of a suite's run: an outcome, by one rule over all readers, and the marks next to it.
import { SUITE_MARKS, type SuiteMark, type SuiteOutcome } from "../core/vocabulary.ts";
import type { TestReport, Unit } from "./counts.ts";
import { FORMATS, type Formats } from "./formats/registry.ts";

/** How a runner ended. */
export type Ending = {
  readonly exit_code: number;
  readonly timed_out: boolean;
  readonly oom_killed: boolean;
  readonly disk_exceeded?: boolean;
};
/** What pytest itself reported, outside its output: how many outermost sessions began and how many finished. */
export type Sessions = { readonly began: number; readonly finished: number };
export type Judgement = { readonly outcome: SuiteOutcome; readonly marks: readonly SuiteMark[] };

/** Exit statuses of `timeout`, and of whoever kills. */
const CUT = [124, 137];

/**
 * A suite passes when its runner exits 0, at least one test passed (CooperBench's rule), and every outermost unit that
 * began has concluded. Pytest's own report is trusted over its output. By the output alone a unit counts as unfinished
 * when it began for certain or is the last; another may be what a test printed, and is only marked.
 */
export function judge(ending: Ending, report: TestReport, told: Sessions | undefined): Judgement {
  const open = unfinished(report, told);
  const cut = told !== undefined && told.finished < told.began;
  const last = report.units.at(-1);
  const broke = cut || open.some((unit) => unit.certain || unit === last);
  const good = ending.exit_code === 0 && !ending.timed_out;
  const found: Record<SuiteMark, boolean> = {
    "contradicts its summary": report.failed + report.errors > 0,
    "unfinished session": cut || open.length > 0,
    "sessions unproven": told === undefined && report.units.some(isAsked),
    "repeated alone": false,
  };
  // A runner that fails says so itself.
  const marks = good ? SUITE_MARKS.filter((mark) => found[mark]) : [];
  return { outcome: outcomeOf(ending, report, broke), marks };
}

function outcomeOf(ending: Ending, report: TestReport, broke: boolean): SuiteOutcome {
  if (ending.timed_out) return "tests timed out";
  if (ending.oom_killed && ending.exit_code !== 0) return "out of memory";
  if (ending.disk_exceeded) return "failed";
  const closed = report.summary && !broke;
  if (CUT.includes(ending.exit_code) && !closed) return "tests timed out";
  if (ending.exit_code !== 0) return "failed";
  if (report.passed === 0 || !report.summary) return "no tests ran";
  return broke ? "failed" : "passed";
}

/** Whether the unit's runner was asked to report its sessions itself. */
function isAsked({ framework }: Unit): boolean {
  const formats: Formats = FORMATS;
  return formats[framework]?.proves_sessions === true;
}

/** Units that the output leaves open; pytest's own report decides for its sessions, if there is one. */
function unfinished({ units }: TestReport, told: Sessions | undefined): Unit[] {
  const open = units.filter(({ concluded }) => !concluded);
  return told === undefined || told.began === 0 ? open : open.filter((unit) => !isAsked(unit));
}
