// Owns the work of `pipeline`: targets with prerequisites, like make; does what is missing and nothing else.

import type { ArgsDef } from "citty";
import { UsageError } from "../../core/fault.ts";
import type { FlagFlow } from "../flag-study.ts";
import { PIPELINE_FLAGS } from "../flags/pipeline.ts";
import type { Output, Row } from "../output.ts";
import type { CommandContext, Part } from "../step.ts";
import { TARGETS, type Target, targetNamed } from "../targets.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run(
  context: CommandContext<typeof PIPELINE_FLAGS>,
  parts: Parts,
): Promise<number> {
  const study = studyOf(context);
  if (context.args.list === true) {
    const { listTargets } = await import("../list-targets.ts");
    return await listTargets(context.out, { study, sets: context.every("--set") });
  }
  if (study !== undefined) {
    // Everything a finished study needs to report that it is finished, loaded at once.
    const [{ buildStudy }] = await Promise.all([
      import("../study.ts"),
      import("../../../db/ledger.ts"),
      import("../../study/pairs.ts"),
      import("../../study/runs.ts"),
      import("../../study/done.ts"),
    ]);
    return await buildStudy({ ...context, args: { ...context.args, study } }, parts);
  }
  const [target = "report", ...others] = context.words;
  if (others.length > 0)
    throw new UsageError(`one target at a time, not "${context.words.join(" ")}"`);
  const wanted = TARGETS.slice(0, TARGETS.indexOf(targetNamed(target)) + 1);
  return context.args["dry-run"]
    ? await plan({ ...context, parts }, wanted)
    : await build({ ...context, parts }, wanted);
}

/** The commands that do the work of a target. */
type Parts = Readonly<Record<Target, Part>>;

/** Flags that set how a study is run; what it is belongs in its file. */
const OF_STUDIES = [
  ...["study", "features", "set", "keep-going", "concurrency", "dry-run", "list"],
  ...["engine", "redis", "queue", "artifacts", "worker-silence"],
  ...["ledger", "log-dir", "dataset-dir", "json", "quiet", "debug"],
];

/** The study that the command line names, by --study or by -f with a file. Throws UsageError for flags that do not go with it. */
function studyOf({
  args,
  every,
}: Pick<Shared, "every"> & { readonly args: Flags }): string | undefined {
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
  if (args.redis !== undefined && args.engine !== "bullmq")
    throw new UsageError(
      "with a study, --redis goes with --engine bullmq; messages over Redis belong in its file: use --set messages.redis=URL to override it here",
    );
  for (const [name, def] of Object.entries<ArgsDef[string]>(PIPELINE_FLAGS)) {
    const flags = [`--${name}`, `--no-${name}`, ...aliases(def).map((alias) => `-${alias}`)];
    const given = flags.find((flag) => every(flag).length > 0);
    if (given !== undefined && !OF_STUDIES.includes(name))
      throw new UsageError(`${given} belongs in the study's file: use --set to override it here`);
  }
  return study;
}

function aliases(def: ArgsDef[string]): string[] {
  return "alias" in def ? [def.alias ?? []].flat() : [];
}

type Shared = Omit<CommandContext<ArgsDef>, "args">;

type Context = Shared & { readonly args: Flags; readonly parts: Parts };

type FlagContext = Context & { readonly args: FlagFlow["args"] };

/** Builds what the last target needs; only that target's results are printed. Returns the number of units that are not done. */
async function build(context: FlagContext, wanted: readonly Target[]): Promise<number> {
  const last = wanted.at(-1) ?? "report";
  const { args, out, parts } = context;
  if (last === "dataset") return await parts.dataset(args, { ...context, words: [] });
  const fetched = (await needsDataset(context)) ? await fetchFirst(context) : 0;
  if (last === "sample") return fetched + (await parts.sample(args, { ...context, words: [] }));
  const rows: Row[] = [];
  await parts.sample(args, { ...context, words: [], out: quietly(out, rows) });
  const words = rows.flatMap(({ key }) => (typeof key === "string" ? [key] : []));
  const { flowOfFlags } = await import("../flag-study.ts");
  const target = last === "report" ? "eval" : last;
  const { unmade, keys } = await flowOfFlags({ ...context, words }, target, last);
  if (last !== "report" || context.drain.aborted) return fetched + unmade;
  if (keys.length > 0)
    return (
      fetched +
      unmade +
      (await parts.report({ ...args, ...NO_FILTERS }, { ...context, words: keys }))
    );
  out.warn("nothing was evaluated, so there is nothing to report");
  return fetched + unmade;
}

async function fetchFirst(context: FlagContext): Promise<number> {
  return await context.parts.dataset(context.args, {
    ...context,
    words: [],
    out: quietly(context.out, []),
  });
}

type Flags = Readonly<Record<string, unknown>>;

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
  const { DEMO_REPO } = await import("../../dataset/read.ts");
  return args.repo !== DEMO_REPO && (await ledger()).dataset.hash("dataset") === undefined;
}

/** Results of a command in the middle are kept for the next one instead of being printed. */
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
    await dry.parts[target](flagsFor(target, { ...dry, words: ready }), {
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
