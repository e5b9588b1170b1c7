import { describe, expect, test } from "bun:test";
import { defaultAgentConfig } from "../agent/config.ts";
import { UsageError } from "../core/fault.ts";
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
    { agent_sha256: "other" },
    { git: true },
    { cache: true },
    { replay_of: "r0" },
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

describe("a run of the first version", () => {
  const NEW = [
    "agent_sha256",
    "agent_config",
    "agent_config_sha256",
    "base_url",
    "git",
    "cache",
    "replay_of",
  ];
  const stored = Object.fromEntries(Object.entries(MINI).filter(([field]) => !NEW.includes(field)));

  test("goes on with what was always so", () => {
    expect(() => checkSameConfig("r", stored, MINI)).not.toThrow();
  });

  test("does not take what is new", () => {
    expect(() => checkSameConfig("r", stored, { ...MINI, git: true })).toThrow(
      "git false, not true",
    );
  });
});

test("a difference inside the agent's configuration is named where it is", () => {
  const agent_config = defaultAgentConfig();
  const stored = { ...MINI, agent_config };
  const compaction = { ...agent_config.compaction, threshold_tokens: 5 };
  const wanted = { ...MINI, agent_config: { ...agent_config, compaction } };
  expect(() => checkSameConfig("r", stored, wanted)).toThrow(
    "agent_config.compaction.threshold_tokens 28000, not 5",
  );
});

describe("the name", () => {
  const CASES: [config: RunConfig, filter: Parameters<typeof defaultRunName>[1], name: string][] = [
    [CONFIG, {}, "coop-gold"],
    [MINI, {}, "coop-mini-replay-test"],
    [{ ...MINI, setting: "solo" }, { subset: "lite" }, "solo-mini-replay-test-lite"],
    [{ ...MINI, git: true }, {}, "coop-mini-git-replay-test"],
    [{ ...MINI, replay_of: "first" }, {}, "coop-mini-replay-test-replay-of-first"],
    [
      { ...MINI, model: "local/a:b/c", agent: "./my/own-agent.ts" },
      {},
      "coop-own-agent-local-a-b-c",
    ],
    [CONFIG, { repo: "go_chi_task", task_id: 26 }, "coop-gold-go_chi_task-26"],
    [CONFIG, { repo: "openai_tiktoken_task", task_id: 0 }, "coop-gold-openai_tiktoken_task-0"],
  ];
  test.each(CASES)("%j %j", (config, filter, name) => {
    expect(defaultRunName(config, filter)).toBe(name);
  });
});

describe("A15: the server", () => {
  const at = (base_url: string | null, model = "local/qwen") => ({ ...CONFIG, model, base_url });
  const SAME: [one: RunConfig, other: RunConfig][] = [
    [at("http://127.0.0.1:8000/v1"), at("http://127.0.0.1:8001/v1")],
    [at("http://127.0.0.1:8000/v1"), at("https://localhost/openai")],
    [at("http://gpu1.lab:8000/v1"), at("https://GPU1.lab./v2")],
    [at(null, "anthropic/x"), at("https://api.anthropic.com/v1", "anthropic/x")],
  ];
  test.each(SAME)(
    "is the same on another port, by another scheme, at another path",
    (one, other) => {
      expect(configHash(one)).toBe(configHash(other));
      expect(() => checkSameConfig("r", one, other)).not.toThrow();
      expect(() => checkSameConfig("r", other, one)).not.toThrow();
    },
  );

  const OTHERS: [one: RunConfig, other: RunConfig, names: string[]][] = [
    [at("http://gpu1:8000"), at("http://gpu2:8000"), ["gpu1", "gpu2"]],
    [at("http://gpu1:8000"), at("http://127.0.0.1:8000"), ["gpu1", "localhost"]],
    [at(null, "openai/x"), at("http://proxy/v1", "openai/x"), ["api.openai.com", "proxy"]],
  ];
  test.each(OTHERS)(
    "is another on another host, unless that is said to be the same",
    (one, other, [was = "", now = ""]) => {
      expect(configHash(one)).not.toBe(configHash(other));
      expect(() => checkSameConfig("r", one, other, true)).not.toThrow();
      expect(() => checkSameConfig("r", { ...one, max_steps: 1 }, other, true)).toThrow(
        "max_steps",
      );
      for (const word of [was, now, "--same-server"])
        expect(() => checkSameConfig("r", one, other)).toThrow(word);
    },
  );
});
