import { expect, test } from "bun:test";
import { SETTINGS } from "../config/settings.ts";
import type { Agent, AgentJob } from "./agent.ts";
import { AGENTS, type Agents, agentName, agentNeeds, loadAgent } from "./registry.ts";

test("the flag's help names every agent", () => {
  const own = Object.entries(AGENTS).filter(([, { program }]) => program === undefined);
  for (const [name] of own) expect(SETTINGS.agent.help).toContain(name);
  expect(Object.keys(AGENTS)).toContain(SETTINGS.agent.default);
});

test.each(["toString", "__proto__", "godl"])("%s is no agent", (name) => {
  expect(() => agentName(name)).toThrow(`unknown agent "${name}"`);
});

test("one more agent is one object and one row: its names, its needs, and its work", async () => {
  const patch = Buffer.from("a patch");
  const echo: Agent = async () => ({
    ...{ patch, patch_source: "agent", outcome: "submitted", limit_reached: null },
    ...{ steps: [], transcript: [] },
  });
  const agents: Agents = {
    ...AGENTS,
    echo: {
      ...{ means: "says what it was told", aliases: ["parrot"] },
      ...{ needs_model: "none", needs_sandbox: false, load: async () => echo },
    },
  };
  expect(() => agentName("echo")).toThrow('unknown agent "echo"');
  expect(agentName("parrot", agents)).toBe("echo");
  expect(() => agentName("parot", agents)).toThrow('did you mean "parrot"?');
  expect(agentNeeds("echo", agents)).toEqual({ needs_model: "none", needs_sandbox: false });
  const { agent } = await loadAgent("parrot", agents);
  expect((await agent({} as AgentJob)).patch).toBe(patch);
});
