// Owns what is known about work under way at one moment: runs with their counts and forecasts, active units, processes, models.

import type { Ledger } from "../../db/ledger.ts";
import type { LeaseRow, ModelLoad, ProcessRow, UnitProgress } from "../../db/schema.ts";
import { standing } from "../control/standing.ts";
import { sumOf } from "../core/lists.ts";
import { type Presence, presenceOf } from "../core/owner.ts";
import { type ArmStatus, armStatus, type Counted, unitCost } from "./arm.ts";
import { averageSinceStart, type TokenMeter } from "./tokens.ts";
import { type WorkerStatus, workerStatuses } from "./workers.ts";

/** A unit that a living process works on; its fields of progress are as of the last heartbeat. */
export type ActiveUnit = Pick<LeaseRow, "unit" | "step" | "run" | "owner"> & {
  readonly doing: string | null;
  readonly age_ms: number;
  readonly agents: UnitProgress["agents"];
  /** US dollars that are known, and calls whose cost is not. */
  readonly cost_usd: number | null;
  readonly unpriced: number;
  readonly tokens: number;
};
export type ProcessStatus = Pick<
  ProcessRow,
  "owner" | "pid" | "command" | "state" | "tokens" | "runs" | "concurrency"
> & {
  readonly presence: Presence;
  readonly units: number;
  readonly age_ms: number;
  readonly heartbeat_age_ms: number;
};
export type Status = {
  /** UTC, ISO 8601. */
  readonly at: string;
  readonly arms: readonly ArmStatus[];
  readonly units: readonly ActiveUnit[];
  readonly processes: readonly ProcessStatus[];
  readonly workers: readonly WorkerStatus[];
  /** What the living processes' providers allow, added up by model. */
  readonly models: readonly ModelLoad[];
  /** Model tokens of all kinds, of all living processes. */
  readonly tokens_per_min: number | null;
};

export type StatusOptions = {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Runs to show; all when absent. Processes and models are shown whatever they work on. */
  readonly runs?: readonly string[] | undefined;
  /** Attempts planned, by run; what the ledger says of it when absent. */
  readonly totals?: ReadonlyMap<string, number> | undefined;
  /** Passed at every look, it makes `tokens_per_min` the rate of the last minute. */
  readonly meter?: TokenMeter | undefined;
};

/** A process that was killed stays in the ledger: it is shown for an hour, or while units are in its name. */
const GONE_SHOWN_MS = 3_600_000;
const PACE_MS = 30 * 60_000;

/** Everything about the work under way, as the ledger is at one moment. Reads counts and no bulk, and writes nothing. */
export function readStatus(
  ledger: Pick<Ledger, "status" | "controls" | "workers" | "runs">,
  options: StatusOptions,
): Status {
  const { now, runs, meter = averageSinceStart } = options;
  const store = ledger.status;
  return store.atOnce(() => {
    const leases = store.leases(runs);
    const rows = store.processes();
    const processes = rows.map((row) => processStatus(row, { leases, now }));
    const alive = rows.filter((_, index) => processes[index]?.presence === "alive");
    const owners = new Set(alive.map(({ owner }) => owner));
    const active = leases.filter(({ owner }) => owners.has(owner));
    const began = alive.map(({ started_at }) => Date.parse(started_at));
    const since = began.length === 0 ? null : Math.max(now - PACE_MS, Math.min(...began));
    const counted: Counted = {
      leases,
      active,
      spent: store.spent(runs),
      faults: store.openFaults(runs),
      holds: standing(ledger.controls.all(), ledger.runs.studies()),
      finished: since === null ? [] : store.doneSince(new Date(since).toISOString(), runs),
      window_ms: since === null ? null : Math.max(1, now - since),
    };
    const totals = options.totals ?? store.planned();
    const tokens = alive.map(({ owner, tokens, started_at }) => ({
      owner,
      tokens,
      began_ms: Date.parse(started_at),
    }));
    return {
      at: new Date(now).toISOString(),
      arms: store.counts(runs).map((row) => armStatus(row, counted, totals.get(row.run) ?? null)),
      units: active.map((lease) => activeUnit(lease, now)),
      processes: processes.filter(isShown),
      workers: workerStatuses(ledger.workers.all(), now),
      models: addUp(alive.flatMap(({ models }) => models)),
      tokens_per_min: meter(tokens, now),
    };
  });
}

function activeUnit({ unit, step, run, owner, claimed_at, progress }: LeaseRow, now: number) {
  const { known, unknown } = unitCost(progress);
  return {
    unit,
    step,
    run,
    owner,
    doing: progress?.doing ?? null,
    age_ms: ageOf(claimed_at, now),
    agents: progress?.agents ?? [],
    cost_usd: known,
    unpriced: unknown,
    tokens: progress?.tokens ?? 0,
  };
}

function processStatus(
  row: ProcessRow,
  { leases, now }: { leases: readonly LeaseRow[]; now: number },
): ProcessStatus {
  const { owner, pid, command, state, tokens, runs, concurrency } = row;
  const heartbeat_age_ms = ageOf(row.heartbeat_at, now);
  return {
    owner,
    pid,
    command,
    state,
    tokens,
    runs,
    concurrency,
    presence: presenceOf(owner, heartbeat_age_ms),
    units: leases.filter((lease) => lease.owner === owner).length,
    age_ms: ageOf(row.started_at, now),
    heartbeat_age_ms,
  };
}

function isShown({ presence, units, heartbeat_age_ms }: ProcessStatus): boolean {
  return presence === "alive" || units > 0 || heartbeat_age_ms < GONE_SHOWN_MS;
}

function addUp(loads: readonly ModelLoad[]): ModelLoad[] {
  return [...Map.groupBy(loads, ({ model }) => model)].map(([model, own]) => ({
    model,
    in_flight: sumOf(own, (load) => load.in_flight),
    limit: sumOf(own, (load) => load.limit),
    retries: sumOf(own, (load) => load.retries),
    last_rate_limit_at:
      own
        .flatMap((load) => load.last_rate_limit_at ?? [])
        .sort()
        .at(-1) ?? null,
  }));
}

/** A clock that was set back makes nothing younger than 0. */
function ageOf(moment: string, now: number): number {
  return Math.max(0, now - Date.parse(moment));
}
