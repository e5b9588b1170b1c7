// Owns timing many attempts at once: scripted agents whose model takes its time, real sandboxes, real messages.

import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { defaultAgentConfig } from "../../lib/agent/config.ts";
import type { RunConfig } from "../../lib/attempt/config.ts";
import { startRun } from "../../lib/attempt/start.ts";
import { scratch } from "../../lib/core/files.ts";
import { attemptKey, parseAttemptKey } from "../../lib/core/keys.ts";
import { CPythonRandom } from "../../lib/dataset/random.ts";
import { DEMO_REPO } from "../../lib/dataset/read.ts";
import { runPairs, type UnitResult } from "../../lib/engine/attempt.ts";
import { NO_RETRIES } from "../../lib/engine/retries.ts";
import type { Gateway } from "../../lib/model/gateway.ts";
import { type MeteredModel, meteredModel } from "../../lib/model/metered.ts";
import { type Caller, NO_USAGE } from "../../lib/model/model.ts";
import { backendName } from "../../lib/sandbox/registry.ts";
import type { Backend, Sandbox, TaskFiles } from "../../lib/sandbox/sandbox.ts";
import { openMailroom } from "../../lib/team/mailroom.ts";
import type { Mailroom } from "../../lib/team/room.ts";
import { openWork } from "../../lib/work/work.ts";

export type AgentsBenchOptions = {
  readonly ledger: Ledger;
  readonly backend: Backend;
  readonly taskOf: (pair_key: string) => TaskFiles;
  readonly log_dir: string;
  /** Attempts at once, two agents each. */
  readonly attempts: number;
  /** How long the model's answers take, evenly spread; half a second to two and a half when absent. */
  readonly latency_ms?: Latency;
  readonly signal: AbortSignal;
};

export type Latency = { readonly least: number; readonly most: number };
const LATENCY_MS: Latency = { least: 500, most: 2500 };
const SAMPLE_MS = 50;

/** What each agent does: looks, talks, waits, works, hands in. */
const SCRIPT = [
  "git log --oneline | head -3; ls",
  "send_message @PARTNER@ <<'MSG'\nI write notes-@ME@.md and nothing else.\nMSG",
  "send_message --wait @PARTNER@ 'Which files do you change?'",
  "grep -rn function . --include='*.js' --include='*.py' | head -40",
  'for i in $(seq 200); do echo "line $i by @ME@"; done > notes-@ME@.md; wc notes-@ME@.md',
  "send_message @PARTNER@ 'Done with the notes.'",
  "git add -A && git diff --cached HEAD -- . ':!patch.txt' > patch.txt; tail -3 patch.txt",
  "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT",
] as const;
const MESSAGES_PER_AGENT = 3;

/**
 * One row: attempts that finished, and how others ended, memory of this process above its base in MiB a pair (peak resident set; sandboxes
 * are processes of their own), and the harness's own time a step in milliseconds: what passes between an agent's model
 * calls, commands and waits. Messages lost are those sent and not in the ledger.
 */
export async function benchAgents(options: AgentsBenchOptions) {
  await using folder = scratch(options.log_dir, "bench");
  const own = { ...options, log_dir: join(folder.path, "logs") };
  await runAll(own, { name: "warm-up", attempts: 1 });
  Bun.gc(true);
  const memory = watchMemory();
  const started = performance.now();
  const done = await runAll(own, { name: "bench", attempts: options.attempts });
  const wall_ms = performance.now() - started;
  const peak_mib = memory.stop();
  const kept = options.ledger.attempts.messageCount("bench");
  const steps = done.step_ms.sort((a, b) => a - b);
  return [
    {
      bench: "agents",
      attempts: options.attempts,
      finished: done.finished,
      ...(Object.keys(done.unfinished).length > 0 ? { unfinished: done.unfinished } : {}),
      wall_s: wall_ms / 1000,
      peak_mib_above_base: peak_mib,
      mib_per_pair: peak_mib / options.attempts,
      steps: steps.length,
      harness_ms_per_step_median: at(steps, 0.5),
      harness_ms_per_step_p95: at(steps, 0.95),
      messages_lost: options.attempts * 2 * MESSAGES_PER_AGENT - kept,
    },
  ];
}

type Batch = { readonly name: string; readonly attempts: number };

