// Owns queueing units again: faults at once, what was cancelled, outcomes as new attempts; earlier results are kept.
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { moveAside } from "../attempt/superseded.ts";
import { asker } from "../control/say.ts";
import { cancelledOf } from "../control/show.ts";
import { selectRows } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";
import { selected } from "../select/selects.ts";
import { openWork } from "../work/work.ts";

export type RetryRequest = {
  readonly ledger: Ledger;
  readonly filters: Selection;
  /** Attempts that ended so are made again; absent: faults, and what was cancelled. */
  readonly outcomes?: readonly string[] | undefined;
  /** Only faults with these codes; what was cancelled stays so then. */
  readonly codes?: ReadonlySet<string> | undefined;
  /** Only says what would be. */
  readonly dry: boolean;
  readonly log_dir: string;
  /** Who asks; user and host when absent. */
  readonly asked_by?: string | undefined;
};
/** `busy`: a process works on it. */
export type Retried = {
  readonly key: string;
  readonly asked_for: "fault" | "outcome" | "cancelled" | "busy";
  readonly was: string;
};

/** Queues what is selected again. Throws UsageError for a selection of nothing known. */
export function retry(request: RetryRequest): Retried[] {
  const rows = selectRows(request.ledger, { filters: request.filters, policy: "union" });
  if (request.outcomes !== undefined) return again(request, rows, request.outcomes);
  return [...requeue(request, rows), ...(request.codes === undefined ? resume(request) : [])];
}

/** Marks open faults: a running process takes them up, and any later one would do so anyway. */
function requeue({ ledger, dry, codes }: RetryRequest, rows: readonly OutcomeRow[]): Retried[] {
  const keys = new Set(rows.map(({ attempt_key }) => attempt_key));
  const open = ledger.faults
    .open()
    // Nothing here takes up the faults of imported attempts.
    .filter(
      ({ unit, code }) => keys.has(unit) && code !== "foreign_fault" && (codes?.has(code) ?? true),
    );
  if (!dry) ledger.faults.requeue(open.map(({ id }) => id));
  const units = Map.groupBy(open, ({ unit, step }) => `${unit} ${step}`);
  return [...units.values()].flatMap((faults): Retried[] => {
    const last = faults.at(-1);
    return last ? [{ key: last.unit, asked_for: "fault", was: last.code }] : [];
  });
}

/** Takes back that attempts, or whole runs, are cancelled: what a running process left so it takes up, as any later one does. */
function resume({ ledger, dry, filters, asked_by = asker() }: RetryRequest): Retried[] {
  const rows = selected(ledger, filters, cancelledOf(ledger));
  const asked = rows.map(({ scope, name, unit }) => ({ scope, name, unit, asked_by }));
  if (!dry) ledger.controls.ask(asked.map((row) => ({ ...row, verb: "resume" })));
  return rows.map(({ unit, name }) => ({
    ...{ key: unit ?? name, asked_for: "cancelled", was: "cancelled" },
  }));
}

/** Takes attempts out of what counts; their rows stay in the ledger, their files move next to the others. */
function again(
  { ledger, dry, log_dir }: RetryRequest,
  rows: readonly OutcomeRow[],
  outcomes: readonly string[],
): Retried[] {
  // Joining releases what dead processes held: those units are not busy.
  using _joined = dry ? undefined : openWork({ ledger, command: "retry" });
  const held = new Set(ledger.work.leases().map(({ unit }) => unit));
  const ended = ledger.attempts.outcomes(rows.map(({ attempt_key }) => attempt_key));
  return rows.flatMap(({ attempt_key: key, outcome }): Retried[] => {
    const found = [outcome, ended.get(key)].find((word) => word && outcomes.includes(word));
    if (!found) return [];
    if (dry) return [{ key, asked_for: held.has(key) ? "busy" : "outcome", was: found }];
    const folder = ledger.superseded.setAside(key, `retry: ${found}`);
    if (folder === undefined) return [{ key, asked_for: "busy", was: found }];
    moveAside(join(log_dir, key), join(log_dir, folder));
    return [{ key, asked_for: "outcome", was: found }];
  });
}
