// Owns attempts for tests: a place with ledger, logs and recordings, configurations, and a backend that is watched.

import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { writeWhole } from "../core/files.ts";
import { pairKey } from "../core/keys.ts";
import { indexDataset } from "../dataset/index.ts";
import type { RunPairsPlan, UnitResult } from "../engine/attempt.ts";
import { NO_RETRIES } from "../engine/retries.ts";
import { openGateway } from "../model/gateway.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { demoTask, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { openMailroom } from "../team/mailroom.ts";
import { openWork } from "../work/work.ts";
import type { RunConfig } from "./config.ts";
import { startRun } from "./start.ts";

export const CONFIG: RunConfig = {
  setting: "coop",
  agent: "gold",
  agent_sha256: null,
  agent_config: null,
  agent_config_sha256: null,
  model: null,
  base_url: null,
  backend: "local",
  messaging: true,
  git: false,
  cache: false,
  replay_of: null,
  max_steps: 20,
  max_cost_usd: 3,
  max_wall_ms: 60_000,
  command_timeout_ms: 20_000,
};
export const MINI: RunConfig = { ...CONFIG, agent: "mini", model: "replay/test" };

export const pairOf = (...features: number[]) => ({ repo: "demo_task", task_id: 1, features });
export const keyOf = (...features: number[]) => ({ pair_key: pairKey(pairOf(...features)) });

/** A backend that tells which sandboxes it opened and which of them are closed. */
export function watched(backend: Backend) {
  const opened: string[] = [];
  const closed: string[] = [];
  return {
    ...backend,
    opened,
    closed,
    async open(request: Parameters<Backend["open"]>[0]) {
      const sandbox = await backend.open(request);
      opened.push(request.label);
      return {
        ...sandbox,
        async [Symbol.asyncDispose]() {
          await sandbox[Symbol.asyncDispose]();
          closed.push(request.label);
        },
      };
    },
  };
}

/** What every attempt of these tests shares: messages in this process, answers from recordings. */
const mailroom = await openMailroom({ kind: "memory" });
const gateway = await openGateway({
  model: "replay/test",
  options: {},
  call_timeout_ms: 60_000,
});

/** A ledger with the demo's features, a log folder, and a small task with recordings made of commands. */
export function pairPlace() {
  const place = taskPlace();
  const ledger = openLedger(":memory:");
  indexDataset(ledger, join(import.meta.dir, "../../dataset"), "demo");
  const task = { ...place.task(SMALL_SETUP), repo: "demo_task" };
  const log_dir = join(place.path, "logs");
  const work = openWork({ ledger, command: "test" });
  return {
    ledger,
    log_dir,
    task,
    backend: watched(place.backend()),
    mailroom,
    gateway,
    work,
    at: (...parts: string[]) => join(log_dir, ...parts),
    /** Records what an agent does in a pair: one command a step. */
    record(agent_id: string, commands: readonly string[], folder = "coop/features_1_2") {
      const lines = commands.map((command) =>
        JSON.stringify({ answer: { tool_calls: [{ name: "bash", arguments: { command } }] } }),
      );
      writeWhole(join(task.dir, "recordings/test", folder, `${agent_id}.jsonl`), lines.join("\n"));
    },
    /** A plan of the run `r` over the demo's pairs, and the units it reports. */
    async plan(fields: Partial<RunPairsPlan> = {}) {
      const units: UnitResult[] = [];
      const config = fields.config ?? CONFIG;
      await startRun({ ledger, name: "r", config, log_dir });
      const plan: RunPairsPlan = {
        ledger,
        config,
        run: "r",
        pairs: [keyOf(1, 2)],
        tries: 1,
        log_dir,
        taskOf: demoTask,
        backend: this.backend,
        mailroom: this.mailroom,
        gateway: this.gateway,
        concurrency: 2,
        force: false,
        work: this.work,
        retries: NO_RETRIES,
        redo_changed: false,
        signal: new AbortController().signal,
        drain: new AbortController().signal,
        onDone: (unit) => units.push(unit),
        ...fields,
      };
      return { plan, units };
    },
    [Symbol.dispose]() {
      work[Symbol.dispose]();
      ledger.close();
      place[Symbol.dispose]();
    },
  };
}
