// Owns timing the merge: all gold pairs of the demo in plumbing, against a checkout, a commit and `git merge` each.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { PairRow } from "../../db/schema.ts";
import { quickScratch } from "../../lib/core/files.ts";
import { git, gitText, gitTry } from "../../lib/core/git.ts";
import { median } from "../../lib/core/median.ts";
import { goldJobs } from "../../lib/dataset/gold.ts";
import { DEMO_REPO } from "../../lib/dataset/read.ts";
import { baseFromPatches } from "../../lib/merge/base.ts";
import { type MergeJob, mergeAttempts } from "../../lib/merge/merge.ts";
import { parsePatch } from "../../lib/patch/parse.ts";

export type BenchOptions = {
  readonly ledger: Ledger;
  readonly repeat: number;
  readonly signal: AbortSignal;
};

/** Rows with median milliseconds a pair for both ways, and their ratio (plain / tandem). */
export async function benchMerge({ ledger, repeat, signal }: BenchOptions) {
  const pairs: PairRow[] = ledger.dataset.pairs({ repo: DEMO_REPO });
  const jobs = goldJobs(ledger, pairs);
  const tandem: number[] = [];
  const plain: number[] = [];
  for (let round = 0; round < repeat && !signal.aborted; round++) {
    tandem.push(await timed(() => inPlumbing(jobs, signal)));
    plain.push(await timed(() => inCheckouts(jobs)));
  }
  const [fast, slow] = [median(tandem) / jobs.length, median(plain) / jobs.length];
  return [
    {
      bench: "merge",
      pairs: jobs.length,
      rounds: tandem.length,
      tandem_ms_per_pair: fast,
      plain_ms_per_pair: slow,
      ratio: slow / fast,
    },
  ];
}

async function inPlumbing(jobs: readonly MergeJob[], signal: AbortSignal): Promise<void> {
  await using folder = quickScratch("bench");
  await mergeAttempts(jobs, { scratch: folder.path, concurrency: 2, signal });
}

/** A work tree a pair: both patches applied and committed on branches, merged, and merged again with union on conflict. */
async function inCheckouts(jobs: readonly MergeJob[]): Promise<void> {
  for (const job of jobs) {
    await using folder = quickScratch("bench");
    const cwd = join(folder.path, "repo");
    writeBase(cwd, job);
    await git(["init", "-q", "-b", "base"], { cwd });
    await commitAll(cwd);
    for (const [index, patch] of job.patches.entries()) {
      await git(["checkout", "-q", "-b", `agent${index + 1}`, "base"], { cwd });
      await git(["apply"], { cwd, input: patch });
      await commitAll(cwd);
    }
    const merged = await gitTry(["merge", "-q", "--no-edit", "agent1"], { cwd });
    if (merged.exit_code === 0) await git(["diff", "base", "HEAD"], { cwd });
    else await unionMerge(cwd);
  }
}

async function unionMerge(cwd: string): Promise<void> {
  await git(["merge", "--abort"], { cwd });
  writeFileSync(
    join(await gitText(["rev-parse", "--absolute-git-dir"], { cwd }), "info/attributes"),
    "* merge=union\n",
  );
  const merged = await gitTry(["merge", "-q", "--no-edit", "agent1"], { cwd });
  if (merged.exit_code === 0) await git(["diff", "base", "HEAD"], { cwd });
}

function writeBase(cwd: string, job: MergeJob): void {
  const context = job.base.kind === "patches" ? job.base.context : [];
  mkdirSync(cwd);
  for (const [path, file] of baseFromPatches(context.map(parsePatch)).files) {
    mkdirSync(join(cwd, path, ".."), { recursive: true });
    writeFileSync(join(cwd, path), file.content);
  }
}

async function commitAll(cwd: string): Promise<void> {
  await git(["add", "-A"], { cwd });
  await git(["commit", "-q", "--allow-empty", "-m", "x"], { cwd });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
