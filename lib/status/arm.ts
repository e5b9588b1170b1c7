// Owns what is known about one run under way: counts, faults, cost and forecast.
import type { ControlRow, LeaseRow, Setting, Step, UnitProgress } from "../../db/schema.ts";
import type { DoneCount, OpenFault, RunCounts, SpentOnRun } from "../../db/status.ts";
import { requestLine } from "../control/say.ts";
import type { Standing } from "../control/standing.ts";
import { addUp, type Sum } from "../core/money.ts";
import { etaMs, forecastUsd } from "./forecast.ts";

/** One row per run. Costs in US dollars, `eta_ms` in milliseconds; null is unknown. */
export type ArmStatus = {
  readonly run: string;
  readonly setting: Setting;
  readonly agent: string;
  readonly model: string | null;
  /** Attempts that are planned. */
  readonly total: number | null;
  readonly done: number;
  readonly merged: number;
  /** Under the policy `union`, without units that met a fault since. */
  readonly evaluated: number;
  readonly passed: number;
  /** Units that living processes work on. */
  readonly active: number;
  /** Units with a fault that is not overcome, by the code of their last fault. */
  readonly faults: Readonly<Record<string, number>>;
  /** Those of them that no process works on: they wait to be retried. */
  readonly waiting: number;
  /** Everything spent: attempts, faults, superseded, stopped and lost tries, units under way. */
  readonly cost_usd: number;
  /** Unknown parts of the cost, which are not in it: calls without a price, and calls that were cut off. */
  readonly unpriced: number;
  /** The request that pauses it, as a sentence; null: it is not paused. */
  readonly paused: string | null;
  /** The request that cancels the whole run, as a sentence; null: there is none. */
  readonly cancelled_whole: string | null;
  /** Attempts that are cancelled one by one. */
  readonly cancelled: number;
  readonly forecast_usd: number | null;
  readonly eta_ms: number | null;
};
/** What was read for all runs. */
export type Counted = {
  readonly leases: readonly LeaseRow[];
  readonly active: readonly LeaseRow[];
  readonly spent: readonly SpentOnRun[];
  readonly faults: readonly OpenFault[];
  readonly finished: readonly DoneCount[];
  readonly holds: Standing;
  /** Over which time `finished` was counted, milliseconds; null when no process works. */
  readonly window_ms: number | null;
};

/** The rows of a run put together; `total` is how many attempts are planned, null when unknown. */
export function armStatus(row: RunCounts, counted: Counted, total: number | null): ArmStatus {
  const ofRun = <T extends { run: string }>(rows: readonly T[]) =>
    rows.filter(({ run }) => run === row.run);
  const active = ofRun(counted.active);
  const faults = ofRun(counted.faults);
  const busy = new Set(active.map(({ unit }) => unit));
  const cost = costOf(ofRun(counted.spent)[0], { leases: ofRun(counted.leases), active });
  const finished = (step: Step) =>
    ofRun(counted.finished).find((count) => count.step === step)?.units ?? 0;
  const left = (done: number) => Math.max(0, (total ?? 0) - done);
  const paces = {
    run: { left: left(row.done), finished: finished("run") },
    eval: { left: left(row.evaluated), finished: finished("eval") },
    window_ms: counted.window_ms,
  };
  return {
    ...row,
    total,
    active: active.length,
    faults: countBy(faults.map(({ code }) => code)),
    waiting: faults.filter(({ unit }) => !busy.has(unit)).length,
    cost_usd: cost.cost_usd,
    unpriced: cost.unpriced,
    ...askedOf(row.run, counted.holds),
    forecast_usd: forecastUsd({ ...cost, done: row.done, total }),
    eta_ms: total === null ? null : etaMs(paces),
  };
}

function askedOf(run: string, holds: Standing) {
  const line = (row: ControlRow | undefined) => (row === undefined ? null : requestLine(row));
  return {
    paused: line(holds.paused(run)),
    cancelled_whole: line(holds.cancelledRun(run)),
    cancelled: holds.cancelledUnits(run).length,
  };
}

type Leased = { readonly leases: readonly LeaseRow[]; readonly active: readonly LeaseRow[] };

/** What is spent on a run; units whose process is gone have cost what they had cost, and their calls under way are lost. */
function costOf(spent: SpentOnRun | undefined, { leases, active }: Leased) {
  const settled_usd = spent?.usd ?? 0;
  const open = leases.map((lease) => unitCost(lease.progress, { gone: !active.includes(lease) }));
  const { known, unknown } = addUp([
    { known: settled_usd, unknown: spent?.unpriced ?? 0 },
    ...open,
  ]);
  return { settled_usd, cost_usd: known ?? 0, unpriced: unknown };
}

/** What a unit under way has cost. While its process lives, the cost of the calls under way is yet to come. */
export function unitCost(progress: UnitProgress | null, { gone = false } = {}): Sum {
  const { cost_usd: known = 0, unpriced = 0, cut_off = 0, in_flight = 0 } = progress ?? {};
  const unknown = unpriced + cut_off + (gone ? in_flight : 0);
  return { known, unknown: known === null ? Math.max(1, unknown) : unknown };
}

function countBy(words: readonly string[]): Record<string, number> {
  const groups = [...Map.groupBy(words, (word) => word)];
  return Object.fromEntries(groups.map(([word, all]) => [word, all.length]));
}
