// Owns what every backend must hold, as tests that any of them can be put through.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { posix } from "node:path";
import type { Backend, OpenOptions, Sandbox, TaskFiles } from "./sandbox.ts";
import { run } from "./task.fixture.ts";

/** A backend, and a task with a history of two commits or more whose repository it can make; gone at the end. */
export type ContractPlace = AsyncDisposable & {
  readonly backend: Backend;
  /** The same for agents that call their model from inside; absent where nothing isolates. */
  readonly with_gateway?: Backend;
  readonly task: TaskFiles;
};

/** Declares the tests of the contract over a backend; to be called within a `describe`. */
export function contract(name: string, openPlace: () => Promise<ContractPlace>): void {
  let place: ContractPlace;
  let agent: Sandbox;
  const open = (purpose: OpenOptions["purpose"], more: Partial<OpenOptions> = {}) =>
    place.backend.open({ task: place.task, purpose, label: "a-run/pair.agent1", ...more });

  beforeAll(async () => {
    place = await openPlace();
    agent = await open("agent");
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("it goes by its name in the registry", () => {
    expect(place.backend.name).toBe(name);
  });

  const COMMANDS: [command: string, exit_code: number, text: string][] = [
    ["exit 7", 7, ""],
    ["echo a; echo b >&2; echo c", 0, "a\nb\nc\n"],
    ["kill -KILL $$", 137, ""],
    ["cat; echo input is closed", 0, "input is closed\n"],
    ["git status --porcelain", 0, ""],
    [`data='${"y".repeat(300_000)}'; echo \${#data}`, 0, "300000\n"],
  ];
  test.each(COMMANDS)("%.40s", async (command, exit_code, text) => {
    expect(await run(agent, command)).toEqual({ exit_code, text });
  });

  test("nothing leaks from one command into the next, nor from the host's environment", async () => {
    process.env.ANTHROPIC_API_KEY = "secret-of-the-host";
    try {
      await run(agent, "export LEAK=1; cd /; umask 777");
      const { text } = await run(agent, 'echo "[$LEAK] $PWD"; env');
      expect(text).toStartWith(`[] ${agent.repo_path}\n`);
      expect(text).not.toContain("secret-of-the-host");
    } finally {
      delete process.env.ANTHROPIC_API_KEY;
    }
    expect((await run(agent, "pwd", { cwd: agent.work_path })).text).toBe(`${agent.work_path}\n`);
  });

  test("a deadline ends a command, and what it printed before stays", async () => {
    const ended = await agent.exec("echo before; sleep 60", { timeout_ms: 1_500 });
    expect(ended.timed_out).toBe(true);
    expect(Buffer.from(ended.output).toString()).toBe("before\n");
  });

  test("of much output both ends are kept, and the rest is counted", async () => {
    const command = "echo first; head -c 300000 /dev/zero | tr '\\0' x; echo; echo last";
    const options = { timeout_ms: 60_000, max_output_bytes: 2_000 };
    const { output, dropped_bytes } = await agent.exec(command, options);
    const text = Buffer.from(output).toString();
    expect(text).toStartWith("first\n");
    expect(text).toEndWith("last\n");
    expect(dropped_bytes).toBe(300_012 - 2_000);
  });

  test("an abort ends a command with its reason", async () => {
    const stop = new AbortController();
    const command = agent.exec("sleep 60", { timeout_ms: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(new Error("interrupted")), 300);
    await expect(command).rejects.toThrow("interrupted");
    const signal = AbortSignal.abort(new Error("interrupted"));
    await expect(open("agent", { signal })).rejects.toThrow("interrupted");
  });

  test("files of any bytes go in and come out, one or several, and what is no file is none", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const at = (path: string) => posix.join(agent.work_path, path);
    await agent.put(at("new folder/ünï.bin"), bytes);
    await agent.putAll([
      { path: at("a/one"), bytes: Buffer.from("1") },
      { path: at("b/none"), bytes: new Uint8Array() },
    ]);
    expect(await agent.get(at("new folder/ünï.bin"))).toEqual(Buffer.from(bytes));
    expect((await run(agent, `cat '${at("a/one")}' '${at("b/none")}'`)).text).toBe("1");
    await run(agent, `cd '${agent.work_path}'; mkdir odd; mkfifo pipe; ln -s a/one link`);
    for (const name of ["absent", "odd", "pipe", "link", "no/such/folder"])
      expect(await agent.get(at(name))).toBeUndefined();
    await expect(agent.get(at("new folder/ünï.bin"), 255)).rejects.toThrow();
  });

  test("an agent sees one commit, a suite all of them, and both have the tree of the base", async () => {
    await using suite = await open("suite");
    const command = "git rev-parse HEAD^{tree}; git rev-parse HEAD; git rev-list --count HEAD";
    const { tree } = await place.backend.base(place.task);
    const [ofAgent, ofSuite] = [await run(agent, command), await run(suite, command)];
    expect(ofAgent.text).toBe(`${tree}\n${agent.base_commit}\n1\n`);
    expect(ofSuite.text).toMatch(new RegExp(`^${tree}\n${suite.base_commit}\n([2-9]|\\d\\d+)\n$`));
    expect(await place.backend.baseAtHand(place.task)).toEqual(
      await place.backend.base(place.task),
    );
    const kept = `ls -d '${agent.base_git}/objects' '${agent.base_git}/info/exclude' | wc -l`;
    expect((await run(agent, kept, { harness: true })).text).toBe("2\n");
  });

  test("sandboxes of one task do not see each other's work", async () => {
    await using other = await open("agent");
    await run(other, "echo changed > new.txt; git add . && git commit -qm changed");
    expect((await run(agent, "ls new.txt; git log --format=%s | grep -c changed")).text).toContain(
      "0\n",
    );
  });

  test("a program of the harness is on the PATH of later commands, outside the repository", async () => {
    await using own = await open("agent");
    await own.addProgram("greet", "#!/bin/sh\necho hello $1\n");
    expect(await run(own, "greet you; git status --porcelain")).toEqual({
      ...{ exit_code: 0, text: "hello you\n" },
    });
  });

  test("in a share each writes its own folder and reads the others'", async () => {
    const request = { label: "a-run/pair", agent_ids: ["agent1", "agent2"] };
    await using share = await place.backend.openShare(request);
    const [mine, theirs] = share.folders;
    await using one = await open("agent", { share: { share, agent_id: "agent1" } });
    await using two = await open("agent", { share: { share, agent_id: "agent2" } });
    expect((await run(one, `echo hi > '${mine?.path}/note'`)).exit_code).toBe(0);
    expect((await run(two, `cat '${mine?.path}/note'`)).text).toBe("hi\n");
    expect((await run(two, `echo hi > '${theirs?.path}/note'`)).exit_code).toBe(0);
  });

  test("surroundings have a name that does not change, and tests a runner", async () => {
    const before = await place.backend.environment(place.task);
    expect(before).toBeString();
    expect(await place.backend.environment(place.task)).toBe(`${before}`);
  });
}
