// Owns the plain way of evaluating a pair, to compare with: a container a pair, and a process of the engine's client a step.
import { join } from "node:path";
import { Fault } from "../../lib/core/fault.ts";
import { quickScratch, writeUnsettled } from "../../lib/core/files.ts";
import { eachOf } from "../../lib/core/pool.ts";
import { labelsOf } from "../../lib/sandbox/docker/owner.ts";
import type { WayRound } from "./bench-eval-work.ts";

/** Two patches to merge, and the tests of both features. */
export type PlainPair = {
  readonly key: string;
  readonly patches: readonly Uint8Array[];
  readonly tests: readonly Uint8Array[];
};
export type PlainOptions = {
  readonly image: string;
  /** Pairs at a time; each runs one suite at a time. */
  readonly concurrency: number;
  /** Deadline of a suite, and of every other step. */
  readonly timeout_ms: number;
  readonly signal: AbortSignal;
};
/** As other rounds; `stop_ms` is what `docker stop` took, over all pairs. */
export type PlainRound = WayRound & { readonly stop_ms: number };
type PairTimes = { readonly runner_ms: number; readonly stop_ms: number; readonly passed: boolean };

const LIFETIME_MS = 60 * 60_000;
const GIT = `g() { git -c safe.directory='*' -c user.name=plain -c user.email=plain@localhost "$@"; }\n`;

const UNION_NEXT = `cd /workspace/repo && git merge --abort
mkdir -p .git/info && echo '* merge=union' >>.git/info/attributes\n`;

/** Evaluates the pairs the plain way. Throws Fault when the engine's client cannot do a step; no container is left. */
export async function plainRound(
  pairs: readonly PlainPair[],
  options: PlainOptions,
): Promise<PlainRound> {
  const times: PairTimes[] = [];
  const started = performance.now();
  await eachOf(pairs, options, async (pair) => {
    times.push(await plainPair(pair, options));
  });
  const sum = (of: (pair: PairTimes) => number) => times.reduce((all, one) => all + of(one), 0);
  return {
    wall_ms: performance.now() - started,
    pairs: times.length,
    suites: times.length * 2,
    passed: times.filter(({ passed }) => passed).length,
    runner_ms: sum(({ runner_ms }) => runner_ms),
    stop_ms: sum(({ stop_ms }) => stop_ms),
  };
}

/**
 * What the existing system does: `sleep infinity` as the first process, each patch on a branch, a naive merge, on
 * conflict a union merge, both suites one after the other in the same container, `docker stop` with its default grace
 * period (which such a first process waits out), `docker rm`.
 */
async function plainPair(pair: PlainPair, options: PlainOptions): Promise<PairTimes> {
  await using folder = quickScratch("plain");
  await using container = await start(pair.key, options);
  const inside = (script: string) => container.client("exec", container.id, "bash", "-c", script);
  const copy = async (name: string, bytes: Uint8Array) => {
    const path = join(folder.path, name);
    writeUnsettled(path, bytes);
    must(await container.client("cp", path, `${container.id}:/patches/${name}`));
  };
  const base = must(await inside("mkdir -p /patches; cd /workspace/repo && git rev-parse HEAD"));
  for (const [index, patch] of pair.patches.entries()) {
    await copy(`patch${index + 1}.patch`, patch);
    must(await inside(layScript(base, index + 1)));
  }
  if ((await inside(mergeScript(base))).exit_code !== 0)
    must(await inside(`${UNION_NEXT}${mergeScript(base)}`));
  const results: { passed: boolean; runner_ms: number }[] = [];
  for (const [index, tests] of pair.tests.entries()) {
    await copy(`tests${index + 1}.patch`, tests);
    must(await inside(`${GIT}cd /workspace/repo && g checkout -q --force ${base} && g clean -qfd`));
    const started = performance.now();
    const suite = await inside(
      `bash /usr/local/bin/runner.sh tests${index + 1}.patch merged.patch`,
    );
    results.push({ passed: suite.exit_code === 0, runner_ms: performance.now() - started });
  }
  const stopping = performance.now();
  must(await container.client("stop", container.id));
  const stop_ms = performance.now() - stopping;
  must(await container.client("rm", container.id));
  const passed = results.every((result) => result.passed);
  return { passed, stop_ms, runner_ms: results.reduce((sum, one) => sum + one.runner_ms, 0) };
}

function layScript(base: string, agent: number): string {
  return `${GIT}set -e; cd /workspace/repo; g checkout -q -b agent${agent} ${base}
g apply /patches/patch${agent}.patch; g add -A; g commit -q --no-verify -m agent${agent}`;
}

function mergeScript(base: string): string {
  return `${GIT}set -e; cd /workspace/repo; g merge -q --no-edit --no-verify agent1; g diff --binary ${base} HEAD >/patches/merged.patch`;
}

type Said = { readonly exit_code: number; readonly text: string };

/** A container that only sleeps; gone by force at the end of the scope, should it still be there. */
async function start(key: string, { image, timeout_ms, signal }: PlainOptions) {
  const client = async (...args: readonly string[]): Promise<Said> => {
    const child = Bun.spawn(["docker", ...args], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: timeout_ms,
      signal,
    });
    const [out, errors, exit_code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    signal.throwIfAborted();
    return { exit_code, text: exit_code === 0 ? out.trim() : `${out}${errors}`.trim() };
  };
  const labels = Object.entries(labelsOf(key, LIFETIME_MS)).flatMap(([name, value]) => [
    "--label",
    `${name}=${value}`,
  ]);
  const id = must(await client("run", "-d", ...labels, "--entrypoint", "sleep", image, "infinity"));
  return {
    id,
    client,
    async [Symbol.asyncDispose]() {
      // Removed already when all went well: then this has nothing to do and says so, which nobody needs to hear.
      await Bun.spawn(["docker", "rm", "-f", "-v", id], { stdout: "ignore", stderr: "ignore" })
        .exited;
    },
  };
}

function must({ exit_code, text }: Said): string {
  if (exit_code === 0) return text;
  const words = text.slice(-500).replaceAll("\n", " | ");
  throw new Fault("sandbox_failed", `a command of the plain way failed (${exit_code}): ${words}`, {
    hint: "check that the docker client works and that eval can judge these pairs",
  });
}
