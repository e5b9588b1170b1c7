import { afterAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Fault, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { NO_USAGE } from "../model/model.ts";
import { memoryMailbox } from "../team/memory.ts";
import type { AgentJob } from "./agent.ts";
import { configured, jobOf, LIMITS, type Line, miniPlace } from "./job.fixture.ts";
import { agentIdentity, loadAgent } from "./registry.ts";

const folder = temporaryFolder();
const place = miniPlace();
afterAll(() => {
  place[Symbol.dispose]();
  folder[Symbol.dispose]();
});

let made = 0;
function written(source: string, ending = "ts"): string {
  const path = join(folder.path, `agent${++made}.${ending}`);
  writeFileSync(path, source);
  return path;
}

/** Plays a module whose function has this body. */
async function play(body: string, lines: readonly Line[] = [], fields: Partial<AgentJob> = {}) {
  const { agent } = await loadAgent(written(`export default async (job) => { ${body} }`, "js"));
  return place.play(agent, lines, fields);
}

const EXAMPLE = join(import.meta.dir, "my-agent.fixture.ts");

describe("the example", () => {
  test("works with its model until it is done; the harness takes its work and keeps its steps", async () => {
    const { agent } = await loadAgent(EXAMPLE);
    const usage = { ...NO_USAGE, input_tokens: 9 };
    const lines: Line[] = [{ text: "echo x > x; exit 3", usage, cost_usd: 0.5 }, { text: "DONE" }];
    const { result, shown } = await place.play(agent, lines);
    expect(result).toMatchObject({
      outcome: "submitted",
      patch_source: "work tree",
      limit_reached: null,
    });
    expect(result.steps).toMatchObject([
      { step: 1, input_tokens: 9, cost_usd: 0.5, commands: 1, exit_code: 3 },
      { step: 2, commands: 0, exit_code: null },
    ]);
    expect(shown[1]?.at(-1)).toEqual({ role: "user", content: "exit status 3\n" });
    expect(result.transcript.map(({ role, step }) => `${role} ${step}`)).toEqual([
      ...["user 1", "assistant 1", "user 1", "assistant 2"],
    ]);
  });

  test("talks with its partner", async () => {
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    await mailbox.send({ sender: "agent2", recipient: "agent1", content: "Hi.", sent_step: 1 });
    const { agent } = await loadAgent(EXAMPLE);
    const { result, shown } = await place.play(agent, [{ text: "DONE" }], {
      partners: ["agent2"],
      mailbox,
    });
    expect(shown[0]?.at(-1)?.content).toBe("agent2 says: Hi.");
    expect(result.steps).toMatchObject([{ messages_received: 1 }]);
    expect(await mailbox.history()).toMatchObject([
      { read_step: 1 },
      { sender: "agent1", recipient: "agent2", content: "I build: Build number 1." },
    ]);
  });

  test("is known by its name, its path and its bytes", async () => {
    expect(await agentIdentity(EXAMPLE)).toEqual({
      name: EXAMPLE,
      short_name: "my-agent.fixture",
      sha256: sha256(readFileSync(EXAMPLE)),
    });
  });
});

describe("a result", () => {
  const PATCH = "diff --git a/x b/x\n";
  const CASES: [body: string, expected: object][] = [
    [`return { patch: ${JSON.stringify(PATCH)} }`, { outcome: "submitted", patch_source: "agent" }],
    [
      "return { patch: Uint8Array.of(255, 0, 10) }",
      { outcome: "submitted", patch_source: "agent" },
    ],
    [
      "return { patch: '+'.repeat(64 * 1024 ** 2 + 1) }",
      {
        outcome: "patch too large",
        patch_source: "agent",
        taken: { size_bytes: 64 * 1024 ** 2 + 1 },
      },
    ],
    ["return { patch: '' }", { outcome: "empty patch", patch_source: "none" }],
    ["return {}", { outcome: "empty patch", patch_source: "none" }],
    [
      "return { patch: 'x', outcome: 'limit reached' }",
      { outcome: "limit reached", limit_reached: null },
    ],
    ["return { outcome: 'submitted' }", { outcome: "empty patch" }],
    [
      "const s = await job.openSandbox(); await s.put(s.repo_path + '/x', 'x'); return {}",
      { outcome: "submitted", patch_source: "work tree" },
    ],
    [
      "return { transcript: [{role:'user',content:'a'},{role:'assistant',content:'b'},{role:'user',content:'c'},{role:'assistant',content:'d'}] }",
      { transcript: [{ step: 1 }, { step: 1, tool_calls: [] }, { step: 1 }, { step: 2 }] },
    ],
    [
      "return { steps: [{ input_tokens: 5 }, { cost_usd: 1, commands: 2 }] }",
      {
        steps: [
          { step: 1, input_tokens: 5, cost_usd: null },
          { step: 2, cost_usd: 1, commands: 2 },
        ],
      },
    ],
  ];
  test.each(CASES)("%s", async (body, expected) => {
    expect((await play(body)).result as object).toMatchObject(expected);
  });

  test("is handed in byte for byte", async () => {
    const { result } = await play("return { patch: Uint8Array.from({length: 256}, (_, n) => n) }");
    expect([...result.patch]).toEqual(Array.from({ length: 256 }, (_, n) => n));
  });
});

describe("what a job tells", () => {
  test("is texts, limits, configuration and channels, and no gold patch", async () => {
    const { result } = await play(
      "return { transcript: [{ role: 'user', content: JSON.stringify(job) }] }",
      [],
      { git: true, partners: ["agent2"], ...configured({ tool_style: "fenced" }) },
    );
    const [told] = result.transcript.map(({ content }) => JSON.parse(content));
    expect(told).toMatchObject({
      agent_id: "agent1",
      partners: ["agent2"],
      repo: "small_task",
      git: true,
      limits: LIMITS,
      config: { tool_style: "fenced" },
    });
    expect(told.features).toEqual([{ feature_id: 1, description: "Build number 1." }]);
    expect(told.mailbox).toBeUndefined();
  });
});

describe("a limit ends it, and what it left is taken", () => {
  const WORK = "const s = await job.openSandbox(); await s.exec('echo x > x');";
  const ASK = "await job.model.complete({ turns: [] });";
  const dear: Line = { text: "a", cost_usd: 2 };
  const CASES: [name: string, body: string, limits: Partial<typeof LIMITS>, limit: string][] = [
    ["steps", `${WORK} for (;;) ${ASK}`, { max_steps: 3 }, "steps"],
    ["cost", `${WORK} for (;;) ${ASK}`, { max_cost_usd: 5 }, "cost"],
    [
      "wall time of a command",
      `${WORK} await s.exec('sleep 100')`,
      { max_wall_ms: 2_500 },
      "wall time",
    ],
    [
      "wall time of code that looks at nothing",
      `${WORK} await new Promise(() => {})`,
      { max_wall_ms: 2_500 },
      "wall time",
    ],
    [
      "steps, which it swallows",
      `${WORK} try { for (;;) ${ASK} } catch {} return {}`,
      { max_steps: 1 },
      "steps",
    ],
  ];
  test.each(CASES)("%s", async (_, body, limits, limit_reached) => {
    const { result, shown } = await play(body, Array(9).fill(dear), {
      limits: { ...LIMITS, ...limits },
    });
    expect(result).toMatchObject({
      outcome: "limit reached",
      limit_reached,
      patch_source: "work tree",
    } as object);
    expect(shown.length).toBeLessThanOrEqual(3);
  });

  test("an abort of the run is no limit", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(play("await new Promise(() => {})", [], { signal })).rejects.toThrow("stopped");
  });
});

