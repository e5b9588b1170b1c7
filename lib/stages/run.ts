// Owns the stage `run` as a function: from what is asked for to attempts in files and ledger.
import { resolve } from "node:path";
import { goingOn } from "../agent/earlier-prompts.ts";
import { agentNeeds } from "../agent/registry.ts";
import { defaultRunName, type RunConfig } from "../attempt/config.ts";
import { plannedAttempts } from "../attempt/planned.ts";
import { checkStart, startRun } from "../attempt/start.ts";
import { frozenRequest } from "../config/frozen.ts";
import { defaultValue } from "../config/settings.ts";
import { WIDTHS } from "../config/widths.ts";
import { UsageError } from "../core/fault.ts";
import { editionNamed, editionOfPairs } from "../dataset/edition.ts";
import { type RunPlan, runPairs } from "../engine/attempt.ts";
import { attemptLooks } from "../engine/done-checks.ts";
import { joinWork, NEVER, placesOf, sandboxesOf } from "../engine/places.ts";
import { NO_RETRIES } from "../engine/retries.ts";
import { planUnits } from "../engine/why.ts";
import type { Budget } from "../model/budget.ts";
import { DEFAULT_BACKEND, loadBackend } from "../sandbox/registry.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { selectPairs, type Unit } from "../select/select.ts";
import { taskFinder } from "../select/task-files.ts";
import type { Mailroom } from "../team/room.ts";
import type { Work } from "../work/work.ts";
import { runConfig } from "./config.ts";
import { modelLoad, openMessages, openModels } from "./models.ts";
import type { RunOptions, RunReport } from "./run-options.ts";

/** What a run would do: its name, configuration, pairs, and its attempts with the finished ones marked. */
export async function planRun(options: RunOptions) {
  const { ledger, dataset_dir } = placesOf(options);
  const { select = {}, tries = defaultValue("tries"), force = false } = options;
  const made = await runConfig(frozenRequest(options), { ledger, backend: options.backend });
  await assertNetwork(options, made);
  const pairs = pairsOf(options, made, dataset_dir);
  const named = editionNamed(ledger, select.edition);
  const edition = editionOfPairs(ledger, pairs, named?.hash);
  const name = options.name ?? defaultRunName(made, select);
  const config = goingOn(made, ledger.runs.find(name)?.config ?? {});
  const attempts = plannedAttempts({ ledger, run_name: name, pairs, tries, force });
  return { name, config, pairs, attempts, edition };
}

/** Throws UsageError where the run's agent cannot have the network that its sandboxes are to have. */
async function assertNetwork(options: RunOptions, { agent }: RunConfig): Promise<void> {
  const { backend = DEFAULT_BACKEND, unsafe_local = false, backend_options = {} } = options;
  const { networkLine } = await loadBackend(backend);
  networkLine(backend_options, { unsafe_local, ...agentNeeds(agent) });
}

/**
 * The attempts of a run, whether they are finished, and why not. Throws UsageError as {@link run} would, also for a run
 * of that name that was made differently.
 */
export async function planAttempts(options: RunOptions) {
  const { ledger, dataset_dir } = placesOf(options);
  const planned = await planRun(options);
  const { name, attempts, edition } = planned;
  checkStart({ ledger, ...planned, same_server: options.same_server });
  const redo_changed = options.redo_changed ?? false;
  const sources = { ledger, taskOf: taskFinder(ledger, dataset_dir, edition), redo_changed };
  const { force } = options;
  return {
    name,
    units: await planUnits(
      attemptLooks(() => sources),
      attempts,
      { ledger, force },
    ),
  };
}

/**
 * Runs what is missing; the same call again continues where this one ended. Faults of attempts come through `on_unit`
 * and stay in the ledger. Throws UsageError for impossible options, Faults for what concerns the whole run.
 */
export async function run(options: RunOptions): Promise<RunReport> {
  using joined = joinWork(options, "run-pair");
  const planned = await planRun(options);
  await using mailroom = await openMessages(options);
  const sandboxes = await sandboxesOf(options, options);
  await using opened = await openRun({ ...options, ...joined, mailroom, sandboxes }, planned);
  const { plan, gateway } = opened;
  const { name, pairs } = planned;
  const { signal = NEVER, drain = NEVER, on_unit, on_start } = options;
  const { left } = await runPairs({
    ...{ ...plan, run: name, pairs, signal, drain, work: joined.work, place: options.place },
    tries: options.tries ?? defaultValue("tries"),
    force: options.force ?? false,
    concurrency: options.concurrency ?? WIDTHS.run,
    explicit_concurrency: options.explicit_concurrency ?? false,
    retries: options.retries ?? NO_RETRIES,
    onDone: on_unit ?? (() => undefined),
    onLine: ({ counts }) => on_start?.({ run: name, counts, state: () => gateway?.state() }),
  });
  return { run: name, left, stopped: gateway?.stopped };
}

type Planned = Awaited<ReturnType<typeof planRun>>;
type Around = RunOptions & {
  readonly work: Work;
  readonly mailroom: Mailroom;
  readonly sandboxes: Backend;
  /** A budget that several runs share; the run's own when absent. */
  readonly budget?: Budget | undefined;
};

/** Starts (or continues) a planned run: its row, its connection to the model, and the plan that its attempts follow. */
export async function openRun(options: Around, { name, config, attempts, edition }: Planned) {
  const { ledger, log_dir, dataset_dir } = placesOf(options);
  const { signal = NEVER, work } = options;
  const { needs_gateway = false } = agentNeeds(config.agent);
  options.sandboxes.assertNetwork?.({ needs_gateway });
  const gateway = await openModels(options, { name, config });
  const { same_server } = options;
  await startRun({ ledger, name, config, log_dir, edition, same_server });
  const wanted = [...attempts.map(({ key }) => key), ...ledger.attempts.keys({ run: name })];
  ledger.work.plan(name, new Set(wanted).size);
  const watched = gateway && work.watch(() => modelLoad(config.model ?? "", gateway.state()));
  const isHere = options.place?.send === undefined;
  const programs = isHere && needs_gateway ? await openRunPrograms(options, log_dir) : undefined;
  const plan: RunPlan = {
    ...{ ledger, config, log_dir, gateway, programs, signal },
    backend: options.sandboxes,
    ...{ mailroom: options.mailroom, redis: options.redis },
    taskOf: taskFinder(ledger, dataset_dir, edition),
    redo_changed: options.redo_changed ?? false,
  };
  return {
    plan,
    gateway,
    async [Symbol.asyncDispose]() {
      watched?.[Symbol.dispose]();
      await programs?.[Symbol.asyncDispose]();
    },
  };
}

async function openRunPrograms({ sandboxes }: Around, log_dir: string) {
  const { openPrograms } = await import("../attempt/programs.ts");
  return await openPrograms({ backend: sandboxes, cache_dir: resolve(log_dir, ".cache") });
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
