import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { takeWork } from "../../agent/submission.ts";
import { removeFolder } from "../../core/files.ts";
import { gitText } from "../../core/git.ts";
import { ownerTag } from "../../core/owner.ts";
import { deadOwnerTag, describeWith, temporaryFolder } from "../../core/testing.ts";
import type { Backend, OpenOptions, Sandbox, TaskFiles } from "../sandbox.ts";
import { processesWith, run, SMALL_SETUP, taskPlace } from "../task.fixture.ts";
import { openWorkspace } from "./workspace.ts";

describe("local sandboxes that nothing isolates", () => cases(true));
describeWith("bwrap", "local sandboxes in bubblewrap", () => cases(false));

function cases(unsafe_local: boolean): void {
  let place: ReturnType<typeof taskPlace>;
  let backend: Backend;
  let task: TaskFiles;
  let sandbox: Sandbox;
  const open = (purpose: OpenOptions["purpose"] = "agent", label = "run/pair.agent1") =>
    backend.open({ task, label, purpose });

  beforeAll(async () => {
    place = taskPlace();
    task = place.task(SMALL_SETUP);
    backend = place.backend(unsafe_local);
    sandbox = await open();
  });
  afterAll(async () => {
    await sandbox[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });

  const COMMANDS: [command: string, exit_code: number, text: string][] = [
    ["exit 7", 7, ""],
    ["echo a; echo b >&2; echo c", 0, "a\nb\nc\n"],
    ["kill -KILL $$", 137, ""],
    ["cat; echo input is closed", 0, "input is closed\n"],
    ["git status --porcelain", 0, ""],
    ["git log --all --format=%s", 0, "base\n"],
    ["git cat-file --batch-all-objects --batch-check | grep -c commit", 0, "1\n"],
    ["ls past.txt", 2, "ls: cannot access 'past.txt': No such file or directory\n"],
    ["bun -e 'console.log(6 * 7)'", 0, "42\n"],
  ];
  test.each(COMMANDS)("%s", async (command, exit_code, text) => {
    expect(await run(sandbox, command)).toEqual({ exit_code, text });
  });

  test("neither variables nor folders leak from one command into the next", async () => {
    const command = 'echo "[$LEAK] $PWD"; umask';
    const before = await run(sandbox, command);
    await run(sandbox, "export LEAK=1; cd /; umask 777");
    expect(await run(sandbox, command)).toEqual(before);
    expect(before.text).toStartWith(`[] ${sandbox.repo_path}\n`);
    expect((await run(sandbox, "pwd", { cwd: sandbox.work_path })).text).toBe(
      `${sandbox.work_path}\n`,
    );
  });

  test("no key of the host's environment is visible", async () => {
    process.env.ANTHROPIC_API_KEY = "secret-of-the-host";
    try {
      const { text } = await run(sandbox, "env; cat /proc/$$/environ | tr '\\0' '\\n'");
      expect(text).toContain(`HOME=${dirname(sandbox.repo_path)}/home`);
      expect(text).not.toContain("secret-of-the-host");
      expect(text).not.toMatch(/API_KEY|TOKEN|SECRET|PASSWORD/);
    } finally {
      delete process.env.ANTHROPIC_API_KEY;
    }
  });

  test("a command of 1 MB runs", async () => {
    const { text } = await run(sandbox, `data='${"y".repeat(1_000_000)}'; echo \${#data}`);
    expect(text).toBe("1000000\n");
  });

  test("the deadline leaves no process, and what was printed stays", async () => {
    const odd = `1${Math.floor(Math.random() * 1e9)}.5`;
    const command = `echo before; setsid sleep ${odd} & sleep ${odd}`;
    const { timed_out, output } = await sandbox.exec(
      unsafe_local ? command.replace("setsid ", "") : command,
      { timeout_ms: 300 },
    );
    expect(timed_out).toBe(true);
    expect(Buffer.from(output).toString()).toBe("before\n");
    expect(await processesWith(odd)).toEqual([]);
  });

  test("bytes of every value go in and come out", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
    const path = join(sandbox.work_path, "new folder/ünï.bin");
    await sandbox.put(path, bytes);
    expect(await sandbox.get(path)).toEqual(Buffer.from(bytes));
    expect((await run(sandbox, `wc -c < '${path}'`)).text.trim()).toBe("256");
    await sandbox.put(path, new Uint8Array());
    expect(await sandbox.get(path)).toBeEmpty();
  });

  test("what is no regular file is no bytes: absent, folder, pipe, link", async () => {
    await run(sandbox, "mkdir -p odd/folder; mkfifo odd/pipe; ln -s /etc/passwd odd/link");
    for (const name of ["absent", "folder", "pipe", "link", "no/such/folder"])
      expect(await sandbox.get(join(sandbox.repo_path, "odd", name))).toBeUndefined();
  });

  test.each(["/etc/passwd", "../../escaped", "repo-twin/file"])("%s is outside", async (path) => {
    const outside = path.startsWith("/") ? path : join(dirname(sandbox.repo_path), "..", path);
    await expect(sandbox.get(outside)).rejects.toThrow("outside the sandbox");
    await expect(sandbox.put(outside, Buffer.from("x"))).rejects.toThrow("outside the sandbox");
  });

  test("links that a command left lead nowhere", async () => {
    using host = temporaryFolder();
    const file = join(host.path, "file");
    await Bun.write(file, "of the host");
    await run(sandbox, `ln -s '${host.path}' out; ln -s '${file}' out-file`);
    const through = join(sandbox.repo_path, "out/file");
    expect(await sandbox.get(through)).toBeUndefined();
    await sandbox.put(through, Buffer.from("x"));
    expect(Buffer.from((await sandbox.get(through)) ?? []).toString()).toBe("x");
    expect(readdirSync(host.path)).toEqual(["file"]);
    await sandbox.put(join(sandbox.repo_path, "out-file"), Buffer.from("x"));
    expect(readFileSync(file, "utf8")).toBe("of the host");
  });

  test("a command may remove its own folders, and the next one still runs", async () => {
    await using own = await open();
    await run(own, `rm -rf '${own.repo_path}' '${own.work_path}'`);
    expect(await run(own, "pwd; ls -A")).toEqual({ exit_code: 0, text: `${own.repo_path}\n` });
  });

  test("a suite's sandbox has the repository as it was set up, with the same tree", async () => {
    await using suite = await open("suite");
    const { text } = await run(suite, "git log --format=%s; git rev-parse HEAD HEAD^{tree}");
    expect(text).toStartWith(`the base\nthe past\n${suite.base_commit}\n`);
    const ofAgent = await run(sandbox, "git rev-parse HEAD HEAD^{tree}");
    const [agentHead, agentTree] = ofAgent.text.split("\n");
    expect(agentHead).toBe(sandbox.base_commit);
    expect(text).toContain(`${agentTree}`);
    expect((await backend.base(task)).tree).toBe(`${agentTree}`);
  });

  test("sandboxes of one task do not see each other", async () => {
    await using other = await open();
    await run(other, "echo changed > six.txt; git commit -qam changed");
    expect((await run(sandbox, "head -1 six.txt; git log --format=%s")).text).toBe("one\nbase\n");
    const { git_dir } = await backend.base(task);
    expect(await gitText(["log", "-1", "--format=%s"], { git_dir })).toBe("the base");
  });

  test("S2: a workspace that vanished is a fault, and never an empty patch", async () => {
    const own = await open("agent", "vanished");
    await run(own, "echo work > new.txt");
    removeFolder(join(onHost("vanished"), "w"));
    const uses = [
      () => run(own, "true"),
      () => own.get(join(own.repo_path, "patch.txt")),
      () => own.put(join(own.work_path, "x"), Buffer.from("x")),
      () => takeWork(own, new AbortController().signal),
    ];
    for (const use of uses) await expect(use()).rejects.toMatchObject({ code: "sandbox_failed" });
    await own[Symbol.asyncDispose]();
  });

  test("S2: so is one that vanished while it was filled, and other failures are what they are", async () => {
    await using workspace = openWorkspace("filled", { isolated: false });
    const fails = async () => readFileSync(join(workspace.host.root, "absent"));
    await expect(workspace.fill(fails)).rejects.toMatchObject({ code: "ENOENT" });
    removeFolder(workspace.host.root);
    await expect(workspace.fill(fails)).rejects.toMatchObject({ code: "sandbox_failed" });
  });

  test("closing removes the workspace, read-only folders too", async () => {
    const own = await open("agent", "closed");
    await run(own, "mkdir -p ~/go/pkg/mod && touch ~/go/pkg/mod/x && chmod -R a-w ~/go");
    const workspace = onHost("closed");
    expect(existsSync(workspace)).toBe(true);
    await own[Symbol.asyncDispose]();
    expect(existsSync(workspace)).toBe(false);
  });

  test("the next opening reaps the workspaces of dead processes", async () => {
    const left = join(tmpdir(), `tandem-${userInfo().uid}/.tmp/${deadOwnerTag()}-0-left`);
    const alive = join(tmpdir(), `tandem-${userInfo().uid}/.tmp/${ownerTag()}-9999-alive`);
    mkdirSync(join(alive, "repo"), { recursive: true });
    // Moved there whole: other processes reap too.
    mkdirSync(join(alive, "left/repo"), { recursive: true });
    symlinkSync("/nowhere", join(alive, "left/link"));
    renameSync(join(alive, "left"), left);
    await using _own = await open();
    expect([existsSync(left), existsSync(alive)]).toEqual([false, true]);
    rmSync(alive, { recursive: true });
  });

  test("the longest run name makes no path too long", async () => {
    await using own = await open("agent", `${"n".repeat(200)}/a_task/task1/features_1_2.agent1`);
    expect(own.repo_path.length).toBeLessThan(120 + tmpdir().length);
    expect((await run(own, "echo fine")).text).toBe("fine\n");
  });

  test("opening after an abort throws its reason and leaves nothing", async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    const request = { task, label: "aborted", purpose: "agent", signal } as const;
    await expect(backend.open(request)).rejects.toThrow("interrupted");
  });
}

/** The folder on the host of the one sandbox with that label. */
function onHost(label: string): string {
  const parent = join(tmpdir(), `tandem-${userInfo().uid}/.tmp`);
  const found = readdirSync(parent).filter((name) => name.endsWith(`-${label}`));
  expect(found).toHaveLength(1);
  return join(parent, `${found[0]}`);
}

test("files that setup.sh left beside the commit are no agent's work", async () => {
  using place = taskPlace();
  const left = "mkdir env && echo x > env/lib.so && echo x > '#[a] !b*' && echo x > 'c\\d'\n";
  const task = place.task(`${SMALL_SETUP}${left}`);
  await using own = await place.backend().open({ task, label: "x", purpose: "agent" });
  const { text } = await run(own, "git status --porcelain; cat env/lib.so; ls | wc -l");
  expect(text).toBe("x\n6\n");
});
