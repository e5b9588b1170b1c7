// Owns the old system's evaluation (0.0.14), reproduced for comparison: its patch handling, its merge, its reading of output.
import { join } from "node:path";
import type { Outcome, Path, SuiteOutcome } from "../../db/schema.ts";
import { Fault } from "../fault.ts";
import type { Backend, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { peerCounts } from "./formats/peer.ts";

const GIT_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;
const TEST_MARKS = ["/test_", "/tests/", "_test.py", "/test/", "tests.py"];

export type CompatJob = {
  readonly task: TaskFiles;
  /** The agents' patches as handed in: two for coop, one for solo. */
  readonly patches: readonly Uint8Array[];
  readonly tests: readonly { readonly feature_id: number; readonly patch: Uint8Array }[];
  readonly timeout_ms: number;
  readonly label: string;
  readonly signal: AbortSignal;
};
export type CompatSuite = {
  readonly feature_id: number;
  readonly outcome: SuiteOutcome;
  readonly exit_code: number;
  readonly passed: number;
  readonly failed: number;
  readonly output: Uint8Array;
  readonly duration_ms: number;
};
export type CompatVerdict = {
  readonly outcome: Outcome;
  readonly path: Path | null;
  readonly passed: boolean;
  readonly suites: readonly CompatSuite[];
};

/**
 * A patch as 0.0.14 hands it on: line ends made \n, `'\''` made `'`, blocks dropped whose `diff --git` line
 * looks like a test's, a final newline added; no bytes for a blank one.
 */
export function compatPatch(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString("utf8").replace(/\r\n?/g, "\n");
  if (text.trim() === "") return new Uint8Array();
  const whole = withFinalNewline(text.replaceAll("'\\''", "'"));
  let dropping = false;
  const kept = whole.split("\n").filter((line) => {
    if (line.startsWith("diff --git")) dropping = TEST_MARKS.some((mark) => line.includes(mark));
    return !dropping;
  });
  const joined = kept.join("\n");
  return Buffer.from(joined === "" ? "" : withFinalNewline(joined));
}

function withFinalNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** The verdict 0.0.14 would give: one sandbox for merge and suites, one after the other. */
export async function runCompat(backend: Backend, job: CompatJob): Promise<CompatVerdict> {
  const { task, label, signal } = job;
  await using sandbox = await backend.open({ task, label, purpose: "suite", signal });
  for (const [index, patch] of job.patches.entries())
    await sandbox.put(join(sandbox.work_path, `patch${index + 1}.patch`), compatPatch(patch));
  const path = job.patches.length > 1 ? await mergeTwo(sandbox, job) : await useOne(sandbox, job);
  if (path === undefined) return { outcome: "conflict", path: null, passed: false, suites: [] };
  const runner = backend.runner(task);
  if (runner.script)
    await sandbox.put(join(sandbox.work_path, runner.script.name), runner.script.bytes);
  const suites: CompatSuite[] = [];
  for (const test of job.tests) suites.push(await runOne(backend, sandbox, { job, test }));
  const passed = suites.length > 0 && suites.every(({ outcome }) => outcome === "passed");
  const timed = suites.some(({ outcome }) => outcome === "tests timed out");
  return {
    outcome: passed ? "passed" : timed ? "tests timed out" : "failed",
    path,
    passed,
    suites,
  };
}

async function useOne(sandbox: Sandbox, job: CompatJob): Promise<Path> {
  const script = `cp '${join(sandbox.work_path, "patch1.patch")}' '${mergedPath(sandbox)}'`;
  await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS, signal: job.signal });
  return "solo";
}

/** Branches from the base, whatever state a failed apply leaves; agent1 merged into agent2, on conflict again with union for every file. */
async function mergeTwo(sandbox: Sandbox, job: CompatJob): Promise<Path | undefined> {
  const work = sandbox.work_path;
  const script = `g() { git -c safe.directory='*' -c user.name=compat -c user.email=compat@localhost "$@"; }
base=$(g rev-parse HEAD) || exit 9
lay() { [ ! -s "$1" ] || g apply "$1" || g apply --3way "$1"; g add -A; g commit -q -m "$2" --allow-empty; }
g checkout -q -b agent1 && lay '${work}/patch1.patch' agent1
g checkout -q "$base" && g checkout -q -b agent2 && lay '${work}/patch2.patch' agent2
if g merge agent1 --no-commit --no-ff; then g commit -q -m naive; g diff "$base" HEAD > '${mergedPath(sandbox)}'; exit 0; fi
g merge --abort
g checkout -q agent2; g reset -q --hard HEAD
printf '* merge=union\\n' >> .gitattributes
if g merge agent1 --no-commit --no-ff; then g commit -q -m union; g diff "$base" HEAD > '${mergedPath(sandbox)}'; exit 4; fi
exit 5`;
  const { exit_code, output } = await sandbox.exec(script, {
    timeout_ms: GIT_TIMEOUT_MS,
    signal: job.signal,
  });
  if (exit_code === 0) return "clean";
  if (exit_code === 4) return "union";
  if (exit_code === 5) return undefined;
  const words = Buffer.from(output).toString("utf8").trim().split("\n").at(-1);
  throw new Fault(
    "sandbox_failed",
    `${job.label}: the old system's merge could not be made: ${words}`,
    {
      hint: "run again; if it stays, look into the image's repository",
    },
  );
}

function mergedPath(sandbox: Sandbox): string {
  return join(sandbox.work_path, "merged.patch");
}

type One = { readonly job: CompatJob; readonly test: CompatJob["tests"][number] };

async function runOne(
  backend: Backend,
  sandbox: Sandbox,
  { job, test }: One,
): Promise<CompatSuite> {
  const tests_path = join(sandbox.work_path, `tests${job.tests.indexOf(test) + 1}.patch`);
  await sandbox.put(tests_path, test.patch);
  const run = backend.runner(job.task).command(sandbox, tests_path, mergedPath(sandbox));
  const reset = `g() { git -c safe.directory='*' "$@"; }
cd '${sandbox.repo_path}' && rm -f .git/index.lock
g checkout -q --force ${sandbox.base_commit}; g reset -q --hard ${sandbox.base_commit}; g clean -q -fdx`;
  await sandbox.exec(reset, { timeout_ms: GIT_TIMEOUT_MS, signal: job.signal });
  const result = await sandbox.exec(run, {
    timeout_ms: job.timeout_ms,
    max_output_bytes: OUTPUT_BYTES,
    signal: job.signal,
  });
  const { passed, failed } = peerCounts(Buffer.from(result.output).toString("utf8"));
  const good = !result.timed_out && result.exit_code === 0 && passed > 0;
  const { exit_code, output, duration_ms } = result;
  const outcome = result.timed_out ? "tests timed out" : good ? "passed" : "failed";
  return { feature_id: test.feature_id, outcome, exit_code, passed, failed, output, duration_ms };
}
