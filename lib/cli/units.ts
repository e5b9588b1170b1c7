// Owns reporting units as they finish: progress, result lines, each kind of fault once, and the closing count.

import type { Fault } from "../core/fault.ts";
import { plural } from "../core/text.ts";
import type { Counts } from "../engine/tally.ts";
import type { SuiteCounts } from "../eval/results.ts";
import type { Output, Row } from "./output.ts";
import { openProgress } from "./progress.ts";
import { faultLine } from "./step.ts";

export type FinishedUnit =
  | (Row & { readonly key: string; readonly fresh: boolean; readonly fault?: undefined })
  | { readonly key: string; readonly fault: Fault };

export type UnitReporter = Disposable & {
  /** How many units there are, once that is known; or how to look at them while the work goes on. */
  readonly start: (units: number | (() => Counts), suites?: () => SuiteCounts) => void;
  readonly done: (unit: FinishedUnit) => void;
  /**
   * Prints the totals and what is left, with the reason if there is one. Returns the number of units that are not
   * done: the command's own result.
   */
  readonly close: (end?: { readonly left: number; readonly stopped?: Fault | undefined }) => number;
};
type Words = {
  readonly doing: string;
  readonly did: string;
  /** What the units are, in the plural; attempts when absent. */
  readonly units?: string;
  readonly board?: boolean;
};

const DRAW_MS = 500;
/** In a log, one line in this many milliseconds is enough. */
const TELL_MS = 30_000;

/** With a `board` there is no bar. `doing` labels the bar, `did` the closing line, as in "12 merged, 640 merged before, 0 faults". */
export function reportUnits(out: Output, words: Words): UnitReporter {
  const progress = openProgress(words.doing, out.quiet || words.board === true);
  const faults: { key: string; fault: Fault }[] = [];
  let [finished, fresh, total] = [0, 0, 0];
  let look: (() => Counts) | undefined;
  const show = () => {
    if (look === undefined) return progress.show(finished, total);
    const seen = look();
    progress.show(seen.ended, seen.units, wordsOf(seen));
  };
  let tested: (() => SuiteCounts) | undefined;
  const wordsOf = (seen: Counts) => [countWords(seen), ...suiteWords(tested?.())].join(", ");
  let timer: ReturnType<typeof setInterval> | undefined;
  return {
    start(units, suites) {
      if (typeof units === "number") {
        total = units;
        return;
      }
      [look, tested] = [units, suites];
      if (words.board) return;
      const tell = () => out.say(`${words.doing}: ${wordsOf(units())}`);
      timer = progress.drawn ? setInterval(show, DRAW_MS) : setInterval(tell, TELL_MS);
      timer.unref();
    },
    done(unit) {
      finished++;
      show();
      if (unit.fault !== undefined) {
        faults.push(unit);
        const { fault, ...row } = unit;
        out.emit({ ...row, fault: fault.code, message: fault.message });
        return;
      }
      const { fresh: isFresh, ...row } = unit;
      if (isFresh) fresh++;
      out.emit(row);
    },
    close({ left, stopped } = { left: 0 }) {
      for (const line of faultLines(faults)) out.warn(line);
      for (const task of tested?.().untested ?? [])
        out.warn(
          `no suite of ${task} ran a test: check its image and runner before you trust its verdicts`,
        );
      const before = finished - fresh - faults.length;
      const rest = left === 0 ? "" : `, ${left} left`;
      out.say(
        `${fresh} ${words.did}, ${before} ${words.did} before, ${plural(faults.length, "fault")}${rest}`,
      );
      const { units = "attempts" } = words;
      if (left > 0 && stopped)
        out.warn(`stopped, ${left} ${units} are left: ${faultLine(stopped)}`);
      return faults.length + left;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      progress[Symbol.dispose]();
    },
  };
}

/** `12 of 30, 3 under way, 15 left`. */
function countWords({ ended, units, under_way, left }: Counts): string {
  return `${ended} of ${units}, ${under_way} under way, ${left} left`;
}

/** `7 suites run, 4 to come`: attempts end late, and together; their suites show that work goes on. */
function suiteWords(counts: SuiteCounts | undefined): string[] {
  return counts === undefined ? [] : [`${counts.run} suites run, ${counts.to_come} to come`];
}

/** One line for all units that met the same fault. */
function faultLines(faults: readonly { key: string; fault: Fault }[]): string[] {
  const alike = Map.groupBy(faults, ({ fault }) => `${fault.code} ${fault.message} ${fault.hint}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const others = group.length > 1 ? ` and ${group.length - 1} more` : "";
    return [`${first.key}${others}: ${faultLine(first.fault)}`];
  });
}
