// Owns the cases of a run's configuration: its hash, its differences, and the name it gets.
import { describe, expect, test } from "bun:test";
import { UsageError } from "../fault.ts";
import { checkSameConfig, configHash, defaultRunName, type RunConfig } from "./config.ts";
import { CONFIG, MINI } from "./pair.fixture.ts";

describe("the hash", () => {
  test("does not depend on the order of fields", () => {
    const { setting, ...rest } = CONFIG;
    expect(configHash({ ...rest, setting })).toBe(configHash(CONFIG));
  });

  const CHANGES: Partial<RunConfig>[] = [
    { setting: "solo" },
    { agent: "null" },
    { model: "replay/x" },
    { messaging: false },
    { max_steps: 1 },
    { max_cost_usd: null },
    { max_wall_ms: 1 },
    { command_timeout_ms: 1 },
  ];
  test.each(CHANGES)("changes with %j, and the field is named", (change) => {
    const [field = ""] = Object.keys(change);
    const wanted = { ...CONFIG, ...change };
    expect(configHash(wanted)).not.toBe(configHash(CONFIG));
    expect(() => checkSameConfig("r", CONFIG, wanted)).toThrow(UsageError);
    expect(() => checkSameConfig("r", CONFIG, wanted)).toThrow(`made with ${field} `);
    expect(() => checkSameConfig("r", wanted, wanted)).not.toThrow();
  });
});

describe("the name", () => {
  const CASES: [config: RunConfig, filter: Parameters<typeof defaultRunName>[1], name: string][] = [
    [CONFIG, {}, "coop-gold"],
    [MINI, {}, "coop-mini-replay-test"],
    [{ ...MINI, setting: "solo" }, { subset: "lite" }, "solo-mini-replay-test-lite"],
    [CONFIG, { repo: "go_chi_task", task_id: 26 }, "coop-gold-go_chi_task-26"],
    [CONFIG, { repo: "openai_tiktoken_task", task_id: 0 }, "coop-gold-openai_tiktoken_task-0"],
  ];
  test.each(CASES)("%j %j", (config, filter, name) => {
    expect(defaultRunName(config, filter)).toBe(name);
  });
});
