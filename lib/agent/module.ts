// Owns custom agents, which are modules: loading them, running them to their end, and identifying them.
import { existsSync, readFileSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { asFault, errorMessage, Fault, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import type { Agent, AgentJob, AgentResult } from "./agent.ts";
import { AgentClock } from "./clock.ts";
import { type FullOwnResult, type OwnAgent, ownResult } from "./custom.ts";
import { LimitError, OwnRun } from "./custom-run.ts";
import { isTooLong } from "./lengths.ts";
import { endOutcome, givenWork, takeWork, type Work } from "./submission.ts";

export type * from "./custom.ts";

/** What identifies a module: see AgentIdentity in the registry. `short_name`: `my-agent` of `./agents/my-agent.ts`. */
export async function moduleIdentity(
  path: string,
): Promise<{ short_name: string; sha256: string; version?: string }> {
  const module = await moduleAt(path);
  const identity = {
    short_name: basename(path, extname(path)),
    sha256: sha256(readFileSync(path)),
  };
  return typeof module.version === "string" ? { ...identity, version: module.version } : identity;
}

/**
 * The module's default export as an agent. It runs in this process, with all the rights of its owner: its own code is
 * trusted, the commands it has the sandbox run are not. Throws UsageError when there is no such file, it cannot be
 * loaded, or its default export is no function; the agent throws Fault `agent_failed` when the function throws or
 * returns something that is not a result. `name` is what its faults call it.
 */
export async function moduleAgent(path: string, name = path): Promise<Agent> {
  const { default: own } = await moduleAt(path);
  return (job) => playOwn(own, job, name);
}

type AgentModule = { readonly default: OwnAgent; readonly version?: unknown };

function isAgentModule(module: object): module is AgentModule {
  return "default" in module && typeof module.default === "function";
}

async function moduleAt(path: string): Promise<AgentModule> {
  const module = await loadModule(path);
  if (isAgentModule(module)) return module;
  throw new UsageError(
    `the agent ${path} must have a function as its default export: export default async function (job) { … }`,
  );
}

async function loadModule(path: string): Promise<object> {
  const absolute = resolve(path);
  if (!existsSync(absolute)) throw new UsageError(`there is no agent ${path}: no such file`);
  try {
    return await import(pathToFileURL(absolute).href);
  } catch (error) {
    const words = wordsOf(error).split("\n", 1)[0];
    throw new UsageError(`the agent ${path} cannot be loaded: ${words}`);
  }
}

/** Errors of the bundler have their messages in a list. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  return errorMessage(error);
}

async function playOwn(own: OwnAgent, job: AgentJob, path: string): Promise<AgentResult> {
  using time = (job.clock ?? new AgentClock()).startLimit(job.limits.max_wall_ms, job.signal);
  const run = new OwnRun(job, time.signal);
  const given = await endOf(own, { run, job, signal: time.signal }).catch((error: unknown) => {
    job.signal.throwIfAborted();
    // Whatever it threw after its time, the harness's error or its own, is because its time was over.
    if (time.signal.aborted) run.limit_reached ??= "wall time";
    else if (isTooLong(error)) run.limit_reached ??= "context";
    else if (!(error instanceof LimitError)) throw ownFault(error, path);
    return undefined;
  });
  const result = given === undefined ? {} : checked(given, path);
  return wholeResult(result, run, job.signal);
}

type Play = { readonly run: OwnRun; readonly job: AgentJob; readonly signal: AbortSignal };

/**
 * What the function returns, or the signal's reason as soon as there is one: code that ignores the signal is not waited
 * for.
 */
async function endOf(own: OwnAgent, { run, job, signal }: Play): Promise<unknown> {
  const { agent_id, partners, repo, limits, config, git } = job;
  using ended = aborted(signal);
  const work = own({
    agent_id,
    partners,
    repo,
    limits,
    config,
    git,
    signal,
    features: job.features.map(({ feature_id, description }) => ({ feature_id, description })),
    openSandbox: run.openSandbox,
    model: run.model,
    mailbox: run.mailbox(),
  });
  return (await Promise.race([work, ended.promise])) ?? null;
}

function aborted(signal: AbortSignal): Disposable & { readonly promise: Promise<never> } {
  const { promise, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return { promise, [Symbol.dispose]: () => signal.removeEventListener("abort", end) };
}

/** The laboratory's own faults keep their codes; everything else is the agent's. */
function ownFault(error: unknown, path: string): Error {
  if (error instanceof Fault || error instanceof UsageError) return error;
  if (asFault(error).code !== "internal") return asFault(error);
  return new Fault("agent_failed", `the agent ${path} threw: ${wordsOf(error)}`, {
    hint: "fix the agent and run again; --debug shows the trace",
    cause: error,
  });
}

function checked(given: unknown, path: string): FullOwnResult {
  const parsed = ownResult.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.length ? `${issue.path.join(".")}: ` : "";
  throw new Fault(
    "agent_failed",
    `the agent ${path} returned no valid result: ${place}${issue?.message}`,
    {
      hint: "it must return an object, such as {} or { patch }, whose fields are those of OwnResult",
    },
  );
}

async function wholeResult(
  given: FullOwnResult,
  run: OwnRun,
  signal: AbortSignal,
): Promise<AgentResult> {
  const work = await workOf(given, run, signal);
  const end = run.limit_reached ?? (run.isRefused ? "refused" : null);
  const own =
    given.outcome === "limit reached" || given.outcome === "refused" ? given.outcome : null;
  const known = endOutcome(work, end);
  return {
    ...work,
    outcome: end === null && own !== null && known !== "patch too large" ? own : known,
    limit_reached: run.limit_reached,
    steps: run.stepRecords(given.steps),
    transcript: run.transcript(given.transcript),
  };
}

async function workOf({ patch }: FullOwnResult, run: OwnRun, signal: AbortSignal): Promise<Work> {
  if (patch !== undefined) return givenWork(new Uint8Array(Buffer.from(patch)));
  const sandbox = await run.sandbox();
  if (sandbox === undefined) return { patch: new Uint8Array(), patch_source: "none" };
  return takeWork(sandbox, signal);
}
