// Owns the work of `fetch-dataset`: brings the dataset in, from the hub or a folder, and indexes it in the ledger.

import { join } from "node:path";
import type { Ledger } from "../../../db/ledger.ts";
import { UsageError } from "../../core/fault.ts";
import { HUB_IDS, originOf } from "../../dataset/origin.ts";
import { positiveNumber, wholeNumber } from "../args.ts";
import type { FETCH_DATASET_FLAGS } from "../flags/fetch-dataset.ts";
import type { Output } from "../output.ts";
import { openProgress } from "../progress.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  words,
  out,
  signal,
  ledger,
}: CommandContext<typeof FETCH_DATASET_FLAGS>): Promise<number> {
  if (args.diff !== undefined) return await showDiff(out, await ledger(), [args.diff, ...words]);
  if (words.length > 0)
    throw new UsageError(
      `unexpected "${words[0]}": fetch-dataset takes plain words only after --diff`,
    );
  const { datasetRoot } = await import("../../dataset/read.ts");
  const { copyDataset } = await import("../../dataset/copy.ts");
  const { indexDataset } = await import("../../dataset/index.ts");
  const { editionDir, editionLine } = await import("../../dataset/edition.ts");
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
}

const SHOWN_PROBLEMS = 5;

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
  const { downloadDataset } = await import("../../dataset/hub.ts");
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

/** One row per feature that differs between two editions. Returns 0: a difference is not a fault. */
async function showDiff(out: Output, ledger: Ledger, words: readonly string[]): Promise<number> {
  const { editionDiff } = await import("../../dataset/diff.ts");
  const { editionLine, editionNamed } = await import("../../dataset/edition.ts");
  const [from, to] = words.map((word) => editionNamed(ledger, word));
  if (from === undefined || to === undefined || words.length !== 2)
    throw new UsageError("--diff takes two editions, by name or by hash: --diff march august");
  const rows = editionDiff(ledger, from, to);
  for (const { other, ...row } of rows) out.emit({ ...row, other: other.join(" ") });
  out.say(`from ${editionLine(from)} to ${editionLine(to)}: ${rows.length} features differ`);
  return 0;
}

/** One line per kind of problem, with the first places it was seen in. */
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
