// Owns what is known of requests: whether they still hold, and which processes obey them.
import type { Ledger } from "../../db/ledger.ts";
import type { ControlRow, ProcessRow } from "../../db/schema.ts";
import { presenceOf } from "../core/owner.ts";
import { standing } from "./standing.ts";
import type { Target } from "./target.ts";

export type ShownRequest = Omit<ControlRow, "applied_by"> & {
  /** Whether it is in force: not taken back, and nothing later takes its place. `resume` takes back, and holds nothing. */
  readonly holds: boolean;
  /** Living processes that work on what it is about, and those of them that obey it. */
  readonly processes: number;
  readonly obeying: number;
};
type Known = ShownRequest & { readonly runs: ReadonlySet<string> };

/** Requests in their order: those about a target, or all that hold. */
export function shownRequests(ledger: Ledger, target?: Target): ShownRequest[] {
  return knownRequests(ledger)
    .filter(({ holds, runs, scope, name }) =>
      target === undefined
        ? holds
        : (scope === target.scope && name === target.name) ||
          target.runs.some((run) => runs.has(run)),
    )
    .map(({ runs: _, ...row }) => row);
}

/** The last requests about any of these runs (all when undefined), whether they hold or not, the latest first. */
export function lastRequests(
  ledger: Ledger,
  { runs: wanted, most }: { readonly runs?: readonly string[] | undefined; readonly most: number },
): ShownRequest[] {
  return knownRequests(ledger)
    .filter(({ runs }) => wanted === undefined || wanted.some((run) => runs.has(run)))
    .slice(-most)
    .reverse()
    .map(({ runs: _, ...row }) => row);
}

function knownRequests(ledger: Ledger): Known[] {
  const [rows, studies] = [ledger.controls.all(), ledger.runs.studies()];
  if (rows.length === 0) return [];
  const holds = standing(rows, studies);
  const alive = workingProcesses(ledger);
  return rows.map(({ applied_by: _, ...row }) => {
    const runs = new Set(
      row.scope === "run"
        ? [row.name]
        : [...studies].filter(([, study]) => study === row.name).map(([run]) => run),
    );
    const force = [
      ...[...runs].flatMap((run) => [
        ...[holds.paused(run), holds.cancelledRun(run), holds.concurrency(new Set([run]))],
        ...holds.cancelledUnits(run),
      ]),
    ];
    const concerned = alive.filter((process) => process.runs.some((run) => runs.has(run)));
    return {
      ...row,
      holds: force.some((one) => one?.id === row.id),
      processes: concerned.length,
      obeying: concerned.filter(({ control_id }) => control_id >= row.id).length,
      runs,
    };
  });
}

/** Requests by which runs or attempts are cancelled now. */
export function cancelledOf(ledger: Pick<Ledger, "controls" | "runs">): ControlRow[] {
  const [rows, studies] = [ledger.controls.all(), ledger.runs.studies()];
  const holds = standing(rows, studies);
  return [...new Set(rows.map(({ name }) => name))].flatMap((run) => {
    const whole = holds.cancelledRun(run);
    return [...(whole === undefined ? [] : [whole]), ...holds.cancelledUnits(run)];
  });
}

/** Processes that are there, as far as it can be told from here, and have said which runs they work on. */
export function workingProcesses(ledger: Pick<Ledger, "status">): ProcessRow[] {
  const now = Date.now();
  return ledger.status
    .processes()
    .filter(
      ({ owner, heartbeat_at }) => presenceOf(owner, now - Date.parse(heartbeat_at)) === "alive",
    )
    .filter(({ runs }) => runs.length > 0);
}
