// Owns what `bench eval` compares: the step eval on fresh ledgers, and the plain way on the same pairs and image.

import { join } from "node:path";
import { type Ledger, openLedger } from "../../db/ledger.ts";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { openSandboxes } from "../../lib/cli/sandbox.ts";
import { indexDemo, selectPairs, selectTasks } from "../../lib/cli/select.ts";
import { invoke } from "../../lib/cli/step.ts";
import { Fault, UsageError } from "../../lib/core/fault.ts";
import { scratch } from "../../lib/core/files.ts";
import { GOLD_AGENT } from "../../lib/core/gold.ts";
import { indexDataset } from "../../lib/dataset/index.ts";
import { DEMO_REPO } from "../../lib/dataset/read.ts";
import { imageNames } from "../../lib/sandbox/docker/image-name.ts";
import { evaluate } from "../eval.ts";
import { runPair } from "../run-pair.ts";
import type { BenchContext } from "./_bench-args.ts";
import { type PlainPair, plainRound } from "./bench-eval-plain.ts";
import { benchEval, type WayRound } from "./bench-eval-work.ts";

const SUITE_TIMEOUT_S = 600;

/**
 * The gold pairs of one task. Tandem's eval is timed twice: on the merged trees only, which is what the plain way
 * tests, and as it runs by default, with each patch alone too. The image's base is exported before the clock starts:
 * it is done once an image, whatever is evaluated on it.
 */
export async function evalRows(context: BenchContext): Promise<Row[]> {
  await using folder = scratch(context.args["log-dir"], "bench");
  const place = { ...context, folder: folder.path };
  using ledger = freshLedger(place, "pairs");
  const [found] = selectTasks(ledger, context.args);
  if (!found) throw new UsageError("no task to take pairs from");
  const { task } = found;
  const flags = flagsFor(place, task.task_id);
  const backend = await openSandboxes(flags);
  await backend.base(task, context.signal);
  const concurrency = wholeNumber("-c", context.args.concurrency, 1);
  const width = concurrency ?? navigator.hardwareConcurrency;
  const pairs = await plainPairs(ledger, place, flags);
  const image = imageNames(namingOf(context.args))(task);
  const timeout_ms = SUITE_TIMEOUT_S * 1000;
  const rows = await benchEval({
    concurrency: width,
    rounds: wholeNumber("--repeat", context.args.repeat, 1) ?? 3,
    signal: context.signal,
    tandem: {
      eval: (round) => tandemRound(place, { ...flags, premerge: false, suites: width }, round),
      "eval, each patch alone too": (round) =>
        tandemRound(place, { ...flags, premerge: true, suites: width }, round),
    },
    plain: () =>
      plainRound(pairs, { image, concurrency: width, timeout_ms, signal: context.signal }),
  });
  return rows.map(({ bench, ...figures }) => ({ bench, image, ...figures }));
}

type Place = BenchContext & { readonly folder: string };
type Flags = ReturnType<typeof flagsFor>;

function flagsFor({ args, folder }: Place, task_id: number) {
  return {
    ...{ repo: args.repo, task: String(task_id), limit: args.limit },
    ...{ registry: args.registry, "image-template": args["image-template"] },
    ...{ backend: "docker", "dataset-dir": args["dataset-dir"], "log-dir": folder },
    ledger: join(folder, "ledger.sqlite"),
  };
}

function namingOf(args: BenchContext["args"]) {
  return {
    ...(args.registry === undefined ? {} : { registry: args.registry }),
    ...(args["image-template"] === undefined ? {} : { image_template: args["image-template"] }),
  };
}

/** A ledger that knows the dataset and no result. */
function freshLedger({ args, folder }: Place, name: string): Ledger {
  const ledger = openLedger(join(folder, `${name}.sqlite`));
  if (args.repo === DEMO_REPO) indexDemo(ledger);
  else indexDataset(ledger, args["dataset-dir"], "dataset");
  return ledger;
}

/** Gold attempts made beforehand, then eval under the clock. Throws a Fault when one met a fault: times would mean nothing. */
async function tandemRound(
  place: Place,
  { premerge, suites, ...flags }: Flags & { readonly premerge: boolean; readonly suites: number },
  round: number,
): Promise<WayRound> {
  const name = `bench-${round}${premerge ? "-alone" : ""}`;
  using ledger = freshLedger(place, name);
  const shared = { ...place, words: [], out: silent(place.out), ledger: async () => ledger };
  let faults = await invoke(runPair, { ...flags, name, agent: GOLD_AGENT, quiet: true }, shared);
  const started = performance.now();
  const how = { concurrency: suites * 2, suites, premerge, timeout: SUITE_TIMEOUT_S, quiet: true };
  faults += await invoke(evaluate, { ...flags, name, ...how }, shared);
  const wall_ms = performance.now() - started;
  place.signal.throwIfAborted();
  if (faults > 0)
    throw new Fault("sandbox_failed", `${faults} pairs met a fault: a ratio would mean nothing`, {
      hint: "evaluate the same pairs with run-pair -a gold and eval to see the faults",
    });
  const scores = [...ledger.scores.byAttempt("union", [name]).values()];
  return {
    wall_ms,
    pairs: scores.length,
    passed: scores.filter(({ passed }) => passed).length,
    ...ledger.scores.suiteTotals(),
  };
}

function silent(out: BenchContext["out"]): BenchContext["out"] {
  const nothing = () => undefined;
  return { ...out, quiet: true, emit: nothing, text: nothing, say: nothing };
}

async function plainPairs(ledger: Ledger, { args }: Place, flags: Flags): Promise<PlainPair[]> {
  const pairs = await selectPairs(ledger, [], { ...args, ...flags });
  return pairs.map(({ pair_key, repo, task_id, features }) => {
    const rows = ledger.dataset
      .features(repo, task_id)
      .filter(({ feature_id }) => features.includes(feature_id));
    const bytes = ledger.dataset.patchBytes(
      rows.flatMap(({ gold_patch, tests_patch }) => [gold_patch, tests_patch]),
    );
    const find = (hash: string) => bytes.get(hash) ?? new Uint8Array();
    return {
      key: `bench-plain/${pair_key}`,
      patches: rows.map(({ gold_patch }) => find(gold_patch)),
      tests: rows.map(({ tests_patch }) => find(tests_patch)),
    };
  });
}