async function runAll(options: AgentsBenchOptions, { name, attempts }: Batch) {
  const { ledger, log_dir, signal, taskOf } = options;
  const all = ledger.dataset.pairs({ repo: DEMO_REPO });
  const tries = Math.ceil(attempts / all.length);
  const pairs = all.slice(0, Math.ceil(attempts / tries));
  const config = configOf(options.backend);
  await startRun({ ledger, name, config, log_dir });
  const watch = stopwatches(options.latency_ms ?? LATENCY_MS);
  await using mailroom = await openMailroom({ kind: "memory" });
  using work = openWork({ ledger, command: "bench" });
  let finished = 0;
  const unfinished: Record<string, number> = {};
  const onDone = (unit: UnitResult) => {
    const how = "fault" in unit ? `${unit.fault.code}: ${unit.fault.message}` : unit.outcome;
    if (how === "submitted") finished++;
    else unfinished[how] = (unfinished[how] ?? 0) + 1;
  };
  await runPairs({
    ledger,
    run: name,
    config,
    pairs,
    tries,
    log_dir,
    taskOf,
    backend: watch.backend(options.backend),
    mailroom: watch.mailroom(mailroom),
    gateway: watch.gateway(),
    concurrency: attempts,
    force: false,
    work,
    retries: NO_RETRIES,
    redo_changed: false,
    signal,
    drain: signal,
    onDone,
  });
  return { finished, unfinished, step_ms: watch.step_ms };
}

function configOf(backend: Backend): RunConfig {
  return {
    setting: "coop",
    agent: "mini",
    agent_sha256: null,
    agent_config: defaultAgentConfig(),
    agent_config_sha256: null,
    model: "simulated",
    base_url: null,
    backend: backendName(backend.name),
    messaging: true,
    git: false,
    cache: false,
    replay_of: null,
    max_steps: 20,
    max_cost_usd: null,
    max_wall_ms: 30 * 60_000,
    command_timeout_ms: 5 * 60_000,
  };
}

/** Wraps all that an agent waits for, and adds up what passes in between, a step from model call to model call. */
function stopwatches(latency: Latency) {
  const step_ms: number[] = [];
  const agents = new Map<string, { left_at: number; step: number }>();
  const outside = async <T>(agent: string, work: () => Promise<T>, newStep = false): Promise<T> => {
    const state = agents.get(agent);
    if (state) state.step += performance.now() - state.left_at;
    if (state && newStep) step_ms.push(state.step);
    const step = newStep || !state ? 0 : state.step;
    try {
      return await work();
    } finally {
      agents.set(agent, { left_at: performance.now(), step });
    }
  };
  return {
    step_ms,
    backend: (backend: Backend): Backend => ({
      ...backend,
      async open(request) {
        const sandbox = await backend.open(request);
        return watched(sandbox, (work) => outside(request.label, work));
      },
    }),
    mailroom: (room: Mailroom): Mailroom => ({
      ...room,
      async open(request) {
        const mailbox = await room.open(request);
        return {
          ...mailbox,
          wait: (agent, options) =>
            outside(`${request.attempt_key}.${agent}`, () => mailbox.wait(agent, options)),
        };
      },
      [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
    }),
    gateway: () => simulatedGateway(outside, latency),
  };
}

function watched(sandbox: Sandbox, outside: <T>(work: () => Promise<T>) => Promise<T>): Sandbox {
  return {
    ...sandbox,
    exec: (command, options) => outside(() => sandbox.exec(command, options)),
    put: (path, bytes) => outside(() => sandbox.put(path, bytes)),
    get: (path) => outside(() => sandbox.get(path)),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

type Outside = <T>(agent: string, work: () => Promise<T>, newStep?: boolean) => Promise<T>;

/** Models that answer from the script after a while. */
function simulatedGateway(outside: Outside, { least, most }: Latency): Gateway {
  const random = new CPythonRandom(42);
  const open = async (caller: Caller): Promise<MeteredModel> => {
    let n = 0;
    const key = attemptKey(parseAttemptKey(caller.attempt_key));
    const partner = caller.agent_id === "agent1" ? "agent2" : "agent1";
    return meteredModel({
      name: "simulated",
      options: {},
      divergence: () => undefined,
      on_call: () => undefined,
      ask: async () => {
        const line = SCRIPT[Math.min(n++, SCRIPT.length - 1)] ?? "";
        const command = line.replaceAll("@ME@", caller.agent_id).replaceAll("@PARTNER@", partner);
        const latency_ms = Math.round(least + random.random() * (most - least));
        await outside(`${key}.${caller.agent_id}`, () => Bun.sleep(latency_ms), true);
        const call = { id: `call_${n}`, name: "bash", arguments: { command } };
        return {
          answered: {
            answer: { text: "", tool_calls: [call], stop_reason: "tool calls" },
            usage: NO_USAGE,
            cost_usd: 0,
            latency_ms,
            retries: 0,
            source: "provider",
            response_model: null,
          },
          paid_usd: 0,
          waited_ms: 0,
        };
      },
    });
  };
  const known = { price_known: true, prices: "none", server: null };
  return { open, state: () => IDLE, stopped: undefined, ...known };
}

const IDLE = {
  provider: null,
  in_flight: 0,
  limit: 0,
  retries: 0,
  spent_usd: 0,
  unknown_price_calls: 0,
  last_rate_limit: null,
};

/** Peak resident memory above what there is now, in MiB. */
function watchMemory() {
  const mib = () => process.memoryUsage.rss() / 2 ** 20;
  const base = mib();
  let peak = base;
  const timer = setInterval(() => {
    peak = Math.max(peak, mib());
  }, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(peak, mib()) - base;
    },
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}
