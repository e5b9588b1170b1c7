// Owns the proof that the library, imported by its package name, does what the scripts do.
import { expect, test } from "bun:test";
import { join } from "node:path";
import {
  indexDataset,
  makeReport,
  mergeRuns,
  openBackend,
  runPairs,
  startRun,
  type TaskFiles,
} from "tandem";
import { openLedger } from "tandem/ledger";
import { temporaryFolder } from "./testing.ts";

test("a gold run of the demo task is run, merged and reported through the library", async () => {
  using folder = temporaryFolder();
  using ledger = openLedger(":memory:");
  const root = join(import.meta.dir, "../dataset");
  const log_dir = join(folder.path, "logs");
  indexDataset(ledger, root, "demo");
  const [task] = ledger.dataset.tasks("demo");
  if (!task) throw new Error("the demo task is not indexed");
  const taskOf = (): TaskFiles => ({ ...task, dir: join(root, task.dir) });
  const config = {
    setting: "coop",
    agent: "gold",
    model: null,
    backend: "local",
    messaging: true,
    max_steps: 1,
    max_cost_usd: null,
    max_wall_ms: 1000,
    command_timeout_ms: 1000,
  } as const;
  const run = await startRun({ ledger, name: "library", config, log_dir });
  const backend = await openBackend({ name: "local", log_dir, hidden: [], unsafe_local: true });
  const common = {
    ledger,
    log_dir,
    taskOf,
    concurrency: 2,
    force: false,
    signal: new AbortController().signal,
  };
  const keys: string[] = [];
  const onDone = (unit: { key: string }) => keys.push(unit.key);
  await runPairs({
    ...common,
    run,
    config,
    pairs: ledger.dataset.pairs({}),
    tries: 1,
    backend,
    onDone,
  });
  await mergeRuns({ ...common, filter: { run: "library" }, baseOf: backend.baseAtHand, onDone });
  expect(keys).toHaveLength(20);
  expect(
    makeReport({
      rows: ledger.outcomes.rows("union"),
      policy: "union",
      gold: new Map(),
      checks: [],
    }).runs[0],
  ).toMatchObject({
    run: "library",
    pairs: 10,
    conflicts: 5,
  });
});
