import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { evaluate, indexDemo, merge, pairs, report, run, UsageError } from "tandem";
import { openLedger } from "tandem/ledger";
import { agentConfigHash, defaultAgentConfig } from "./agent/config.ts";
import { temporaryFolder } from "./core/testing.ts";

setDefaultTimeout(120_000);

test("a recorded pair is run, merged, evaluated and reported, with progress, and a second call does nothing", async () => {
  using folder = temporaryFolder();
  using ledger = openLedger(":memory:");
  indexDemo(ledger);
  const places = { ledger, log_dir: join(folder.path, "logs") };
  const [pair] = pairs(places, { repo: "demo_task", features: [2, 1] });
  expect(pair?.pair_key).toBe("demo_task/task1/features_1_2");
  const heard: string[] = [];
  const on_unit = (unit: { key: string; outcome?: string; fresh?: boolean }) =>
    heard.push(`${unit.key} ${unit.outcome} ${unit.fresh}`);
  const select = { keys: [pair?.pair_key ?? ""] };
  // The commands of the recording are in git: they may run without isolation.
  const first = { ...places, name: "library", model: "replay/demo", select, unsafe_local: true };
  const done = await run({ ...first, on_unit });
  expect(done).toEqual({ run: "library", left: 0, stopped: undefined });
  const agent_config_sha256 = agentConfigHash(defaultAgentConfig());
  expect(ledger.runs.find("library")?.config).toMatchObject({ agent_config_sha256 });
  await merge({ ...places, select: { run: "library" } });
  await evaluate({ ...places, select: { run: "library" }, unsafe_local: true, on_unit });
  expect(report(places, { run: "library" }).runs[0]).toMatchObject({ pairs: 1, pending: 0 });
  await run({ ...first, on_unit });
  const key = `library/${pair?.pair_key}`;
  expect(heard).toEqual([
    `${key} submitted true`,
    expect.stringMatching(/ (passed|failed) true$/),
    `${key} submitted false`,
  ]);
});

test("gold patches of ten pairs are run, merged and reported", async () => {
  using folder = temporaryFolder();
  using ledger = openLedger(":memory:");
  const places = { ledger, log_dir: join(folder.path, "logs") };
  const select = { repo: "demo_task" };
  await run({ ...places, agent: "gold", select });
  await merge({ ...places, select: { run: "coop-gold-demo_task" } });
  expect(report(places).runs).toMatchObject([{ pairs: 10, conflicts: 5 }]);
});

test("what cannot be is a UsageError that says so", async () => {
  using ledger = openLedger(":memory:");
  indexDemo(ledger);
  const cases = [
    () => pairs({ ledger }, { repo: "demo_tusk" }),
    () => pairs({ ledger }, { repo: "demo_task", features: [1, 99] }),
    () => run({ ledger, agent: "gould" }),
    () => run({ ledger, agent: "mini" }),
    () => run({ ledger, agent: "gold", model: "replay/demo" }),
    () => run({ ledger, replay: "nothing" }),
    () => run({ ledger, agent: "gold", git: true }),
    () => run({ ledger, setting: "solo", model: "replay/demo", git: true }),
    () => report({ ledger }, { run: "nothing" }),
  ];
  for (const wrong of cases) expect(async () => await wrong()).toThrow(UsageError);
});
