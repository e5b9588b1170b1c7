import { expect, test } from "bun:test";
import { addRun, memoryLedger } from "../../db/ledger.fixture.ts";
import { agentConfigHash, defaultAgentConfig } from "../agent/config.ts";
import type { RunConfig } from "../attempt/config.ts";
import { armChange } from "./arm-changes.ts";
import { CONFIG } from "./history.fixture.ts";

const agent_config = defaultAgentConfig();
const MINI: RunConfig = {
  ...CONFIG,
  ...{ agent_config, agent_config_sha256: agentConfigHash(agent_config) },
};
const OTHER = { ...agent_config, prompts: { ...agent_config.prompts, system: "other" } };
const CASES: [changed: Partial<RunConfig>, words: string][] = [
  [{ max_steps: 40 }, "max_steps changed 100 → 40"],
  [{ max_cost_usd: null, git: true }, "git changed false → true, max_cost_usd changed 3 → none"],
  [{ max_wall_ms: 90_000 }, "max_wall_s changed 7200 → 90"],
  [{ model: "openai/gpt-5" }, "model changed anthropic/some-model → openai/gpt-5"],
  [{ agent_config: OTHER }, "agent_config changed"],
  [
    { agent: "./mine.ts", agent_sha256: "x" },
    "agent changed mini → ./mine.ts, the agent's file changed",
  ],
  [{}, "its configuration changed"],
];
test.each(CASES)("between an arm's runs: %p", (changed, words) => {
  using ledger = memoryLedger();
  addRun(ledger, { run: "s-a", config: { ...MINI, agent_config: { ...agent_config } } });
  const [earlier] = ledger.runs.all();
  if (earlier === undefined) throw new Error("no run");
  const config = { ...MINI, ...changed };
  // A made configuration is compared by its hash.
  expect(armChange(ledger, earlier, { config })).toBe(words);
});
