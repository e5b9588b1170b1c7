// Owns the step `run`: runs agents on pairs, each attempt into files and then the ledger.
import type { Ledger } from "../db/ledger.ts";
import { SETTINGS } from "../db/words.ts";
import { UsageError } from "../lib/fault.ts";
import type { RunConfig } from "../lib/pair/config.ts";
import {
  FILTER_ARGS,
  KEY_WORDS,
  NAME_ARG,
  oneOf,
  PLACE_ARGS,
  positiveNumber,
  SANDBOX_ARGS,
  WORK_ARGS,
  wholeNumber,
} from "./_args.ts";
import type { Output } from "./_output.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";
import { reportUnits } from "./_units.ts";

export const runPair = defineStep({
  name: "run-pair",
  summary: "Run agents on pairs of features",
  words: KEY_WORDS,
  args: {
    ...NAME_ARG,
    ...FILTER_ARGS,
    agent: {
      type: "string",
      alias: "a",
      description: "gold, null or mini",
      valueHint: "agent",
      default: "mini",
    },
    model: {
      type: "string",
      alias: "m",
      description: "model of the agent, such as replay/demo",
      valueHint: "model",
    },
    setting: { type: "string", description: "coop or solo", valueHint: "setting", default: "coop" },
    tries: { type: "string", description: "attempts at each pair", valueHint: "n", default: "1" },
    concurrency: {
      type: "string",
      alias: "c",
      description: "attempts at a time",
      valueHint: "n",
      default: "20",
    },
    messaging: {
      type: "boolean",
      description: "agents may message each other",
      negativeDescription: "agents cannot message each other",
      default: true,
    },
    "max-steps": {
      type: "string",
      description: "model calls an agent may make",
      valueHint: "n",
      default: "100",
    },
    "max-cost": {
      type: "string",
      description: "US dollars an agent may cost",
      valueHint: "usd",
      default: "3",
    },
    "max-wall": {
      type: "string",
      description: "seconds an agent may take",
      valueHint: "s",
      default: "7200",
    },
    "command-timeout": {
      type: "string",
      description: "seconds one command may take",
      valueHint: "s",
      default: "300",
    },
    ...WORK_ARGS,
    ...SANDBOX_ARGS,
    ...PLACE_ARGS,
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger: open }) {
    const { selectPairs, taskFinder } = await import("./_select.ts");
    const { defaultRunName } = await import("../lib/pair/config.ts");
    const config = await runConfig(args);
    const tries = wholeNumber("--tries", args.tries, 1) ?? 1;
    const concurrency = wholeNumber("-c", args.concurrency, 1) ?? 1;
    const name =
      args.name ?? defaultRunName(config, { ...args, task_id: wholeNumber("-t", args.task) });
    const ledger = await open();
    const pairs = await selectPairs(ledger, words, args);
    if (args["dry-run"])
      return await dryRun({ ledger, name, pairs, tries, force: args.force === true, out });
    const { startRun } = await import("../lib/pair/start.ts");
    const { runPairs } = await import("../lib/pair/run.ts");
    const { openSandboxes } = await import("./_sandbox.ts");
    const log_dir = args["log-dir"];
    const backend = await openSandboxes(args);
    const run = await startRun({ ledger, name, config, log_dir });
    using units = reportUnits(out, { doing: "running", did: "run", total: pairs.length * tries });
    await runPairs({
      ledger,
      run,
      config,
      pairs,
      tries,
      log_dir,
      backend,
      concurrency,
      signal,
      taskOf: taskFinder(ledger, args["dataset-dir"]),
      force: args.force === true,
      onDone: units.done,
    });
    return units.close();
  },
});

type ConfigArgs = {
  readonly agent: string;
  readonly model?: string | undefined;
  readonly setting: string;
  readonly backend: string;
  readonly messaging: boolean;
  readonly "max-steps": string;
  readonly "max-cost": string;
  readonly "max-wall": string;
  readonly "command-timeout": string;
};

async function runConfig(args: ConfigArgs): Promise<RunConfig> {
  const { AGENTS, agentName } = await import("../lib/agent/registry.ts");
  const { backendName } = await import("../lib/sandbox/open.ts");
  const agent = agentName(args.agent);
  if (AGENTS[agent].needs_model) await requireModel(agent, args.model);
  else if (args.model !== undefined)
    throw new UsageError(`the agent ${agent} uses no model: leave -m away`);
  return {
    setting: await oneOf("--setting", args.setting, SETTINGS),
    agent,
    model: args.model ?? null,
    backend: backendName(args.backend),
    messaging: args.messaging,
    max_steps: wholeNumber("--max-steps", args["max-steps"], 1) ?? 1,
    max_cost_usd: positiveNumber("--max-cost", args["max-cost"]),
    max_wall_ms: positiveNumber("--max-wall", args["max-wall"]) * 1000,
    command_timeout_ms: positiveNumber("--command-timeout", args["command-timeout"]) * 1000,
  };
}

async function requireModel(agent: string, model: string | undefined): Promise<void> {
  if (model === undefined)
    throw new UsageError(
      `the agent ${agent} needs a model: -m replay/NAME (the demo task has -m replay/demo)`,
    );
  const { checkModelName } = await import("../lib/model/open.ts");
  checkModelName(model);
}

type DryRun = {
  readonly ledger: Ledger;
  readonly name: string;
  readonly pairs: readonly { pair_key: string }[];
  readonly tries: number;
  readonly force: boolean;
  readonly out: Output;
};

async function dryRun({ ledger, name, pairs, tries, force, out }: DryRun): Promise<number> {
  const { plannedAttempts } = await import("../lib/pair/run.ts");
  const units = plannedAttempts({ ledger, run_name: name, pairs, tries, force });
  for (const unit of units) out.emit({ key: unit.key, todo: unit.done === undefined });
  out.say(
    `run ${name}: ${units.filter((unit) => !unit.done).length} of ${units.length} attempts to do`,
  );
  return 0;
}

if (import.meta.main) await main(runPair);
