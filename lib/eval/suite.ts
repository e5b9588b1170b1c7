// Owns testing one tree with one feature's tests: a fresh sandbox, the exact tree, the tests' own files, a verdict.
import { join } from "node:path";
import type { SuiteMark, SuiteOutcome } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import { parsePatch } from "../patch/parse.ts";
import { pathBytes } from "../patch/quote.ts";
import type { Backend, ExecResult, Runner, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { readTestBytes, type TestReport } from "./counts.ts";
import { FRESH_COPY_ENV, FRESH_COPY_FLAGS } from "./fresh-copy.ts";
import { inlineFiles } from "./inline-files.ts";
import { judge } from "./judging.ts";
import { nothingTested } from "./nothing-tested.ts";
import { askedFolder, asking, askingFiles, PLUGIN, proofOf, type Told } from "./proof-env.ts";

const GIT_TIMEOUT_MS = 240_000;
/** Exit status that git never has: the tree was made, but the tests do not apply to it. */
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
  readonly marks: readonly SuiteMark[];
  readonly exit_code: number | null;
  readonly output: Uint8Array;
  readonly duration_ms: number;
  /** Whether Tandem's own deadline ended it. */
  readonly timed_out: boolean;
  /** Whether a reader found a runner's summary in the output. */
  readonly read: boolean;
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
 * Opens a sandbox and prepares it. The tree is committed there first, so that the runner's own resets keep it; files
 * that the tests patch touches go back to the base, since the tests that count are the dataset's. Throws Fault
 * `sandbox_failed` when the tree cannot be made exactly; then nothing is left.
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
      const result = await runAsked(sandbox, runner, job);
      // A runner that failed does not have to prove anything.
      const proof =
        result.exit_code === 0 ? await proofOf(sandbox, runner.path(sandbox), signal) : {};
      return await verdict(result, proof);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const NOT_APPLIED: SuiteVerdict = {
  outcome: "tests patch does not apply",
  marks: [],
  exit_code: null,
  passed: 0,
  failed: 0,
  skipped: 0,
  errors: 0,
  tests: [],
  output: Buffer.from("the tests patch does not apply to the tree\n"),
  duration_ms: 0,
  timed_out: false,
  read: false,
};

/**
 * Runs the tests, and asks the runners to prove what they did. A suite that the plugin breaks is run once more, without
 * it: the deadline holds for each of the two.
 */
async function runAsked(sandbox: Sandbox, runner: Runner, job: SuiteJob): Promise<ExecResult> {
  const at = (name: string) => join(sandbox.work_path, name);
  const call = runner.command(sandbox, at("tests.patch"), at("feature.patch"));
  const run = (plugin: boolean) =>
    sandbox.exec([FRESH_COPY_ENV, asking(sandbox.work_path, { plugin }), call].join("\n"), {
      timeout_ms: job.timeout_ms,
      max_output_bytes: OUTPUT_BYTES,
      cwd: sandbox.repo_path,
      signal: job.signal,
    });
  const result = await run(true);
  const broke = result.exit_code !== 0 && Buffer.from(result.output).includes(PLUGIN);
  if (!broke) return result;
  // Not every runner leaves the tree as it found it.
  const again = `${SAFE_GIT}\ng reset -q --hard; g clean -fdq`;
  await sandbox.exec(again, { timeout_ms: GIT_TIMEOUT_MS, signal: job.signal });
  return await run(false);
}

async function verdict(result: ExecResult, proof: Partial<Told>): Promise<SuiteVerdict> {
  const { exit_code, output, duration_ms, timed_out } = result;
  const report = await readTestBytes(output, { go_verbose: proof.go_verbose ?? false });
  const { passed, failed, skipped, errors, tests } = report;
  const counts = { passed, failed, skipped, errors };
  return {
    ...judge(result, report, proof.sessions),
    exit_code,
    ...counts,
    tests,
    output,
    duration_ms,
    timed_out,
    read: report.summary,
  };
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
    ...askingFiles(sandbox.work_path),
  ];
  const inline = inlineFiles(files);
  if (inline === undefined) await sandbox.putAll(files);
  const script = `set -e
mkdir -p '${askedFolder(sandbox.work_path)}'
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
    hint: "merge again with --force; if it happens again, the sandbox's repository differs from the one merged on",
  });
}

/** git without the hooks, identity and settings that a repository under test may bring along. */
const SAFE_GIT = `g() { git --literal-pathspecs ${FRESH_COPY_FLAGS} -c core.hooksPath=/dev/null -c core.autocrlf=false -c core.fsmonitor=false -c apply.whitespace=nowarn -c user.name=tandem -c user.email=tandem@localhost -c commit.gpgSign=false "$@"; }`;

/** The paths of a patch, old and new, each followed by a NUL. */
function touchedPaths(patch: Uint8Array): Uint8Array {
  const paths = parsePatch(patch).files.flatMap(({ old_path, new_path }) => [old_path, new_path]);
  const known = [...new Set(paths)].filter((path) => path !== undefined);
  return Buffer.from(known.map((path) => `${pathBytes(path)}\0`).join(""), "latin1");
}
