// Owns reporting units as they finish: progress, result lines, faults said once a kind, and the closing count.
import type { Fault } from "../lib/fault.ts";
import type { Output, Row } from "./_output.ts";
import { openProgress } from "./_progress.ts";

export type FinishedUnit =
  | (Row & { readonly key: string; readonly fresh: boolean; readonly fault?: undefined })
  | { readonly key: string; readonly fault: Fault };

export type UnitReporter = Disposable & {
  /** How many units there are, once that is known. */
  readonly start: (total: number) => void;
  readonly done: (unit: FinishedUnit) => void;
  /** Says what came of it all, and returns the number of faults: the step's own result. */
  readonly close: () => number;
};

/** With a `board` there is no bar. `doing` labels the bar, `did` the closing line, as in "12 merged, 640 merged before, 0 faults". */
export function reportUnits(
  out: Output,
  words: { doing: string; did: string; board?: boolean },
): UnitReporter {
  const progress = openProgress(words.doing, out.quiet || words.board === true);
  const faults: { key: string; fault: Fault }[] = [];
  let [finished, fresh, total] = [0, 0, 0];
  return {
    start(units) {
      total = units;
    },
    done(unit) {
      progress.show(++finished, total);
      if (unit.fault !== undefined) {
        faults.push(unit);
        out.emit({ key: unit.key, fault: unit.fault.code, message: unit.fault.message });
        return;
      }
      const { fresh: isFresh, ...row } = unit;
      if (isFresh) fresh++;
      out.emit(row);
    },
    close() {
      for (const line of faultLines(faults)) out.warn(line);
      out.say(
        `${fresh} ${words.did}, ${finished - fresh - faults.length} ${words.did} before, ${faults.length} faults`,
      );
      return faults.length;
    },
    [Symbol.dispose]: () => progress[Symbol.dispose](),
  };
}

/** One line for all units that met the same fault. */
function faultLines(faults: readonly { key: string; fault: Fault }[]): string[] {
  const alike = Map.groupBy(faults, ({ fault }) => `${fault.code} ${fault.message} ${fault.hint}`);
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const others = group.length > 1 ? ` and ${group.length - 1} more` : "";
    return [
      `${first.key}${others}: ${first.fault.message} [${first.fault.code}] → ${first.fault.hint}`,
    ];
  });
}
