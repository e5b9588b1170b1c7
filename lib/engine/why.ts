// Owns what a plan says of units: which are done, and why the others are to be done.
import type { Ledger } from "../../db/ledger.ts";
import { type Look, look } from "./done.ts";
import type { Looks } from "./done-checks.ts";
import { NOTHING_COUNTS } from "./places.ts";

/** `why` is null for a unit that is done; `NEW` for one that never was. */
export type PlannedUnit = {
  readonly key: string;
  readonly done: boolean;
  readonly why: string | null;
};

/** Why a unit that was never done is to be done. */
export const NEW = "new";

type Known = {
  readonly ledger: Pick<Ledger, "faults" | "superseded">;
  readonly force?: boolean | undefined;
};

/** What a stage would do with these units, in their order. Reads and does nothing else. */
export async function planUnits<U, I, S>(
  stage: Looks<U, I, S>,
  units: readonly U[],
  { ledger, force }: Known,
): Promise<PlannedUnit[]> {
  const looks = await look(stage, units, force === true ? NOTHING_COUNTS : undefined);
  const stored = stage.stored(units);
  const faults = faultsOf(ledger, stage.name);
  const aside = new Map(
    stage.name === "run"
      ? ledger.superseded.all().map(({ attempt_key, reason }) => [attempt_key, reason])
      : [],
  );
  return units.map((unit, index) => {
    const { unit: key } = stage.about(unit);
    const found = looks[index];
    if (found === undefined || found.kind === "done") return { key, done: true, why: null };
    const before = stored[index];
    const why =
      prevented(found) ??
      (before === undefined ? undefined : changed(stage, { found, before, force })) ??
      faults.get(key) ??
      againText(aside.get(key)) ??
      NEW;
    return { key, done: false, why };
  });
}

/** So many of each reason, the most frequent first; those of units that are done or were never done are omitted. */
export function reasons(units: readonly PlannedUnit[]): { why: string; units: number }[] {
  const again = units.flatMap(({ why }) => (why === null || why === NEW ? [] : why));
  const groups = Map.groupBy(again, (why) => why);
  return [...groups]
    .map(([why, all]) => ({ why, units: all.length }))
    .sort((a, b) => b.units - a.units);
}

function prevented<I, S>(found: Look<I, S>): string | undefined {
  if (!("fault" in found)) return undefined;
  const { code, message, hint } = found.fault;
  return `cannot be done: ${message} [${code}] → ${hint}`;
}

type Before<I, S> = {
  readonly found: Look<I, S>;
  readonly before: S;
  readonly force: boolean | undefined;
};

function changed<U, I, S>(stage: Looks<U, I, S>, { found, before, force }: Before<I, S>) {
  if (force === true) return "--force";
  return found.kind === "to do" ? stage.changed(before, found.inputs) : undefined;
}

/** The last fault of each unit in the stage that nothing has overcome since. */
function faultsOf(ledger: Known["ledger"], step: string): ReadonlyMap<string, string> {
  const open = ledger.faults.open().filter((fault) => fault.step === step);
  return new Map(open.map(({ unit, code }) => [unit, `fault ${code} is retried`]));
}

/** What was set aside: by `retry`, or by `--force` in a call that was interrupted. */
function againText(reason: string | undefined): string | undefined {
  return reason === undefined ? undefined : `set aside before (${reason})`;
}