describe("mistakes", () => {
  const THROWN: [body: string, words: string][] = [
    ["throw new Error('oh no')", "threw: oh no"],
    ["throw 'words'", "threw: words"],
    ["", "returned no valid result"],
    ["return 7", "returned no valid result"],
    ["return { patch: 7 }", "patch"],
    ["return { outcome: 'great' }", "outcome"],
    ["return { transcript: [{ role: 'me' }] }", "transcript.0.role"],
    ["await (job.mailbox.send('agnet2', 'x'))", 'did you mean "agent2"?'],
  ];
  test.each(THROWN)("%s is a fault of the agent", async (body, words) => {
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    const playing = play(body, [], { partners: ["agent2"], mailbox });
    await expect(playing).rejects.toMatchObject({
      code: "agent_failed",
      message: expect.stringContaining(words),
    });
  });

  test("a fault of the laboratory stays one", async () => {
    const openModel = () => Promise.reject(new Fault("provider_down", "gone", { hint: "wait" }));
    const { agent } = await loadAgent(
      written("export default (job) => job.model.complete({turns: []})", "js"),
    );
    await expect(agent(jobOf({ openModel }))).rejects.toMatchObject({ code: "provider_down" });
  });

  const BAD: [name: string, source: string, words: string][] = [
    ["no default export", "export const agent = 1", "must have a function as its default export"],
    ["a default export that is none", "export default {}", "must have a function"],
    ["a syntax error", "export default (", "cannot be loaded"],
    [
      "an import that is not there",
      "import './absent.ts'; export default () => {}",
      "cannot be loaded",
    ],
    ["an error of its own", "throw new Error('at load')", "cannot be loaded: at load"],
  ];
  test.each(BAD)("%s is the caller's", async (_, source, words) => {
    const path = written(source);
    await expect(loadAgent(path)).rejects.toThrow(UsageError);
    await expect(agentIdentity(path)).rejects.toThrow(words);
  });

  test("a file that is not there is the caller's", async () => {
    await expect(loadAgent("./no-such-agent.ts")).rejects.toThrow("no such file");
  });
});

