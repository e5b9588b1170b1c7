import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../core/testing.ts";
import { processesWith, runningWith } from "../task.fixture.ts";
import { type BashOptions, runBash } from "./process.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");

async function bash(command: string, options: Partial<BashOptions> = {}) {
  using folder = temporaryFolder();
  const env = { PATH: process.env.PATH ?? "" };
  const defaults = { timeout_ms: 30_000, wrap: [], cwd: folder.path, env, script_dir: folder.path };
  return await runBash(command, { ...defaults, ...options });
}

/** A sleep that only this call can have started: found again by its odd duration. */
const oddSleep = () => `sleep 1${Math.floor(Math.random() * 1e9)}.${process.pid}`;

describe("exit status and output", () => {
  const CASES: [command: string, exit_code: number, output: string][] = [
    ["true", 0, ""],
    ["exit 7", 7, ""],
    ["false; echo on", 0, "on\n"],
    ["no-such-program-here 2>/dev/null", 127, ""],
    ["kill -KILL $$", 137, ""],
    ["kill -TERM $$", 143, ""],
    ["echo 'unbalanced", 2, "unexpected EOF"],
    [
      "echo out; echo err >&2; echo out again; echo err again >&2",
      0,
      "out\nerr\nout again\nerr again\n",
    ],
    ["cat; echo end of input", 0, "end of input\n"],
    ["read -r line || echo nothing to read", 0, "nothing to read\n"],
    ["printf '%s' \"$0 $#\"", 0, "bash 0"],
  ];
  test.each(CASES)("%s", async (command, exit_code, output) => {
    const result = await bash(command);
    expect(result.exit_code).toBe(exit_code);
    expect(text(result.output)).toContain(output);
    if (output === "") expect(result.output).toBeEmpty();
    expect(result.timed_out).toBe(false);
  });

  test("bytes come out as they are", async () => {
    const { output } = await bash("printf '\\000\\377\\200a\\r\\n'");
    expect([...output]).toEqual([0, 255, 128, 97, 13, 10]);
  });

  test("50 MB are cut to head and tail", async () => {
    const command = "echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end";
    const { output, dropped_bytes } = await bash(command, { max_output_bytes: 16_000 });
    expect(text(output)).toStartWith("begin\nxxx");
    expect(text(output)).toEndWith("xxx\nend\n");
    expect(dropped_bytes).toBe(50_000_000 + "begin\n".length + "\nend\n".length - 16_000);
    expect(output.length).toBeLessThan(16_100);
  });

  test.each([99_000, 100_001, 1_000_000])("a command of %d bytes runs", async (size) => {
    const data = "y".repeat(size);
    const { output, exit_code } = await bash(`data='${data}'\necho \${#data}; exit 3`);
    expect(text(output)).toBe(`${size}\n`);
    expect(exit_code).toBe(3);
  });
});

describe("nothing stays behind", () => {
  const WAYS: [name: string, leave: (sleep: string) => string][] = [
    ["a child in the foreground", (sleep) => sleep],
    ["a child in the background", (sleep) => `${sleep} & wait`],
    ["a grandchild", (sleep) => `bash -c '${sleep} & wait' & wait`],
    ["a child with its output closed", (sleep) => `${sleep} >/dev/null 2>&1 & wait`],
    ["a child that ignores SIGTERM", (sleep) => `bash -c 'trap "" TERM; ${sleep}; true' & wait`],
    ["a child of timeout, in a process group of its own", (sleep) => `timeout 999 ${sleep} & wait`],
    ["a child of a shell with job control", (sleep) => `set -m; ${sleep} & wait`],
  ];
  test("a process that is there would be found", async () => {
    const sleep = oddSleep();
    await using child = Bun.spawn(sleep.split(" "), { stdio: ["ignore", "ignore", "ignore"] });
    while (runningWith(sleep.slice(6)).length === 0) await Bun.sleep(5);
    expect(runningWith(sleep.slice(6))).toEqual([child.pid]);
  });

  test.concurrent.each(WAYS)("at the deadline: %s", async (_, leave) => {
    const sleep = oddSleep();
    const result = await bash(`echo started; ${leave(sleep)}`, { timeout_ms: 1_000 });
    expect(result).toMatchObject({ timed_out: true, exit_code: 137 });
    expect(text(result.output)).toBe("started\n");
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test.each(WAYS.slice(1))("at the end: %s", async (_, leave) => {
    const sleep = oddSleep();
    const command = `${leave(sleep).replace(/wait$/, "sleep 0.05; echo over")}`;
    const result = await bash(command);
    expect(result).toMatchObject({ timed_out: false, exit_code: 0 });
    expect(text(result.output)).toBe("over\n");
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test("on abort, and the signal's reason is thrown", async () => {
    const sleep = oddSleep();
    const stop = new AbortController();
    const running = bash(`${sleep} & wait`, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 100);
    await expect(running).rejects.toThrow("enough");
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test("a signal that has fired starts nothing", async () => {
    using folder = temporaryFolder();
    const started = join(folder.path, "started");
    const signal = AbortSignal.abort(new Error("never"));
    await expect(bash(`touch '${started}'`, { signal })).rejects.toThrow("never");
    expect(await Bun.file(started).exists()).toBe(false);
  });

  test("a program that ran a command can end at once", async () => {
    const script = `import { runBash } from "${join(import.meta.dir, "process.ts")}";
      await runBash("true", { timeout_ms: 60000, wrap: [], cwd: "/", env: {}, script_dir: "/" });
      const held = setTimeout(() => { console.log("held"); process.exit(); }, 1500);
      held.unref();`;
    const child = Bun.spawnSync([process.execPath, "-e", script]);
    expect(child.stdout.toString()).toBe("");
    expect(child.exitCode).toBe(0);
  });
});

test("a wrapping program that cannot start bash is a fault, not an exit status", async () => {
  using folder = temporaryFolder();
  const broken = join(folder.path, "bwrap");
  await Bun.write(
    broken,
    "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n",
  );
  await expect(bash("true", { wrap: ["sh", broken] })).rejects.toMatchObject({
    code: "sandbox_failed",
    message: expect.stringContaining("No permissions"),
  });
});

describe("a wrapping program that could not start bash", () => {
  /** Stands for bubblewrap: complains like it `times` times, then runs what it is given. */
  const flaky = (folder: string, times: number, complaint: string) => [
    "bash",
    "-c",
    `n=$(cat '${folder}/n' 2>/dev/null || echo 0); echo $((n + 1)) > '${folder}/n'
[ "$n" -ge ${times} ] || { echo '${complaint}' >&2; exit 1; }
exec "$@"`,
    "flaky",
  ];
  const RACE = "bwrap: Cannot bind mount /oldroot/ on /newroot/: Unable to apply mount flags";

  test("for a mount that was just going away is asked again, and the command runs once", async () => {
    using folder = temporaryFolder();
    const wrap = flaky(folder.path, 3, RACE);
    const { exit_code, output } = await bash(`echo ran >> '${folder.path}/ran'; echo out`, {
      wrap,
    });
    expect([exit_code, text(output)]).toEqual([0, "out\n"]);
    expect(readFileSync(join(folder.path, "ran"), "utf8")).toBe("ran\n");
  });

  test.each([
    ["and stays unable", 1000, RACE],
    ["for another reason is asked once", 1, "bwrap: No permissions to create new namespace"],
  ])("%s: a fault", async (_, times, complaint) => {
    using folder = temporaryFolder();
    const wrap = flaky(folder.path, times, complaint);
    await expect(bash("true", { wrap })).rejects.toMatchObject({ code: "sandbox_failed" });
  });
});
