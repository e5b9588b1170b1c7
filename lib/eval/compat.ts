// Owns CooperBench's evaluation, reproduced for comparison by the rules of an era: its patches, its merge, its reading of output.
import { join } from "node:path";
import type { Era, Outcome, Path, SuiteOutcome } from "../../db/schema.ts";
import { Fault } from "../core/fault.ts";
import type { Backend, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { peerCounts } from "./formats/peer.ts";
import { DERIVED_RULES, ERA_RULES } from "./policies/registry.ts";
import type { EraRules } from "./policies/types.ts";

const GIT_TIMEOUT_MS = 300_000;
const OUTPUT_BYTES = 64 * 1024 * 1024;

export type CompatJob = {
  /** Whose evaluation it is. */
  readonly era: Era;
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
 * A patch as an era hands it on: line ends made \n, `'\''` made `'`, blocks dropped if it takes their `diff --git` line
 * for a test's, a final newline added; no bytes for a blank one.
 */
export function compatPatch(bytes: Uint8Array, era: Era): Uint8Array {
  const { isTest } = ERA_RULES[era];
  const text = Buffer.from(bytes).toString("utf8").replace(/\r\n?/g, "\n");
  if (text.trim() === "") return new Uint8Array();
  const whole = withFinalNewline(text.replaceAll("'\\''", "'"));
  let dropping = false;
  const kept = whole.split("\n").filter((line) => {
    if (line.startsWith("diff --git")) dropping = isTest(line);
    return !dropping;
  });
  const joined = kept.join("\n");
  return Buffer.from(joined === "" ? "" : withFinalNewline(joined));
}

function withFinalNewline(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

/** What an era tests: the patch in the work folder that makes the tree, and how it came about. */
type Tested = { readonly patch: string; readonly path: Path };
/** Nothing is tested, or only what stands in for an impossible merge. */
type Unmerged = {
  readonly outcome: "conflict" | "patch does not apply";
  readonly instead?: Tested;
};

/** The verdict that the era would give: one sandbox for merge and suites, one after another. */
export async function runCompat(backend: Backend, job: CompatJob): Promise<CompatVerdict> {
  const { task, label, signal } = job;
  await using sandbox = await backend.open({ task, label, purpose: "suite", signal });
  const patches = job.patches.map((patch) => compatPatch(patch, job.era));
  for (const [index, patch] of patches.entries())
    await sandbox.put(join(sandbox.work_path, `patch${index + 1}.patch`), patch);
  const merged = await treeOf(sandbox, job, patches);
  const runner = backend.runner(task);
  if (runner.script)
    await sandbox.put(join(sandbox.work_path, runner.script.name), runner.script.bytes);
  const test = { backend, sandbox, job };
  return "path" in merged ? await onTree(test, merged) : await inStead(test, merged);
}

type Testing = {
  readonly backend: Backend;
  readonly sandbox: Sandbox;
  readonly job: CompatJob;
};

/** Every suite on the tree. */
async function onTree(testing: Testing, { patch, path }: Tested): Promise<CompatVerdict> {
  const suites: CompatSuite[] = [];
  for (const test of testing.job.tests) suites.push(await runOne({ ...testing, test, patch }));
  const passed = suites.length > 0 && suites.every(isPassed);
  const timed = suites.some(({ outcome }) => outcome === "tests timed out");
  const outcome = passed ? "passed" : timed ? "tests timed out" : "failed";
  return { outcome, path, passed, suites };
}

/** Suites on what stands in, up to the first that fails: it passes with all of them, or it was never there. */
async function inStead(testing: Testing, { outcome, instead }: Unmerged): Promise<CompatVerdict> {
  const failed = { outcome, path: null, passed: false };
  if (instead === undefined) return { ...failed, suites: [] };
  const suites: CompatSuite[] = [];
  for (const test of testing.job.tests) {
    const suite = await runOne({ ...testing, test, patch: instead.patch });
    suites.push(suite);
    if (!isPassed(suite)) return { ...failed, suites };
  }
  return suites.length === 0
    ? { ...failed, suites }
    : { outcome: "passed", path: instead.path, passed: true, suites };
}

function isPassed({ outcome }: CompatSuite): boolean {
  return outcome === "passed";
}

async function treeOf(
  sandbox: Sandbox,
  job: CompatJob,
  [first, second]: readonly Uint8Array[],
): Promise<Tested | Unmerged> {
  if (second === undefined) return await useOne(sandbox, job);
  const same = first !== undefined && first.length > 0 && Buffer.from(first).equals(second);
  const rules = ERA_RULES[job.era];
  return await mergeTwo(sandbox, job, rules.identical && same ? identicalScript : mergeScript);
}

async function useOne(sandbox: Sandbox, job: CompatJob): Promise<Tested> {
  const script = `cp '${join(sandbox.work_path, "patch1.patch")}' '${join(sandbox.work_path, MERGED)}'`;
  await sandbox.exec(script, { timeout_ms: GIT_TIMEOUT_MS, signal: job.signal });
  return { patch: MERGED, path: "solo" };
}

/** The patch in the work folder that takes the base to the tested tree. */
const MERGED = "merged.patch";
/** The meaning of the scripts' exit statuses. */
const ENDINGS: Readonly<Record<number, Tested | Unmerged>> = {
  0: { patch: MERGED, path: "clean" },
  4: { patch: MERGED, path: "union" },
  5: { outcome: "conflict" },
  6: { patch: MERGED, path: "identical" },
  7: { outcome: "conflict", instead: { patch: "patch1.patch", path: "one patch" } },
  8: { outcome: "patch does not apply" },
  10: { outcome: "patch does not apply", instead: { patch: "patch1.patch", path: "one patch" } },
};

async function mergeTwo(
  sandbox: Sandbox,
  job: CompatJob,
  script: (work: string, rules: EraRules) => string,
): Promise<Tested | Unmerged> {
  const text = `${HEAD}${branches(sandbox.work_path)}${script(sandbox.work_path, ERA_RULES[job.era])}`;
  const { exit_code, output } = await sandbox.exec(text, {
    timeout_ms: GIT_TIMEOUT_MS,
    signal: job.signal,
  });
  const ending = ENDINGS[exit_code];
  if (ending !== undefined) return ending;
  const words = Buffer.from(output).toString("utf8").trim().split("\n").at(-1);
  throw new Fault(
    "sandbox_failed",
    `${job.label}: the merge of CooperBench ${job.era} could not be made: ${words}`,
    {
      hint: "run again; if it happens again, inspect the image's repository",
    },
  );
}

const HEAD = `g() { git -c safe.directory='*' -c user.name=compat -c user.email=compat@localhost "$@"; }
base=$(g rev-parse HEAD) || exit 9
`;

/** Both agents' branches from the base, whatever state a failed apply leaves; `side1`, `side2`: applied, skipped or failed. */
function branches(work: string): string {
  return `lay() { if [ ! -s "$1" ]; then side=skipped; elif g apply "$1" || g apply --3way "$1"; then side=applied; else side=failed; fi; g add -A; g commit -q -m "$2" --allow-empty; }
g checkout -q -b agent1 && lay '${work}/patch1.patch' agent1; side1=$side
g checkout -q "$base" && g checkout -q -b agent2 && lay '${work}/patch2.patch' agent2; side2=$side
`;
}

/** agent1 merged into agent2; what a conflict, or a patch that does not apply, leads to is the era's. */
function mergeScript(work: string, { tests_broken_sides, on_conflict }: EraRules): string {
  const broken = tests_broken_sides
    ? ""
    : `case "$side1,$side2" in failed,*) exit 8;; applied,failed) exit 10;; *,failed) exit 8;; esac
`;
  const conflict =
    DERIVED_RULES[on_conflict].strategy === "union"
      ? `g merge --abort
g checkout -q agent2; g reset -q --hard HEAD
printf '* merge=union\\n' >> .gitattributes
if g merge agent1 --no-commit --no-ff; then g commit -q -m union; g diff "$base" HEAD > '${work}/${MERGED}'; exit 4; fi
exit 5`
      : `g merge --abort
if [ "$side1" = applied ]; then exit 7; fi
exit 5`;
  return `${broken}if g merge agent1 --no-commit --no-ff; then g commit -q -m naive; g diff "$base" HEAD > '${work}/${MERGED}'; exit 0; fi
${conflict}`;
}

/**
 * Patches of one text: it is applied once, its line counts repaired if need be, and taken as it is if nothing helps.
 */
function identicalScript(work: string): string {
  const [patch, merged] = [`'${work}/patch1.patch'`, `'${work}/${MERGED}'`];
  return `g checkout -q "$base"; g checkout -q -b identical-merge
if g apply ${patch} || g apply --recount ${patch}; then g add -A; g commit -q -m merged --allow-empty; g diff "$base" HEAD > ${merged}
else cp ${patch} ${merged}; fi
exit 6`;
}

type One = Testing & { readonly test: CompatJob["tests"][number]; readonly patch: string };

async function runOne({ backend, sandbox, job, test, patch }: One): Promise<CompatSuite> {
  const tests_path = join(sandbox.work_path, `tests${job.tests.indexOf(test) + 1}.patch`);
  await sandbox.put(tests_path, test.patch);
  const runner = backend.runner(job.task);
  const run = runner.command(sandbox, tests_path, join(sandbox.work_path, patch));
  const reset = `g() { git -c safe.directory='*' "$@"; }
cd '${sandbox.repo_path}' && rm -f .git/index.lock
g checkout -q --force ${sandbox.base_commit}; g reset -q --hard ${sandbox.base_commit}; g clean -q ${ERA_RULES[job.era].clean}`;
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
