// Owns the work of `retry`: reads what is to be queued again from its flags, and tells what was.

import { AGENT_OUTCOMES, OUTCOMES } from "../../core/vocabulary.ts";
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
  const { retry } = await import("../../stages/retry.ts");
  if (args.outcome !== undefined && args.fault !== undefined)
    throw new UsageError("--outcome and --fault do not go together: give one of them");
  const outcomes = args.outcome === undefined ? undefined : await outcomesOf(args.outcome);
  const codes = args.fault === undefined ? undefined : await faultCodes(args.fault);
  const ledger = await open();
  const dry = args["dry-run"] === true;
  const filters = await selection(words, args);
  const asked = retry({ ledger, filters, outcomes, codes, dry, log_dir: args["log-dir"] });
  for (const row of asked) out.emit(row);
  const busy = asked.filter(({ asked_for }) => asked_for === "busy").length;
  if (busy > 0) out.warn(`${busy} units are under way: retry them when they are done`);
  const how = dry ? "would be queued again" : "queued again";
  const next = dry || asked.length === busy ? "" : "; the running study or the next call does them";
  out.say(`${asked.length - busy} ${how}${next}`);
  return 0;
}

const RETRIED = [...new Set([...OUTCOMES, ...AGENT_OUTCOMES])];

async function outcomesOf(value: string): Promise<string[]> {
  const words = value.split(",").map((word) => word.trim());
  return await Promise.all(words.map((word) => oneOf("--outcome", word, RETRIED)));
}

async function faultCodes(value: string): Promise<ReadonlySet<string>> {
  const { FAULT_CODES } = await import("../../core/fault.ts");
  const words = value.split(",").map((word) => word.trim());
  return new Set(await Promise.all(words.map((word) => oneOf("--fault", word, FAULT_CODES))));
}
