// Owns looks at work under way for tests and trials: whole ones, of which a test names only what it is about.
import type { ArmStatus } from "./arm.ts";
import type { ActiveUnit, ProcessStatus, Status } from "./status.ts";
import type { WorkerStatus } from "./workers.ts";

export const AT = "2026-01-02T03:04:05.000Z";

export function arm(fields: Partial<ArmStatus> = {}): ArmStatus {
  return {
    run: "coop-mini",
    setting: "coop",
    agent: "mini",
    model: "anthropic/claude-sonnet-4-5",
    total: 652,
    done: 312,
    merged: 310,
    evaluated: 300,
    passed: 120,
    active: 14,
    faults: {},
    waiting: 0,
    cost_usd: 41.2,
    unpriced: 0,
    ...{ paused: null, cancelled_whole: null, cancelled: 0 },
    forecast_usd: 86.1,
    eta_ms: 8_040_000,
    ...fields,
  };
}

export function unit(pair: string, fields: Partial<ActiveUnit> = {}): ActiveUnit {
  const run = fields.run ?? "coop-mini";
  return {
    unit: `${run}/${pair}`,
    step: "run",
    run,
    owner: "host/1/4242/99",
    doing: "agent1: go test ./...",
    age_ms: 192_000,
    agents: [
      { agent_id: "agent1", steps: 12 },
      { agent_id: "agent2", steps: 9 },
    ],
    cost_usd: 0.41,
    unpriced: 0,
    tokens: 100_000,
    ...fields,
  };
}

export function oneProcess(fields: Partial<ProcessStatus> = {}): ProcessStatus {
  return {
    owner: "host/1/4242/99",
    pid: 4242,
    command: "pipeline",
    state: "running",
    tokens: 1_200_000,
    ...{ runs: ["coop-mini"], concurrency: 20 },
    presence: "alive",
    units: 14,
    age_ms: 3_600_000,
    heartbeat_age_ms: 1000,
    ...fields,
  };
}

export function oneWorker(fields: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    ...{ queue: "s", worker: "w1", host: "far", pid: 7, version: "0.1.0", slots: 4, busy: 3 },
    ...{ units: 12, images: ["a:1", "b:2"], state: "running", note: null, presence: "alive" },
    faults: [{ code: "engine_gone", count: 2, message: "gone", last_at: AT }],
    ...{ age_ms: 3_600_000, heard_age_ms: 1000 },
    ...fields,
  };
}

export function look(fields: Partial<Status> = {}): Status {
  return {
    at: AT,
    arms: [arm()],
    units: [unit("go_chi_task/task26/features_1_2")],
    processes: [oneProcess()],
    workers: [],
    models: [
      {
        model: "anthropic/claude-sonnet-4-5",
        in_flight: 12,
        limit: 32,
        retries: 0,
        last_rate_limit_at: null,
      },
    ],
    tokens_per_min: 182_000,
    ...fields,
  };
}
