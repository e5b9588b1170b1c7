import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { alternating } from "../model/provider/alternate.ts";
import { formProblem } from "../model/wire/strict.fixture.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { memoryMailbox } from "../team/memory.ts";
import { call, configured, jobOf, LIMITS, type Line, miniPlace, scripted } from "./job.fixture.ts";
import { miniAgent } from "./mini.ts";

setDefaultTimeout(60_000);
const place = miniPlace();
afterAll(() => place[Symbol.dispose]());

/** Runs nothing: every command prints a word. */
const sandbox: Sandbox = {
  ...{ repo_path: "/repo", work_path: "/work", base_commit: "0".repeat(40), base_git: "/base.git" },
  exec: async () => ({
    ...{ exit_code: 0, output: Buffer.from("printed"), dropped_bytes: 0 },
    ...{ timed_out: false, oom_killed: false, duration_ms: 1 },
  }),
  put: async () => undefined,
  putAll: async () => undefined,
  get: async () => undefined,
  addProgram: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

const text = fc.constantFrom(
  "",
  " \n",
  "I look.",
  "```bash\nls\n```",
  "```bash\nls\n```\n```sh\npwd\n```",
  "```bash\nls",
);
const calls = fc.array(
  fc.constantFrom(
    call("ls", "1"),
    { ...call("ls", "2"), name: "python" },
    { id: "3", name: "bash", arguments: {} },
    { id: "4", name: "bash", arguments: {}, malformed: "{" },
  ),
  { maxLength: 4 },
);
const line = fc.record({
  text,
  tool_calls: calls.map((all) => all.map((one, at) => ({ ...one, id: `${one.id}_${at}` }))),
  stop_reason: fc.constantFrom("stop", "tool calls", "length", "filtered"),
  usage: fc.constantFrom(10, 100_000).map((input_tokens) => ({
    ...{ input_tokens, output_tokens: 1, cache_read_tokens: 0 },
    ...{ cache_write_tokens: 0, reasoning_tokens: 0 },
  })),
  mail: fc.nat(2),
  ends: fc.boolean(),
});

describe.each(["native", "fenced"] as const)("in %s style", (tool_style) => {
  test("A2: mail, notes, refusals, cuts, compaction and failed calls leave roles that alternate", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 10 }), async (moves) => {
        const mailbox = memoryMailbox(["agent1", "agent2"]);
        const mail = { sender: "agent2", recipient: "agent1", content: "mail", sent_step: 1 };
        const lines = moves.map(
          ({ mail: count, ends, ...answer }): Line =>
            async () => {
              for (let n = 0; n < count; n++) await mailbox.send(mail);
              if (ends) await mailbox.finish("agent2", "[agent2 has ended]");
              return answer;
            },
        );
        const model = scripted(lines);
        const job = jobOf({
          ...configured({ tool_style, compaction: { threshold_tokens: 50_000, keep_turns: 2 } }),
          ...{ mailbox, partners: ["agent2"], limits: { ...LIMITS, max_steps: moves.length } },
          openSandbox: async () => sandbox,
          openModel: async () => model,
        });
        await miniAgent(job);
        expect(model.asked.length).toBeGreaterThan(0);
        for (const { turns } of model.asked)
          expect(formProblem(alternating(turns))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });
});

test("A2: without it mail behind a result is what strict servers refuse", async () => {
  const mailbox = memoryMailbox(["agent1", "agent2"]);
  const arrive: Line = async () => {
    await mailbox.send({ sender: "agent2", recipient: "agent1", content: "x", sent_step: 1 });
    return "true";
  };
  const { asked } = await place.mini([arrive], { mailbox, partners: ["agent2"] });
  const [, second] = asked.map(({ turns }) => turns);
  expect(formProblem(second ?? [])).toBe("Unexpected role 'user' after role 'tool'");
  expect(alternating(second ?? []).at(-1)).toMatchObject({
    role: "tool",
    content: expect.stringMatching(/exit status 0[\s\S]*\[Message from agent2\]: x$/),
  });
});
