// Owns the work of `run-pair`: runs agents on pairs, each attempt into files and then the ledger.

import { isQueued, openEngine } from "../engine.ts";
import { AMOUNTS, type RUN_PAIR_FLAGS } from "../flags/run-pair.ts";
import { modelOptions, sayEvent } from "../models.ts";
import { commandOptions } from "../options.ts";
import { printPlan } from "../plan.ts";
import { configRequest } from "../run-config.ts";
import { valuesOf } from "../settings.ts";
import type { CommandContext } from "../step.ts";
import { reportUnits } from "../units.ts";
import { readyWatch } from "../watch.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  drain,
  every,
  ledger: open,
}: CommandContext<typeof RUN_PAIR_FLAGS>): Promise<number> {
  const { planAttempts, run } = await import("../../stages/run.ts");
  const options = {
    ...(await commandOptions({ args, words, signal, drain, ledger: await open() })),
    ...configRequest(args),
    ...modelOptions(args),
    ...(isQueued(args) ? { redis: undefined } : {}),
    name: args.name,
    ...valuesOf(AMOUNTS, args),
    explicit_concurrency: every("-c").length + every("--concurrency").length > 0,
    on_control: out.say,
  };
  if (args["dry-run"]) {
    const { name, units } = await planAttempts(options);
    return printPlan(out, units, { whose: `run ${name}: `, what: "attempts to do" });
  }
  await using engine = await openEngine(args, { ledger: options.ledger, name: args.name });
  using units = reportUnits(out, { doing: "running", did: "run", board: true });
  const watch = await readyWatch(out);
  using board = new DisposableStack();
  const end = await run({
    ...options,
    ...engine,
    on_start: ({ run: name, counts }) => board.use(watch(options.ledger, [name], counts)),
    on_unit: units.done,
    on_event: (event) => sayEvent(out, event),
  });
  board.dispose();
  return units.close(end);
}
