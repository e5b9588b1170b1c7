import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { Fault } from "../../core/fault.ts";
import { describeWith } from "../../core/testing.ts";
import { memoryMailbox } from "../../team/memory.ts";
import { LIMITS, type Line } from "../job.fixture.ts";
import { fakeProgram, programPlace } from "./fake.fixture.ts";

setDefaultTimeout(60_000);

const WORK = "echo more >> six.txt";
const DONE: Line = { text: "Done.", stop_reason: "stop" };

describeWith("bwrap", "an agent program", () => {
  let place: Awaited<ReturnType<typeof programPlace>>;
  beforeAll(async () => {
    place = await programPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  test("works behind the port: its work tree, steps, tokens, transcript and own record are taken", async () => {
    const usage = {
      input_tokens: 7,
      output_tokens: 3,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
      reasoning_tokens: 0,
    };
    const { result, asked } = await place.play(fakeProgram(), [
      { tool_calls: [bash(WORK)], usage, cost_usd: 0.5 },
      DONE,
    ]);
    expect(result).toMatchObject({
      outcome: "submitted",
      patch_source: "work tree",
      limit_reached: null,
    });
    expect(Buffer.from(result.patch).toString()).toContain("+more");
    expect(result.steps).toMatchObject([
      { step: 1, input_tokens: 7, output_tokens: 3, commands: 1, cost_usd: 0.5 },
      { step: 2 },
    ]);
    expect(result.transcript.map(({ role, step }) => [role, step])).toEqual([
      ["user", 1],
      ["assistant", 1],
      ["tool", 2],
      ["assistant", 2],
    ]);
    expect(result.program_commands).toEqual([{ step: 1, command: WORK, exit_code: null }]);
    expect(asked[0]?.turns[0]?.content).toContain("Build number 1.");
    expect(Buffer.from(result.own_record?.bytes ?? "").toString()).toContain("the end");
  });

  test("its commands have the exit codes that their results state, and so have its steps", async () => {
    const lines: Line[] = [
      { tool_calls: [bash(WORK, "a"), { id: "b", name: "note", arguments: { command: "?" } }] },
      { tool_calls: [bash("true", "c"), bash("exit 3", "d")] },
      "exit 4",
    ];
    const limits = { ...LIMITS, max_steps: 3 };
    const { result } = await place.play(fakeProgram({ env: { FAKE_STATES: "1" } }), lines, {
      limits,
    });
    expect(result.program_commands).toEqual([
      { step: 1, command: WORK, exit_code: 0 },
      { step: 2, command: "true", exit_code: 0 },
      { step: 2, command: "exit 3", exit_code: 3 },
      { step: 3, command: "exit 4", exit_code: null },
    ]);
    const told = result.steps.map(({ commands, exit_code }) => [commands, exit_code]);
    expect(told).toEqual([
      [1, 0],
      [2, 3],
      [1, null],
    ]);
  });

  test.each([
    [
      "musl",
      "Error loading shared library libstdc++.so.6: No such file or directory (needed by x)",
    ],
    ["glibc", "x: error while loading shared libraries: libstdc++.so.6: cannot open shared object"],
  ])("that lacks a library of %s is unfit for the image, which is said", async (_libc, words) => {
    const command = `echo '${words}'; echo 'Error relocating x: _ZSt4cerr: symbol not found'; exit 127`;
    const played = place.play(fakeProgram({ command }), []);
    await expect(played).rejects.toThrow("1 needs libstdc++.so.6, which this image lacks");
    await expect(played).rejects.toMatchObject({ code: "program_unfit" });
  });

  test.each([
    [false, 1],
    [true, 0],
  ])("whose calls have no tools: offers_tools = %p gives %p steps", async (offers_tools, steps) => {
    const ask = `await fetch(process.env.TANDEM_GATEWAY + "/v1/chat/completions", {
      method: "POST",
      headers: { authorization: "Bearer " + process.env.TANDEM_TOKEN },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "Go." }] }),
    })`;
    const program = fakeProgram({ command: `bun -e '${ask}'`, offers_tools });
    const { result, asked } = await place.play(program, [DONE]);
    expect([asked.length, result.steps.length]).toEqual([1, steps]);
  });

  type Ending = {
    readonly program: Parameters<typeof fakeProgram>[0];
    readonly lines: readonly Line[];
    readonly limits?: Partial<typeof LIMITS>;
    readonly outcome: string;
    readonly limit?: string;
    readonly note?: string;
  };
  const saved: Record<string, Ending> = {
    crashes: {
      program: { command: "{{bin}} {{prompt_file}}; echo broken; exit 3" },
      ...{ lines: [WORK, DONE], outcome: "submitted", note: "exit status 3: the end | broken" },
    },
    hangs: {
      ...{ program: {}, lines: [`${WORK}; sleep 1000`], limits: { max_wall_ms: 4000 } },
      ...{ outcome: "limit reached", limit: "wall time", note: "ended by the harness" },
    },
    floods: {
      program: { command: "{{bin}} {{prompt_file}}; yes | head -c 300000000" },
      ...{ lines: [WORK, DONE], outcome: "submitted" },
    },
    "ignores its limit": {
      program: { env: { FAKE_STUBBORN: "1" }, limits: { grace_s: 0.2 } },
      ...{ lines: [WORK, "true", "true"], limits: { max_steps: 2 } },
      ...{ outcome: "limit reached", limit: "steps", note: "ended by the harness" },
    },
    "ends at its limit by itself": {
      ...{
        program: {},
        lines: [{ tool_calls: [bash(WORK)], cost_usd: 2 }],
        limits: { max_cost_usd: 1 },
      },
      ...{ outcome: "limit reached", limit: "cost", note: "exit status 1" },
    },
    "is refused by the provider's filter": {
      program: {
        env: { FAKE_STUBBORN: "1" },
        limits: { grace_s: 0.2 },
        command: "for i in 1 2 3 4; do {{bin}} {{prompt_file}}; done",
      },
      ...{
        lines: [WORK, ...Array(3).fill({ text: "", stop_reason: "filtered" })],
        outcome: "refused",
        note: "ended",
      },
    },
    "asks a question": {
      ...{ program: {}, lines: [WORK, { text: "Shall I go on?" }], outcome: "submitted" },
    },
    "wants to update itself": {
      program: {
        command:
          "timeout 5 bash -c 'exec 3<>/dev/tcp/192.0.2.1/443' && exit 9; {{bin}} {{prompt_file}}",
      },
      ...{ lines: [WORK, DONE], outcome: "submitted" },
    },
  };
  test.each(Object.entries(saved))(
    "that %s ends as documented, its work tree saved",
    async (_name, { program, lines, limits, ...ending }) => {
      const { result } = await place.play(fakeProgram(program), lines, {
        limits: { ...LIMITS, ...limits },
      });
      expect(Buffer.from(result.patch).toString()).toContain("+more");
      expect({ outcome: result.outcome, limit: result.limit_reached }).toEqual({
        outcome: ending.outcome,
        limit: ending.limit ?? null,
      } as never);
      const notes = result.taken?.notes?.join() ?? "";
      if (ending.note === undefined) expect(notes).toBe("");
      else expect(notes).toContain(ending.note);
      expect(result.own_record?.bytes.length ?? 0).toBeLessThanOrEqual(16 * 1024 ** 2);
    },
  );

  test("that writes no patch hands in an empty one", async () => {
    const { result } = await place.play(fakeProgram(), [DONE]);
    expect(result).toMatchObject({ outcome: "empty patch", patch_source: "none" });
  });

  const faults: [name: string, program: object, words: string][] = [
    [
      "breaks at its start",
      { command: "echo no such option; exit 2" },
      "exit status 2 before it asked its model anything: no such option",
    ],
    [
      "needs a newer libc",
      { command: "echo 'x: version `GLIBC_2.99 not found' >&2; exit 1" },
      "GLIBC_2.99",
    ],
    ["is not there", { command: "no-such-program" }, "exit status 127"],
    ["never asks its model", { command: "sleep 1000", limits: { start_s: 0.5 } }, "within 0.5 s"],
  ];
  test.each(faults)(
    "that %s is a fault, for it has done nothing",
    async (_name, program, words) => {
      const played = place.play(fakeProgram(program as Record<string, unknown>), [DONE]);
      const error = await played.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Fault);
      expect(error).toMatchObject({
        code: "agent_failed",
        message: expect.stringContaining(words),
      });
    },
  );

  test("whose provider is down is the laboratory's fault", async () => {
    const down = async () => {
      throw new Fault("provider_down", "no answer", { hint: "wait" });
    };
    await expect(place.play(fakeProgram(), [WORK, down])).rejects.toMatchObject({
      code: "provider_down",
    });
  });

  test("talks by shell commands: mail and its partner's end come with every answer", async () => {
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    await mailbox.send({
      sender: "agent2",
      recipient: "agent1",
      content: 'mine is "six"\n$(x)',
      sent_step: 1,
    });
    const say = `tandem_send agent2 'a "word"
and \\ another	line é'; printf 'from stdin' | tandem_broadcast; tandem_send nobody hello; tandem_send agent2; echo status $?`;
    const lines = ["tandem_who; tandem_wait 0.1", say, DONE];
    const played = place.play(fakeProgram(), lines, { mailbox, partners: ["agent2"] });
    const { result, shown } = await played;
    const said =
      shown
        .at(-1)
        ?.filter(({ role }) => role === "tool")
        .map(({ content }) => content) ?? [];
    expect(said[0]).toContain('[Message from agent2]: mine is "six"\n$(x)');
    expect(said[0]).toContain("agent2: is at work");
    expect(said[1]).toContain("[message sent to agent2]");
    expect(said[1]).toContain('[message not sent: no agent "nobody"; there is agent2]');
    expect(said[1]).toContain("usage: tandem_send");
    expect((await mailbox.history()).slice(1)).toMatchObject([
      {
        sender: "agent1",
        recipient: "agent2",
        content: 'a "word"\nand \\ another\tline é',
        sent_step: 2,
      },
      { sender: "agent1", recipient: "agent2", content: "from stdin", sent_step: 2 },
    ]);
    expect(result.steps).toMatchObject([
      { messages_sent: 0 },
      { messages_sent: 2, messages_received: 1 },
      {},
    ]);
    expect(shown[0]?.[0]?.content).toContain("tandem_send agent2");
  });

  test("names no channel that is off", async () => {
    const { shown, result } = await place.play(fakeProgram(), ["tandem_who", DONE]);
    expect(shown[0]?.[0]?.content).not.toContain("tandem_");
    expect(result.transcript.at(-2)?.content).toContain("not found");
  });

  test("has its token in the environment only, and it is useless afterwards", async () => {
    const find =
      "cat /proc/self/environ | tr '\\0' '\\n' | grep ^TANDEM_ | base64 -w0; grep -rs \"$TANDEM_TOKEN\" /workspace /patches /tmp && echo FOUND";
    const { result } = await place.play(fakeProgram(), [find, DONE]);
    const said = result.transcript.at(-2)?.content ?? "";
    const environment = Buffer.from(said, "base64").toString();
    const token = /TANDEM_TOKEN=(\S+)/.exec(environment)?.[1] ?? "";
    expect(token.length).toBeGreaterThan(20);
    expect(said).not.toContain("FOUND");
    const again = await fetch("http://x/v1/models", {
      unix: place.port.socket,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(again.status).toBe(401);
  });
});

function bash(command: string, id = "call") {
  return { id, name: "bash", arguments: { command } };
}
