import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import { memoryMailbox } from "../../team/memory.ts";
import type { Line } from "../job.fixture.ts";
import { fakeProgram, programPlace } from "./fake.fixture.ts";

setDefaultTimeout(60_000);

const WORK: Line = "echo more >> six.txt";
const DONE: Line = { text: "Done.", stop_reason: "stop" };

describeWith("bwrap", "a program that speaks the Agent Client Protocol", () => {
  let place: Awaited<ReturnType<typeof programPlace>>;
  const folder = temporaryFolder();
  const source = join(folder.path, "program");
  beforeAll(async () => {
    mkdirSync(source);
    const entrypoints = [join(import.meta.dir, "acp-agent.fixture.ts")];
    await Bun.build({ entrypoints, outdir: source, target: "bun", naming: "acp.js" });
    place = await programPlace();
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const play = async (way: string, lines: readonly Line[] = [WORK]) => {
    const bin = "bun {{program}}/acp.js";
    const fields = { bin, command: undefined, acp_name: "fake", limits: { grace_s: 0.3 } };
    const mailbox = memoryMailbox(["agent1", "agent2"]);
    const program = fakeProgram({ ...fields, env: { FAKE_ACP: way } });
    const job = { mailbox, partners: ["agent2"] };
    const { result, shown } = await place.play(program, lines, job, { program: { source } });
    const added = [
      ...Buffer.from(result.patch)
        .toString()
        .matchAll(/^\+([a-z].*)$/gm),
    ];
    return { result, shown, added: added.map(([, line]) => line) };
  };

  test("is told its task, may do what it asks for, has the tools, and hands in its work tree", async () => {
    const { result, added, shown } = await play("");
    expect(added).toEqual([
      ...["permission: yes", "servers: 1", "who: You are agent1. Your partners:", "more"],
    ]);
    expect(result).toMatchObject({ outcome: "submitted", limit_reached: null, steps: [{}] });
    expect(shown[0]?.[0]?.content).toContain("Build number 1.");
    const record = Buffer.from(result.own_record?.bytes ?? "").toString();
    expect(record).toContain('"stopReason":"end_turn"');
    expect(result.taken?.notes).toBeUndefined();
  });

  const SAVED: [way: string, note: string | undefined][] = [
    ["has no MCP", undefined],
    ["goes on", undefined],
    ["prints a banner", undefined],
    ["breaks in its turn", "exit status 9"],
  ];
  test.each(SAVED)("that %s: its work is taken", async (way, note) => {
    const { result, added } = await play(way);
    expect(added).toContain("more");
    expect(added).toContain(`servers: ${way === "has no MCP" ? 0 : 1}`);
    expect(result.outcome).toBe("submitted");
    const notes = result.taken?.notes?.join() ?? "";
    if (note === undefined) expect(notes).toBe("");
    else expect(notes).toContain(note);
  });

  const FAULTS: [way: string, words: string][] = [
    ["refuses", "there is no quota left"],
    ["is not there", "exit status 127 before it asked its model anything"],
  ];
  test.each(FAULTS)("that %s is a fault that says so", async (way, words) => {
    const message = expect.stringContaining(words);
    await expect(play(way, [DONE])).rejects.toMatchObject({ code: "agent_failed", message });
  });
});
