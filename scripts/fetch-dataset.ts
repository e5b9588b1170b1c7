// Owns the step `dataset`: brings the dataset in, from the hub or a folder, and indexes it in the ledger.
import { join } from "node:path";
import type { Ledger } from "../db/ledger.ts";
import { PLACE_ARGS, positiveNumber, wholeNumber } from "../lib/cli/args.ts";
import type { Output } from "../lib/cli/output.ts";
import { openProgress } from "../lib/cli/progress.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";
import { UsageError } from "../lib/core/fault.ts";
import { HUB_IDS, originOf } from "../lib/dataset/origin.ts";

const SHOWN_PROBLEMS = 5;

export const fetchDataset = defineStep({
  name: "fetch-dataset",
  summary: "Fetch the dataset from the hub or a folder, check it, index it in the ledger",
  words: "Behind --diff, the second edition.",
  reads: ({ diff }) => (diff === undefined ? undefined : "read"),
  args: {
    from: {
      type: "string",
      description: "take it from this folder (a clone, or the text alone) instead of the hub",
      valueHint: "folder",
    },
    hub: {
      type: "string",
      description: "dataset on the hub",
      valueHint: "owner/name",
      default: HUB_IDS[0],
    },
    revision: {
      type: "string",
      description: "branch, tag or commit on the hub",
      valueHint: "rev",
      default: "main",
    },
    endpoint: {
      type: "string",
      description: "address of the hub (default: HF_ENDPOINT, else the public hub)",
      valueHint: "url",
    },
    concurrency: {
      type: "string",
      alias: "c",
      description: "files at a time",
      valueHint: "n",
      default: "8",
    },
    timeout: {
      type: "string",
      description: "seconds a file may take",
      valueHint: "s",
      default: "300",
    },
    edition: {
      type: "string",
      description: "name this edition, and keep it in a folder of its own beside the others",
      valueHint: "name",
    },
    diff: {
      type: "string",
      description: "fetch nothing: list what changed from this edition to the one named after it",
      valueHint: "A B",
    },
    prune: { type: "boolean", description: "remove files of tasks that the source does not have" },
    "dataset-dir": PLACE_ARGS["dataset-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, words, out, signal, ledger }) {
    if (args.diff !== undefined) return await showDiff(out, await ledger(), [args.diff, ...words]);
    if (words.length > 0)
      throw new UsageError(`"${words[0]}": fetch-dataset takes words behind --diff only`);
    const { datasetRoot } = await import("../lib/dataset/read.ts");
    const { copyDataset } = await import("../lib/dataset/copy.ts");
    const { indexDataset } = await import("../lib/dataset/index.ts");
    const { editionDir, editionLine } = await import("../lib/dataset/edition.ts");
    const dir = editionDir(args.edition);
    const into = join(args["dataset-dir"], dir);
    const fetched =
      args.from === undefined ? await download({ ...args, into }, out, signal) : undefined;
    const source = args.from ?? into;
    const open = await ledger();
    const copied = copyDataset(datasetRoot(source), into, { prune: args.prune === true });
    if (copied.extra.length > 0)
      out.warn(
        `${copied.extra.length} files in ${into} are not in the source${args.prune ? " and were removed" : "; --prune removes them"}`,
      );
    const origin = originOf(args);
    const facts = { name: args.edition, origin, revision: fetched?.revision ?? null, dir };
    const { problems, ...counts } = indexDataset(open, into, "dataset", facts);
    open.dataset.setOrigin(origin);
    showProblems(out, problems);
    out.say(
      `${copied.written} of ${copied.files} files written, ${counts.indexed} of ${counts.tasks} tasks indexed`,
    );
    const { indexed, ...stable } = counts;
    const { edition } = args;
    const now = open.editions.find(counts.dataset_hash);
    if (now !== undefined && open.editions.all("dataset").length > 1)
      out.say(`current edition: ${editionLine(now)}`);
    out.emit({
      ...(edition === undefined ? {} : { edition }),
      ...{ ...stable, problems: problems.length },
    });
    return 0;
  },
});

type Args = {
  readonly from?: string | undefined;
  readonly hub: string;
  readonly revision: string;
  readonly endpoint?: string | undefined;
  readonly concurrency: string;
  readonly timeout: string;
  readonly into: string;
};

async function download(args: Args, out: Output, signal: AbortSignal) {
  if (!/^[\w.-]+\/[\w.-]+$/.test(args.hub))
    throw new UsageError(`--hub takes owner/name, such as ${HUB_IDS[0]}, not "${args.hub}"`);
  const { downloadDataset } = await import("../lib/dataset/hub.ts");
  const token = process.env.HF_TOKEN;
  const endpoint = args.endpoint ?? process.env.HF_ENDPOINT;
  using progress = openProgress("fetching", out.quiet);
  const result = await downloadDataset({
    repo_id: args.hub,
    revision: args.revision,
    into: args.into,
    concurrency: wholeNumber("-c", args.concurrency, 1) ?? 8,
    timeout_ms: positiveNumber("--timeout", args.timeout) * 1000,
    signal,
    on_progress: (now) =>
      progress.show(now.bytes_done, now.bytes_total, `${now.files_done}/${now.files_total} files`),
    ...(token ? { token } : {}),
    ...(endpoint ? { endpoint } : {}),
  });
  out.say(
    `${args.hub} at ${result.revision}: ${result.files} files, ${result.downloaded} downloaded`,
  );
  return result;
}

/** One row per feature that differs between two editions. Returns 0: a difference is no fault. */
async function showDiff(out: Output, ledger: Ledger, words: readonly string[]): Promise<number> {
  const { editionDiff } = await import("../lib/dataset/diff.ts");
  const { editionLine, editionNamed } = await import("../lib/dataset/edition.ts");
  const [from, to] = words.map((word) => editionNamed(ledger, word));
  if (from === undefined || to === undefined || words.length !== 2)
    throw new UsageError("--diff takes two editions, names or hashes: --diff march august");
  const rows = editionDiff(ledger, from, to);
  for (const { other, ...row } of rows) out.emit({ ...row, other: other.join(" ") });
  out.say(`from ${editionLine(from)} to ${editionLine(to)}: ${rows.length} features differ`);
  return 0;
}

/** One line a kind of problem, with the first places it was seen in. */
function showProblems(out: Output, problems: readonly { place: string; problem: string }[]): void {
  for (const [problem, places] of Map.groupBy(problems, ({ problem }) => problem)) {
    const names = places
      .slice(0, SHOWN_PROBLEMS)
      .map(({ place }) => place)
      .join(", ");
    const more =
      places.length > SHOWN_PROBLEMS ? ` and ${places.length - SHOWN_PROBLEMS} more` : "";
    out.warn(`${names}${more}: ${problem}`);
  }
}

if (import.meta.main) await main(fetchDataset);
