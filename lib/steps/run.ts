// Owns the step `run` as a function: from what is asked for to attempts in files and ledger.
import { join } from "node:path";
import type { Fault } from "../fault.ts";
import { UsageError } from "../fault.ts";
import type { GatewayEvent, GatewayState } from "../model/gateway.ts";
import { defaultRunName, type RunConfig } from "../pair/config.ts";
import { plannedAttempts, runPairs, type UnitResult } from "../pair/run.ts";
import { startRun } from "../pair/start.ts";
import { openMailroom } from "../team/mailroom.ts";
import { type ConfigRequest, runConfig } from "./config.ts";
import { NEVER, placesOf, type SandboxOptions, type StepOptions, sandboxesOf } from "./places.ts";
import { type Selection, selectPairs, taskFinder, type Unit } from "./select.ts";

const CALL_TIMEOUT_MS = 10 * 60_000;
const CONCURRENCY = 20;

export type RunOptions = StepOptions &
  ConfigRequest &
  SandboxOptions & {
    /** The run's name; made of its configuration and the selection when absent. */
    readonly name?: string | undefined;
    /** Which pairs, by filters or keys; a replay takes its original's when absent. */
    readonly select?: Omit<Selection, "run" | "dataset_dir"> | undefined;
    /** Attempts at each pair. */
    readonly tries?: number | undefined;
    /** US dollars the whole run may cost, earlier calls included. */
    readonly budget_usd?: number | undefined;
    /** JSON file of prices over the built-in table. */
    readonly prices_file?: string | undefined;
    /** Model calls at a time. */
    readonly model_calls?: number | undefined;
    /** Messages over Redis: a URL, or `auto` for a server of our own. */
    readonly redis?: string | undefined;
    readonly on_unit?: ((unit: UnitResult) => void) | undefined;
    readonly on_event?: ((event: GatewayEvent) => void) | undefined;
    /** Hears how many attempts there are, and how to look at the model's state, before the first starts. */
    readonly on_start?:
      | ((total: number, state: () => GatewayState | undefined) => void)
      | undefined;
  };
export type RunReport = {
  readonly run: string;
  /** Attempts that were not begun, and why. */
  readonly left: number;
  readonly stopped: Fault | undefined;
};

/** What a run would do: its name, configuration, pairs, and its attempts with the finished ones marked. */
export async function planRun(options: RunOptions) {
  const { ledger, dataset_dir } = placesOf(options);
  const { select = {}, tries = 1, force = false } = options;
  const config = await runConfig(configRequest(options), { ledger, backend: options.backend });
  const pairs = pairsOf(options, config, dataset_dir);
  const name = options.name ?? defaultRunName(config, select);
  const attempts = plannedAttempts({ ledger, run_name: name, pairs, tries, force });
  return { name, config, pairs, attempts };
}

/**
 * Runs what is missing; the same call again goes on where this one ended. Faults of attempts come through `on_unit` and
 * stay in the ledger. Throws UsageError for what cannot be, Faults for what concerns the whole run.
 */
export async function run(options: RunOptions): Promise<RunReport> {
  const { ledger, log_dir, dataset_dir } = placesOf(options);
  const { signal = NEVER, tries = 1, force = false } = options;
  const { name, config, pairs, attempts } = await planRun(options);
  const backend = await sandboxesOf(options, options);
  const gateway = await openModels(options, { name, config });
  await using mailroom = await openMessages(options);
  const row = await startRun({ ledger, name, config, log_dir });
  options.on_start?.(attempts.length, () => gateway?.state());
  const { left } = await runPairs({
    ledger,
    run: row,
    config,
    pairs,
    tries,
    log_dir,
    backend,
    gateway,
    mailroom,
    concurrency: options.concurrency ?? CONCURRENCY,
    signal,
    taskOf: taskFinder(ledger, dataset_dir),
    force,
    onDone: options.on_unit ?? (() => undefined),
  });
  return { run: name, left, stopped: gateway?.stopped };
}

/** The fields of a request for a configuration, and nothing else. */
function configRequest(options: RunOptions): ConfigRequest {
  const { setting, agent, model, base_url, agent_config, messaging, git, cache, replay } = options;
  const { max_steps, max_cost_usd, max_wall_ms, command_timeout_ms } = options;
  const choices = { setting, agent, model, base_url, agent_config, messaging, git, cache, replay };
  return { ...choices, max_steps, max_cost_usd, max_wall_ms, command_timeout_ms };
}

function pairsOf(
  { ledger, select = {} }: RunOptions,
  config: RunConfig,
  dataset_dir: string,
): Unit[] {
  const { replay_of } = config;
  if (replay_of === null) return selectPairs(ledger, { ...select, dataset_dir });
  const done = ledger.attempts.select({ run: replay_of });
  const keys = [...new Set(done.map(({ pair_key }) => pair_key))];
  if (keys.length === 0)
    throw new UsageError(`run "${replay_of}" has no finished attempt to replay`);
  const wanted =
    select.keys &&
    new Set(selectPairs(ledger, { ...select, dataset_dir }).map(({ pair_key }) => pair_key));
  return selectPairs(ledger, { ...select, keys, dataset_dir }).filter(
    ({ pair_key }) => wanted?.has(pair_key) ?? true,
  );
}

type Named = { readonly name: string; readonly config: RunConfig };

/** The way to the run's model; undefined when its agent asks none. */
async function openModels(options: RunOptions, { name, config }: Named) {
  const { ledger, log_dir } = placesOf(options);
  const { model, base_url, agent_config, replay_of } = config;
  if (model === null) return undefined;
  const { openGateway } = await import("../model/gateway.ts");
  return await openGateway({
    model,
    base_url: base_url ?? undefined,
    options: agent_config?.model ?? {},
    prices_file: options.prices_file,
    budget_usd: options.budget_usd ?? null,
    spent_usd: ledger.runs.spent_usd(name),
    max_cost_usd: config.max_cost_usd,
    cache_dir: config.cache ? join(log_dir, ".cache", "answers") : undefined,
    replay: replay_of === null ? undefined : { log_dir, run: replay_of },
    ...(options.model_calls === undefined ? {} : { concurrency: options.model_calls }),
    call_timeout_ms: CALL_TIMEOUT_MS,
    on_event: options.on_event,
  });
}

async function openMessages({ redis, signal }: RunOptions) {
  if (redis === undefined) return await openMailroom({ kind: "memory" });
  const url = redis === "auto" ? undefined : redis;
  return await openMailroom({ kind: "redis", url, signal });
}
