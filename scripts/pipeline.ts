// Owns the runner: targets with prerequisites, like make; does what is missing and nothing else.
import type { ArgsDef } from "citty";
import { UsageError } from "../lib/fault.ts";
import { unknownName } from "../lib/nearest.ts";
import type { Output, Row } from "./_output.ts";
import { COMMON_ARGS, defineStep, invoke, main, type StepContext } from "./_step.ts";
import { evaluate } from "./eval.ts";
import { fetchDataset } from "./fetch-dataset.ts";
import { merge } from "./merge.ts";
import { report } from "./report.ts";
import { runPair } from "./run-pair.ts";
import { sampleSubset } from "./sample-subset.ts";

export const TARGETS = ["dataset", "sample", "run", "merge", "eval", "report"] as const;
export type Target = (typeof TARGETS)[number];

const { size, seed, "from-subset": fromSubset, stratify } = sampleSubset.args;
const { from, hub, revision, endpoint } = fetchDataset.args;
const { policy, format, parts } = report.args;

export const pipeline = defineStep({
  name: "pipeline",
  summary: "Run targets with everything they need: dataset, sample, run, merge, eval, report",
  words: `One target: ${TARGETS.join(", ")} (report when none is given).`,
  args: {
    ...runPair.args,
    size,
    seed,
    "from-subset": fromSubset,
    stratify,
    from,
    hub,
    revision,
    endpoint,
    timeout: evaluate.args.timeout,
    policy,
    format,
    parts,
    ...COMMON_ARGS,
  },
  async run(context) {
    const [target = "report", ...others] = context.words;
    if (others.length > 0)
      throw new UsageError(`one target at a time, not "${context.words.join(" ")}"`);
    const last = TARGETS.indexOf(target as Target);
    if (last === -1) throw new UsageError(unknownName("target", target, TARGETS));
    const wanted = TARGETS.slice(0, last + 1);
    return context.args["dry-run"] ? await plan(context, wanted) : await build(context, wanted);
  },
});

type Shared = Omit<StepContext<ArgsDef>, "args">;
type Context = Shared & { readonly args: Flags };

/** Runs the targets in order; each works on the keys that the one before passed on. Only the last one's results go out. */
async function build(context: Context, wanted: readonly Target[]): Promise<number> {
  let faults = 0;
  let words: string[] = [];
  for (const target of wanted) {
    if (context.signal.aborted) return faults;
    if (target === "dataset" && wanted.length > 1 && !(await needsDataset(context))) continue;
    const rows: Row[] = [];
    const out = target === wanted.at(-1) ? context.out : quietly(context.out, rows);
    faults += await STEPS[target](flagsFor(target, { ...context, words }), {
      ...context,
      out,
      words,
    });
    words = rows.flatMap((row) =>
      typeof row.key === "string" && row.fault === undefined ? [row.key] : [],
    );
    if (words.length === 0 && target !== "dataset" && target !== wanted.at(-1)) {
      context.out.warn(`nothing came out of ${target}: the rest has nothing to work on`);
      return faults;
    }
  }
  return faults;
}

type Flags = Readonly<Record<string, unknown>>;
const STEPS: Record<Target, (flags: Flags, shared: Shared) => Promise<number>> = {
  dataset: (flags, shared) => invoke(fetchDataset, flags, shared),
  sample: (flags, shared) => invoke(sampleSubset, flags, shared),
  run: (flags, shared) => invoke(runPair, flags, shared),
  merge: (flags, shared) => invoke(merge, flags, shared),
  eval: (flags, shared) => invoke(evaluate, flags, shared),
  report: (flags, shared) => invoke(report, flags, shared),
};

/** Once attempts are known their keys decide: name and filters have done their work. */
function flagsFor(target: Target, { args, words }: Context): Flags {
  return words.length === 0 || target === "run" ? args : { ...args, ...NO_FILTERS };
}

const NO_FILTERS = {
  name: undefined,
  subset: undefined,
  repo: undefined,
  task: undefined,
  features: undefined,
  limit: undefined,
};

async function needsDataset({ args, ledger }: Context): Promise<boolean> {
  const { DEMO_REPO } = await import("../lib/dataset/read.ts");
  return args.repo !== DEMO_REPO && (await ledger()).dataset.hash("dataset") === undefined;
}

/** Results of a step in the middle are kept for the next one instead of being printed. */
function quietly(out: Output, rows: Row[]): Output {
  return {
    ...out,
    emit: (row) => rows.push(row),
    text: () => undefined,
    end: async () => undefined,
  };
}

/** What each target would do, without doing any of it. */
async function plan(context: Context, wanted: readonly Target[]): Promise<number> {
  if (await needsDataset(context)) {
    for (const target of wanted)
      context.out.emit({ target, todo: target === "dataset" ? "fetch" : "after dataset" });
    return 0;
  }
  let words: string[] = [];
  for (const target of wanted) {
    const rows: Row[] = [];
    const dry = { ...context, words, out: quietly(context.out, rows) };
    if (target === "dataset") context.out.emit({ target, todo: 0 });
    else if (target === "report") context.out.emit({ target, todo: 1 });
    else {
      const { todo, units } = await planned(target, dry, rows);
      words =
        target === "sample" || target === "run"
          ? rows.flatMap(({ key }) => (typeof key === "string" ? [key] : []))
          : words;
      context.out.emit({ target, todo, units });
    }
  }
  return 0;
}

/** Attempts that are still to run are also still to merge and to evaluate. */
async function planned(
  target: Target,
  dry: Context,
  rows: Row[],
): Promise<{ todo: number; units: number }> {
  const waiting = target === "merge" || target === "eval" ? await unfinished(dry) : [];
  const ready = dry.words.filter((key) => !waiting.includes(key));
  if (ready.length > 0 || target === "sample" || target === "run")
    await STEPS[target](flagsFor(target, { ...dry, words: ready }), {
      ...dry,
      words: ready,
      out: { ...dry.out, say: () => undefined },
    });
  const todo = target === "sample" ? 0 : rows.filter((row) => row.todo === true).length;
  return { todo: todo + waiting.length, units: rows.length + waiting.length };
}

async function unfinished({ words, ledger }: Context): Promise<string[]> {
  const { attempts } = await ledger();
  return words.filter((key) => !attempts.has(key));
}

if (import.meta.main) await main(pipeline);
