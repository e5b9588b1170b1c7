// Owns the work of `retry`: queues units again: faults at once, outcomes as new attempts; earlier results are kept.

import type { Ledger } from "../../../db/ledger.ts";
import type { OutcomeRow } from "../../../db/outcomes.ts";
import { AGENT_OUTCOMES, OUTCOMES } from "../../core/vocabulary.ts";
import type { Selection } from "../../select/selection.ts";
import { oneOf } from "../args.ts";
import type { RETRY_FLAGS } from "../flags/retry.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  ledger: open,
}: CommandContext<typeof RETRY_FLAGS>): Promise<number> {
  const { UsageError } = await import("../../core/fault.ts");
  const { selection } = await import("../select.ts");
  const { selectRows } = await import("../../select/select.ts");
  if (args.outcome !== undefined && args.fault !== undefined)
    throw new UsageError("--outcome and --fault do not go together: give one of them");
  const ledger = await open();
  const filters = await selection(words, args);
  const rows = selectRows(ledger, { filters, policy: "union" });
  const call = { ledger, rows, dry: args["dry-run"] === true };
  const asked =
    args.outcome === undefined
      ? [
          ...requeue({ ...call, codes: await faultCodes(args.fault) }),
          ...(args.fault === undefined ? await resume({ ledger, dry: call.dry, filters }) : []),
        ]
      : await again({ ...call, outcomes: await listOf(args.outcome), log_dir: args["log-dir"] });
  for (const row of asked) out.emit(row);
  const busy = asked.filter(({ asked_for }) => asked_for === "busy").length;
  if (busy > 0) out.warn(`${busy} units are under way: retry them when they are done`);
  const how = call.dry ? "would be queued again" : "queued again";
  const next =
    call.dry || asked.length === busy ? "" : "; the running study or the next call does them";
  out.say(`${asked.length - busy} ${how}${next}`);
  return 0;
}

const RETRIED = [...new Set([...OUTCOMES, ...AGENT_OUTCOMES])];

type Call = {
  readonly ledger: Ledger;
  readonly rows: readonly OutcomeRow[];
  readonly dry: boolean;
};

type Asked = { key: string; asked_for: "fault" | "outcome" | "cancelled" | "busy"; was: string };

async function listOf(value: string): Promise<string[]> {
  const words = value.split(",").map((word) => word.trim());
  return await Promise.all(words.map((word) => oneOf("--outcome", word, RETRIED)));
}

async function faultCodes(value: string | undefined): Promise<ReadonlySet<string> | undefined> {
  if (value === undefined) return undefined;
  const { FAULT_CODES } = await import("../../core/fault.ts");
  const words = value.split(",").map((word) => word.trim());
  return new Set(await Promise.all(words.map((word) => oneOf("--fault", word, FAULT_CODES))));
}

/** Marks open faults: a running process takes them up, and any later one would do so anyway. */
function requeue({ ledger, rows, dry, codes }: Call & { codes: ReadonlySet<string> | undefined }) {
  const keys = new Set(rows.map(({ attempt_key }) => attempt_key));
  const open = ledger.faults
    .open()
    // Nothing here takes up the faults of imported attempts.
    .filter(
      ({ unit, code }) => keys.has(unit) && code !== "foreign_fault" && (codes?.has(code) ?? true),
    );
  if (!dry) ledger.faults.requeue(open.map(({ id }) => id));
  const units = Map.groupBy(open, ({ unit, step }) => `${unit} ${step}`);
  return [...units.values()].flatMap((faults): Asked[] => {
    const last = faults.at(-1);
    return last ? [{ key: last.unit, asked_for: "fault", was: last.code }] : [];
  });
}

/** Takes back that attempts, or whole runs, are cancelled: what a running process left so it takes up, as any later one does. */
async function resume({ ledger, dry, filters }: Resuming): Promise<Asked[]> {
  const { cancelledOf } = await import("../../control/show.ts");
  const { asker } = await import("../../control/say.ts");
  const { selected } = await import("../../select/selects.ts");
  const rows = selected(ledger, filters, cancelledOf(ledger));
  const again = rows.map(({ scope, name, unit }) => ({ scope, name, unit, asked_by: asker() }));
  if (!dry) ledger.controls.ask(again.map((row) => ({ ...row, verb: "resume" })));
  return rows.map(({ unit, name }) => ({
    ...{ key: unit ?? name, asked_for: "cancelled", was: "cancelled" },
  }));
}

type Resuming = Pick<Call, "ledger" | "dry"> & { readonly filters: Selection };

/** Takes attempts out of what counts; their rows stay in the ledger, their files move next to the others. */
async function again({
  ledger,
  rows,
  dry,
  outcomes,
  log_dir,
}: Call & { outcomes: readonly string[]; log_dir: string }): Promise<Asked[]> {
  const { join } = await import("node:path");
  const { openWork } = await import("../../work/work.ts");
  // Joining releases what dead processes held: those units are not busy.
  using _joined = dry ? undefined : openWork({ ledger, command: "retry" });
  const { moveAside } = await import("../../attempt/superseded.ts");
  const held = new Set(ledger.work.leases().map(({ unit }) => unit));
  const ended = ledger.attempts.outcomes(rows.map(({ attempt_key }) => attempt_key));
  return rows.flatMap(({ attempt_key: key, outcome }): Asked[] => {
    const found = [outcome, ended.get(key)].find((word) => word && outcomes.includes(word));
    if (!found) return [];
    if (dry) return [{ key, asked_for: held.has(key) ? "busy" : "outcome", was: found }];
    const folder = ledger.superseded.setAside(key, `retry: ${found}`);
    if (folder === undefined) return [{ key, asked_for: "busy", was: found }];
    moveAside(join(log_dir, key), join(log_dir, folder));
    return [{ key, asked_for: "outcome", was: found }];
  });
}
