// Owns what a process that works does about requests: it reads them at its heartbeats, and tells its work what holds.
import type { Ledger } from "../../db/ledger.ts";
import type { ControlRow, ProcessRow } from "../../db/schema.ts";
import { noun, plural } from "../core/text.ts";
import { requestLine } from "./say.ts";
import { type Standing, standing } from "./standing.ts";

/** Attempts at a time, as a command was told; `explicit`: on its command line. */
export type Width = { readonly given: number; readonly explicit: boolean };

export type Control = {
  /** The process works on these runs: what holds of them is said once, in one line. */
  readonly works: (runs: readonly string[]) => void;
  /** Nothing of a run is begun while it is true. */
  readonly paused: (run: string) => boolean;
  /** The request by which an attempt is not to be begun, and not to go on. */
  readonly cancelled: (run: string, attempt_key: string) => ControlRow | undefined;
  /** Keys of attempts that were left as they are cancelled, and not resumed since. */
  readonly left: Set<string>;
  /** Says at the end what was left so, if anything. */
  readonly tellLeft: () => void;
  /** How many units may be under way now: what was asked for last, on the command line or since. */
  readonly width: (told: Width) => () => number;
  /** Reads what is new. Throws what the ledger throws. */
  readonly read: () => void;
  /** Called when something else holds than before. */
  readonly onChange: (listener: () => void) => Disposable;
  /** What the process says of itself with its heartbeat. */
  readonly says: () => Pick<ProcessRow, "runs" | "concurrency" | "control_id"> & {
    readonly paused: boolean;
  };
};

type Options = {
  readonly ledger: Pick<Ledger, "controls" | "runs" | "work">;
  readonly owner: string;
  /** Writes what others only look at: where that cannot be done at the moment, the work goes on without it. */
  readonly write: (act: () => void) => unknown;
  /** Where a person reads what is obeyed. */
  readonly say?: ((line: string) => void) | undefined;
};

/** Obeys what is asked of the runs that the process works on, from what holds when it begins. */
export function openControl({ ledger, owner, write, say = () => undefined }: Options): Control {
  const runs = new Set<string>();
  const listeners = new Set<() => void>();
  const left = new Set<string>();
  const began = ledger.controls.last();
  let [seen, rows]: [number, readonly ControlRow[]] = [-1, []];
  let holds: Standing = standing([], new Map());
  let width: (() => number) | undefined;
  let untold: string[] = [];
  const look = () => {
    rows = ledger.controls.all();
    seen = rows.at(-1)?.id ?? 0;
    holds = standing(rows, ledger.runs.studies());
  };
  const ours = () => rows.filter((row) => holds.concerns(row, runs));
  const obeyed = (some: readonly ControlRow[]) => {
    const fresh = some.filter(({ applied_at }) => applied_at === null).map(({ id }) => id);
    if (fresh.length > 0) write(() => ledger.controls.applied(fresh, owner));
  };
  const tellWhatHolds = () => {
    // Whose run it is may have been said since the last look.
    look();
    const line = standingLine(holds, untold);
    untold = [];
    if (line !== "") say(line);
    obeyed(ours());
  };
  const says = () => ({
    runs: [...runs],
    concurrency: width?.() ?? null,
    control_id: Math.max(0, seen),
    paused: runs.size > 0 && [...runs].every((run) => holds.paused(run) !== undefined),
  });
  return {
    works(more) {
      const added = more.filter((run) => run !== "" && !runs.has(run));
      if (added.length === 0) return;
      for (const run of added) runs.add(run);
      untold.push(...added);
      tellWhatHolds();
      write(() => ledger.work.works(owner, says()));
    },
    paused: (run) => holds.paused(run) !== undefined,
    cancelled: (run, attempt_key) => holds.cancelled(run, attempt_key),
    left,
    tellLeft() {
      const [first] = left;
      if (first === undefined) return;
      const are = `${plural(left.size, "attempt")} ${noun(left.size, "is", "are")}`;
      const run = first.slice(0, first.indexOf("/"));
      const whole = holds.cancelledRun(run) === undefined ? ` ${first}` : "";
      const again = `tandem ctl ${run} resume${whole}, or tandem retry -n ${run}`;
      say(`${are} cancelled and left undone; to have it done: ${again}`);
    },
    width({ given, explicit }) {
      width = () => {
        const asked = holds.concurrency(runs);
        // The command line of a process that began later is the later word.
        return asked === undefined || (explicit && asked.id <= began)
          ? given
          : (asked.concurrency ?? given);
      };
      return width;
    },
    read() {
      const before = seen;
      if (ledger.controls.last() === before) return;
      look();
      const fresh = ours().filter(({ id }) => id > before);
      if (fresh.length === 0) return;
      for (const line of freshLines(fresh)) say(line);
      for (const listener of listeners) listener();
      obeyed(fresh);
    },
    onChange(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    says,
  };
}

/** One line per request; many units that are asked for at once share one. */
function freshLines(rows: readonly ControlRow[]): string[] {
  const groups = Map.groupBy(rows, ({ at, verb, unit, id }) => (unit === null ? id : at + verb));
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const others = group.length - 1;
    return [
      `${requestLine(first)}${others === 0 ? "" : `, and ${plural(others, "more attempt")}`}`,
    ];
  });
}

/** What was asked of these runs before, and still holds; empty: nothing. */
function standingLine(holds: Standing, runs: readonly string[]): string {
  const whole = runs.flatMap((run) => [
    ...[holds.paused(run), holds.cancelledRun(run), holds.concurrency(new Set([run]))],
  ]);
  const units = runs.flatMap((run) => holds.cancelledUnits(run));
  const parts = new Set(whole.flatMap((row) => (row === undefined ? [] : requestLine(row))));
  const cancelled = units.length === 0 ? [] : [`${plural(units.length, "attempt")} cancelled`];
  const all = [...parts, ...cancelled];
  return all.length === 0 ? "" : `still holds: ${all.join("; ")}`;
}
