// Owns testing one tree with one feature's tests: a fresh sandbox, the exact tree, the tests' own files, a verdict.
import { join } from "node:path";
import type { SuiteOutcome } from "../../db/schema.ts";
import { Fault } from "../fault.ts";
import { parsePatch } from "../merge/patch.ts";
import { pathBytes } from "../merge/quoting.ts";
import type { Backend, ExecResult, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { readTestOutput, type TestReport } from "./counts.ts";
import { inlineFiles } from "./inline-files.ts";
import { nothingTested } from "./nothing-tested.ts";

const GIT_TIMEOUT_MS = 240_000;
/** Exit status that git never has: the tree was made, but the tests do not go onto it. */
const DOES_NOT_APPLY = 77;
const OUTPUT_BYTES = 64 * 1024 * 1024;

export type SuiteJob = {
  readonly task: TaskFiles;
  readonly feature_id: number;
  /** The tree under test, as its id and as a diff against the base. */
  readonly tree: string;
  readonly diff: Uint8Array;
  readonly tests_patch: Uint8Array;
  readonly timeout_ms: number;
  readonly label: string;
  readonly signal: AbortSignal;
};
export type SuiteVerdict = Pick<
  TestReport,
  "passed" | "failed" | "skipped" | "errors" | "tests"
> & {
  readonly outcome: SuiteOutcome;
  readonly exit_code: number | null;
  readonly output: Uint8Array;
  readonly duration_ms: number;
};

/** A sandbox that holds the tree and the tests, for one run of them. */
export type ReadySuite = AsyncDisposable & {
  /** Runs the tests. Throws the sandbox's Fault when it breaks, the signal's reason on abort. */
  run(): Promise<SuiteVerdict>;
};

/** Runs the suite in a sandbox of its own. Throws as {@link readySuite} does. */
export async function runSuite(backend: Backend, job: SuiteJob): Promise<SuiteVerdict> {
  await using suite = await readySuite(backend, job);
  return await suite.run();
}

/**
 * Opens a sandbox and makes it ready. The tree is committed there first, so that the runner's own resets keep it;
 * files that the tests patch touches go back to the base, since the tests that count are the dataset's.
 * Throws Fault `sandbox_failed` when the tree cannot be made exactly; then nothing is left.
 */
export async function readySuite(backend: Backend, job: SuiteJob): Promise<ReadySuite> {
  const { task, label, signal } = job;
  await using resources = new AsyncDisposableStack();
  const sandbox = resources.use(await backend.open({ task, label, purpose: "suite", signal }));
  const applies = await putTree(sandbox, job);
  const runner = backend.runner(task);
  if (runner.script)
    await sandbox.put(join(sandbox.work_path, runner.script.name), runner.script.bytes);
  const kept = resources.move();
  return {
    async run() {
      if (!applies) return NOT_APPLIED;
      const how = {
        timeout_ms: job.timeout_ms,
        max_output_bytes: OUTPUT_BYTES,
        cwd: sandbox.repo_path,
        signal,
      };
      const at = (name: string) => join(sandbox.work_path, name);
      const command = runner.command(sandbox, at("tests.patch"), at("feature.patch"));
      return verdict(await sandbox.exec(command, how));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const NOT_APPLIED: SuiteVerdict = {
  outcome: "tests patch does not apply",
  exit_code: null,
  passed: 0,
  failed: 0,
  skipped: 0,
  errors: 0,
  tests: [],
  output: Buffer.from("the tests patch does not apply to the tree\n"),
  duration_ms: 0,
};

/**
 * A suite passes when its runner exits 0 and at least one test passed (the existing system's rule), by the word of a
 * test runner that came to its end: result lines without a closing summary are no pass.
 */
function verdict(result: ExecResult): SuiteVerdict {
  const report = readTestOutput(Buffer.from(result.output).toString("utf8"));
  const { passed, failed, skipped, errors, tests } = report;
  const { exit_code, output, duration_ms } = result;
  return {
    outcome: outcomeOf(result, report),
    exit_code,
    passed,
    failed,
    skipped,
    errors,
    tests,
    output,
    duration_ms,
  };
}

function outcomeOf(result: ExecResult, report: TestReport): SuiteOutcome {
  if (result.timed_out) return "tests timed out";
  if (result.oom_killed && result.exit_code !== 0) return "out of memory";
  if (result.exit_code !== 0) return "failed";
  return report.passed > 0 && report.summary ? "passed" : "no tests ran";
}

/**
 * Writes the files into the work folder and makes the tree, in one command: a request to an engine costs more than the
 * git work. Returns whether the tests can be laid over the tree, by the ways the dataset's runners try.
 */
async function putTree(sandbox: Sandbox, job: SuiteJob): Promise<boolean> {
  const at = (name: string) => join(sandbox.work_path, name);
  const [diff, list, tests] = [at("merged.diff"), at("touched"), at("tests.patch")];
  const nothing = nothingTested({ path: at("feature.patch"), tests_patch: job.tests_patch });
  const files = [
    { path: diff, bytes: job.diff },
    { path: list, bytes: touchedPaths(job.tests_patch) },
    { path: tests, bytes: job.tests_patch },
  ];
  const inline = inlineFiles(files);
  if (inline === undefined) await sandbox.putAll(files);
  const script = `set -e
${inline ?? ""}${SAFE_GIT}
g reset -q --hard
[ ! -s '${diff}' ] || g apply --index --binary '${diff}'
[ "$(g write-tree)" = '${job.tree}' ] || { echo "the tree is $(g write-tree), not ${job.tree}"; exit 9; }
while IFS= read -r -d '' path; do
  if g cat-file -e "${sandbox.base_commit}:$path" 2>/dev/null; then g checkout -q ${sandbox.base_commit} -- "$path"
  else g rm -q -r -f --ignore-unmatch -- "$path"; fi
done < '${list}'
g commit -q --no-verify --allow-empty -m 'tree under test'
rm -f '${diff}' '${list}'
${nothing}
git apply --check --ignore-whitespace '${tests}' || git apply --check --3way '${tests}' || exit ${DOES_NOT_APPLY}`;
  const made = await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS, signal: job.signal });
  if (made.exit_code === 0) return true;
  if (made.exit_code === DOES_NOT_APPLY) return false;
  const words = Buffer.from(made.output).toString("utf8").trim().split("\n").slice(-2).join(" | ");
  throw new Fault("sandbox_failed", `${job.label}: the merged tree could not be made: ${words}`, {
    hint: "merge again with --force; if it stays, the sandbox's repository differs from the one merged on",
  });
}

/** git without the hooks, identity and settings that a repository under test may bring along. */
const SAFE_GIT = `g() { git --literal-pathspecs -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c apply.whitespace=nowarn -c user.name=tandem -c user.email=tandem@localhost -c commit.gpgSign=false "$@"; }`;

/** The paths of a patch, old and new, each with a NUL behind it. */
function touchedPaths(patch: Uint8Array): Uint8Array {
  const paths = parsePatch(patch).files.flatMap(({ old_path, new_path }) => [old_path, new_path]);
  const known = [...new Set(paths)].filter((path) => path !== undefined);
  return Buffer.from(known.map((path) => `${pathBytes(path)}\0`).join(""), "latin1");
}