test("a path is relative to where the command was given; a version is told", async () => {
  const path = written("export const version = '1.2'; export default async () => ({})");
  const near = `./${relative(process.cwd(), path)}`;
  expect(await agentIdentity(near)).toMatchObject({ name: near, version: "1.2" });
  const { agent } = await loadAgent(near);
  expect((await agent(jobOf())).outcome).toBe("empty patch");
});

describe("A5, A14: ends that the provider brings about", () => {
  const ask = "await job.model.complete({ turns: [{ role: 'user', content: 'x' }] });";
  const work = "const s = await job.openSandbox(); await s.put(s.repo_path + '/x', 'x');";
  const withheld: Line = { stop_reason: "filtered" };

  test("three refusals in a row", async () => {
    const { result, asked } = await play(`${work} for (;;) ${ask}`, Array(9).fill(withheld));
    expect(result).toMatchObject({ outcome: "refused", patch_source: "work tree" });
    expect(asked).toHaveLength(3);
  });

  test("a conversation that is too long", async () => {
    const tooLong: Line = () => Promise.reject(new Fault("context_too_long", "x", { hint: "y" }));
    const { result } = await play(`${work} ${ask}`, [tooLong]);
    const ended = { outcome: "limit reached", limit_reached: "context" };
    expect(result).toMatchObject({ ...ended, patch_source: "work tree" });
  });

  test("prompts that the server goes on cutting at one window", async () => {
    const cut = (cut_at_tokens: number): Line => ({ cut_at_tokens });
    const twice = `${ask} ${ask}`;
    await expect(play(twice, [cut(4_096), cut(3_900)])).rejects.toMatchObject({
      code: "prompt_cut",
    });
    const { result } = await play(`${work} ${twice} return {};`, [cut(16_000), cut(3_900)]);
    expect(result.outcome).toBe("submitted");
  });
});
