// Owns the step `run`: runs agents on pairs, each attempt into files and then the ledger.
import { FILTER_ARGS, KEY_WORDS, NAME_ARG, PLACE_ARGS, WORK_ARGS } from "../lib/cli/args.ts";
import { MODEL_ARGS, modelOptions, sayEvent } from "../lib/cli/models.ts";
import { stepOptions } from "../lib/cli/options.ts";
import { CONFIG_ARGS, configRequest } from "../lib/cli/run-config.ts";
import { SANDBOX_ARGS } from "../lib/cli/sandbox.ts";
import { argsOf, valuesOf } from "../lib/cli/settings.ts";
import { COMMON_ARGS, defineStep, main, plansDry } from "../lib/cli/step.ts";
import { reportUnits } from "../lib/cli/units.ts";
import { readyWatch } from "../lib/cli/watch.ts";

const AMOUNTS = ["tries", "concurrency"] as const;

export const runPair = defineStep({
  name: "run-pair",
  summary: "Run agents on pairs of features",
  words: KEY_WORDS,
  reads: plansDry,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    ...CONFIG_ARGS,
    ...MODEL_ARGS,
    ...argsOf(AMOUNTS),
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  drains: true,
  async run({ args, words, out, signal, drain, ledger: open }) {
    const { planRun, run } = await import("../lib/stages/run.ts");
    const options = {
      ...(await stepOptions({ args, words, signal, drain, ledger: await open() })),
      ...configRequest(args),
      ...modelOptions(args),
      name: args.name,
      ...valuesOf(AMOUNTS, args),
    };
    if (args["dry-run"]) {
      const { name, attempts } = await planRun(options);
      for (const { key, done } of attempts) out.emit({ key, todo: done === undefined });
      const todo = attempts.filter(({ done }) => !done).length;
      out.say(`run ${name}: ${todo} of ${attempts.length} attempts to do`);
      return 0;
    }
    using units = reportUnits(out, { doing: "running", did: "run", board: true });
    const watch = await readyWatch(out);
    using board = new DisposableStack();
    const end = await run({
      ...options,
      on_start: ({ run: name, counts }) => board.use(watch(options.ledger, [name], counts)),
      on_unit: units.done,
      on_event: (event) => sayEvent(out, event),
    });
    board.dispose();
    return units.close(end);
  },
});

if (import.meta.main) await main(runPair);
