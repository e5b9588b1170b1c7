// Owns the runner: targets with prerequisites, like make; does what is missing and nothing else.
import type { ArgsDef } from "citty";
import type { FlagFlow } from "../lib/cli/flag-study.ts";
import type { Output, Row } from "../lib/cli/output.ts";
import {
  COMMON_ARGS,
  defineStep,
  invoke,
  main,
  type Part,
  plansDry,
  type StepContext,
} from "../lib/cli/step.ts";
import { UsageError } from "../lib/core/fault.ts";
import { unknownName } from "../lib/core/nearest.ts";
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
  words: `One target: ${TARGETS.join(", ")} (report when none is given); with -f STUDY.toml arms of it may follow.`,
  drains: true,
  reads: plansDry,
  args: {
    ...runPair.args,
    features: { ...runPair.args.features, description: "only exactly these features; or a study" },
    study: {
      type: "string",
      description: "file of a study (-f STUDY.toml too)",
      valueHint: "file",
    },
    set: {
      type: "string",
      description: "with a study: a value over the file's, such as arms.coop.tries=3; repeatable",
      valueHint: "a.b=c",
    },
    "keep-going": {
      type: "boolean",
      alias: "k",
      description: "with a study: go on whatever units meet, and report on what there is",
    },
    concurrency: { ...runPair.args.concurrency, alias: ["c", "j"] },
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
    const study = studyOf(context);
    if (study !== undefined) {
      // All that a finished study needs to say so, read at once.
      const [{ buildStudy }] = await Promise.all([
        import("../lib/cli/study.ts"),
        import("../db/ledger.ts"),
        import("../lib/study/pairs.ts"),
        import("../lib/study/runs.ts"),
        import("../lib/study/done.ts"),
      ]);
      return await buildStudy({ ...context, args: { ...context.args, study } }, STEPS);
    }
    const [target = "report", ...others] = context.words;
    if (others.length > 0)
      throw new UsageError(`one target at a time, not "${context.words.join(" ")}"`);
    const last = TARGETS.indexOf(target as Target);
    if (last === -1) throw new UsageError(unknownName("target", target, TARGETS));
    const wanted = TARGETS.slice(0, last + 1);
    return context.args["dry-run"] ? await plan(context, wanted) : await build(context, wanted);
  },
});

/** Flags that say how a study is run; what it is stands in its file. */
const OF_STUDIES = [
  ...["study", "features", "set", "keep-going", "concurrency", "dry-run"],
  ...["ledger", "log-dir", "dataset-dir", "json", "quiet", "debug"],
];

/** The study that the command line names, by --study or by -f with a file. Throws UsageError for flags beside it. */
function studyOf({ args, every }: Pick<Context, "args" | "every">): string | undefined {
  const named = [args.study, args.features].filter(
    (value): value is string => typeof value === "string" && !/^\d+(,\s*\d+)*$/.test(value),
  );
  const [study, other] = named;
  if (other !== undefined) throw new UsageError(`one study at a time, not ${study} and ${other}`);
  if (study === undefined) {
    const alone = ["--set", "--keep-going", "-k"].find((flag) => every(flag).length > 0);
    if (alone !== undefined) throw new UsageError(`${alone} goes with a study: -f STUDY.toml`);
    return undefined;
  }
  for (const [name, def] of Object.entries<ArgsDef[string]>(pipeline.args)) {
    const flags = [`--${name}`, `--no-${name}`, ...aliases(def).map((alias) => `-${alias}`)];
    const given = flags.find((flag) => every(flag).length > 0);
    if (given !== undefined && !OF_STUDIES.includes(name))
      throw new UsageError(`${given} stands in the study's file: use --set to say it here`);
  }
  return study;
}

function aliases(def: ArgsDef[string]): string[] {
  return "alias" in def ? [def.alias ?? []].flat() : [];
}

type Shared = Omit<StepContext<ArgsDef>, "args">;
type Context = Shared & { readonly args: Flags };
type FlagContext = Shared & { readonly args: FlagFlow["args"] & Flags };

/** Builds what the last target needs; only its own results go out. Returns the number of units that are not done. */
async function build(context: FlagContext, wanted: readonly Target[]): Promise<number> {
  const last = wanted.at(-1) ?? "report";
  const { args, out } = context;
  if (last === "dataset") return await invoke(fetchDataset, args, { ...context, words: [] });
  const fetched = (await needsDataset(context)) ? await fetchFirst(context) : 0;
  if (last === "sample")
    return fetched + (await invoke(sampleSubset, args, { ...context, words: [] }));
  const rows: Row[] = [];
  await invoke(sampleSubset, args, { ...context, words: [], out: quietly(out, rows) });
  const words = rows.flatMap(({ key }) => (typeof key === "string" ? [key] : []));
  const { flowOfFlags } = await import("../lib/cli/flag-study.ts");
  const target = last === "report" ? "eval" : last;
  const { unmade, keys } = await flowOfFlags({ ...context, words }, target, last);
  if (last !== "report" || context.drain.aborted) return fetched + unmade;
  if (keys.length > 0)
    return (
      fetched +
      unmade +
      (await invoke(report, { ...args, ...NO_FILTERS }, { ...context, words: keys }))
    );
  out.warn("nothing was evaluated: there is nothing to report on");
  return fetched + unmade;
}

async function fetchFirst(context: FlagContext): Promise<number> {
  return await invoke(fetchDataset, context.args, {
    ...context,
    words: [],
    out: quietly(context.out, []),
  });
}

type Flags = Readonly<Record<string, unknown>>;
const STEPS: Record<Target, Part> = {
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
  edition: undefined,
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
  await context.ledger();
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
