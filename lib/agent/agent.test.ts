import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { goldAgent } from "./gold.ts";
import { SHIPPED } from "./installed/shipped.ts";
import { feature, jobOf } from "./job.fixture.ts";
import { nullAgent } from "./null.ts";
import { AGENTS, agentIdentity, agentName, agentNeeds, loadAgent } from "./registry.ts";

describe("names", () => {
  const GOOD: [name: string, own: string][] = [
    ["gold", "gold"],
    ["null", "null"],
    ["mini", "mini"],
  ];
  test.each(GOOD)("%s", async (name, own) => {
    expect(agentName(name)).toBe(own);
    expect(await agentIdentity(name)).toEqual({ name: own, short_name: own });
  });
  test("every agent can be named", () => {
    const known = [...GOOD.map(([, own]) => own), ...SHIPPED];
    expect(known.sort()).toEqual(Object.keys(AGENTS).sort());
  });
  test.each(["./my-agent.ts", "agents/mine", "mine.js", "/x/y.ts"])("%s is a module's", (path) => {
    expect(agentName(path)).toBe(path);
    expect(agentNeeds(path)).toEqual({ needs_model: "optional", needs_sandbox: true });
  });

  const BAD: [name: string, words: string][] = [
    ["", 'unknown agent ""'],
    ["golt", 'did you mean "gold"?'],
    ["mini_swe_agnt", 'did you mean "mini_swe_agent"?'],
    ["toString", 'unknown agent "toString"'],
    ["constructor", 'unknown agent "constructor"'],
    ["my-agent", "./my-agent.ts"],
  ];
  test.each(BAD)('"%s" is none', (name, words) => {
    expect(() => agentName(name)).toThrow(UsageError);
    expect(() => agentName(name)).toThrow(words);
  });

  test("every agent loads", async () => {
    for (const name of Object.keys(AGENTS)) {
      const { agent, program, ...needs } = await loadAgent(name);
      expect(program?.name).toBe(SHIPPED.includes(name) ? name : undefined);
      expect(agent).toBeFunction();
      expect(needs).toEqual(agentNeeds(name));
    }
  });
});

describe("the agent gold", () => {
  test("hands in the gold patch byte for byte, and opens nothing", async () => {
    const gold_patch = Uint8Array.from({ length: 256 }, (_, value) => value);
    const result = await goldAgent(jobOf({ features: [feature(3, { gold_patch })] }));
    expect(result).toMatchObject({ outcome: "submitted", patch_source: "gold", steps: [] });
    expect(result.patch).toEqual(gold_patch);
  });

  test("calls an empty gold patch empty", async () => {
    const features = [feature(3, { gold_patch: new Uint8Array() })];
    expect((await goldAgent(jobOf({ features }))).outcome).toBe("empty patch");
  });

  test("refuses several features, whose gold patches have no joint form", async () => {
    const job = jobOf({ features: [feature(2), feature(5)] });
    await expect(goldAgent(job)).rejects.toMatchObject({
      code: "patch_missing",
      message: expect.stringContaining("2 and 5"),
    });
  });
});

test("the agent null hands in nothing, and opens nothing", async () => {
  const result = await nullAgent(jobOf());
  expect(result).toMatchObject({ outcome: "empty patch", patch_source: "none", steps: [] });
  expect(result.patch).toBeEmpty();
});
