// Owns the step `dataset`: brings the dataset in, from the hub or a folder, and indexes it in the ledger.
import { resolve } from "node:path";
import { UsageError } from "../lib/fault.ts";
import { PLACE_ARGS, positiveNumber, wholeNumber } from "./_args.ts";
import type { Output } from "./_output.ts";
import { openProgress } from "./_progress.ts";
import { COMMON_ARGS, defineStep, main } from "./_step.ts";

const HUB_IDS = ["CodeConflict/cooperbench-dataset", "cooperbench/cooperbench"] as const;
const SHOWN_PROBLEMS = 5;

export const fetchDataset = defineStep({
  name: "fetch-dataset",
  summary: "Fetch the dataset from the hub or a folder, check it, index it in the ledger",
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
    prune: { type: "boolean", description: "remove files of tasks that the source does not have" },
    "dataset-dir": PLACE_ARGS["dataset-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, out, signal, ledger }) {
    const { datasetRoot } = await import("../lib/dataset/read.ts");
    const { copyDataset } = await import("../lib/dataset/copy.ts");
    const { indexDataset } = await import("../lib/dataset/index.ts");
    const into = args["dataset-dir"];
    const source = args.from ?? (await download(args, out, signal));
    const open = await ledger();
    const copied = copyDataset(datasetRoot(source), into, { prune: args.prune === true });
    if (copied.extra.length > 0)
      out.warn(
        `${copied.extra.length} files in ${into} are not in the source${args.prune ? " and were removed" : "; --prune removes them"}`,
      );
    const { problems, ...counts } = indexDataset(open, into, "dataset");
    open.dataset.setOrigin(originOf(args));
    showProblems(out, problems);
    out.say(
      `${copied.written} of ${copied.files} files written, ${counts.indexed} of ${counts.tasks} tasks indexed`,
    );
    const { indexed, ...stable } = counts;
    out.emit({ ...stable, problems: problems.length });
    return 0;
  },
});

type Origin = { readonly [name in "from" | "hub" | "revision"]?: string | undefined };

/** What a study compares with what it asks for. */
export function originOf({ from, hub, revision }: Origin): string {
  return from === undefined ? `${hub ?? HUB_IDS[0]}@${revision ?? "main"}` : resolve(from);
}

type Args = {
  readonly from?: string | undefined;
  readonly hub: string;
  readonly revision: string;
  readonly endpoint?: string | undefined;
  readonly concurrency: string;
  readonly timeout: string;
  readonly "dataset-dir": string;
};

async function download(args: Args, out: Output, signal: AbortSignal): Promise<string> {
  if (!/^[\w.-]+\/[\w.-]+$/.test(args.hub))
    throw new UsageError(`--hub takes owner/name, such as ${HUB_IDS[0]}, not "${args.hub}"`);
  const { downloadDataset } = await import("../lib/dataset/hub.ts");
  const token = process.env.HF_TOKEN;
  const endpoint = args.endpoint ?? process.env.HF_ENDPOINT;
  using progress = openProgress("fetching", out.quiet);
  const result = await downloadDataset({
    repo_id: args.hub,
    revision: args.revision,
    into: args["dataset-dir"],
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
  return args["dataset-dir"];
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
