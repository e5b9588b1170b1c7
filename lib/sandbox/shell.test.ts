import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { temporaryFolder } from "../core/testing.ts";
import { type LocalPlace, localPlace } from "./shell.fixture.ts";
import { AttachedShell, type ShellOptions } from "./shell.ts";
import { processesWith } from "./task.fixture.ts";

setDefaultTimeout(120_000);

let place: LocalPlace;
let shell: AttachedShell;
beforeAll(() => {
  place = localPlace();
  // A busy machine takes its time to say that a command was killed, which is no reason to kill the shell too.
  shell = new AttachedShell(place, 60_000);
});
afterAll(() => place[Symbol.dispose]());

async function run(command: string, options: Partial<ShellOptions> = {}, on = shell) {
  const result = await on.run(command, { cwd: "/", timeout_ms: 30_000, ...options });
  return { ...result, text: Buffer.from(result.output).toString("latin1") };
}

/** A sleep that only this call can have started: found again by its odd duration. */
const oddSleep = () => `sleep 1${Math.floor(Math.random() * 1e9)}.${process.pid}`;

describe("exit status and output", () => {
  const CASES: [command: string, exit_code: number, text: string][] = [
    ["true", 0, ""],
    ["exit 7", 7, ""],
    ["echo out; echo err >&2; echo out again", 0, "out\nerr\nout again\n"],
    ["printf 'no newline'", 0, "no newline"],
    ["cat; echo end of input", 0, "end of input\n"],
    ["kill -KILL $$", 137, ""],
    ["kill -TERM $$", 143, ""],
    ["printf '%s' \"$0 $#\"", 0, "bash 0"],
    ["printf '\\000\\377\\200a\\r\\n'", 0, "\0\xff\x80a\r\n"],
    ["echo 'a\nb'; # comment", 0, "a\nb\n"],
    ["cat <<'E'\n$x `y` \\\nE", 0, "$x `y` \\\n"],
    ["exec 1>&-; echo lost", 1, "bash: line 1: echo: write error: Bad file descriptor\n"],
    ["umask 777; ulimit -n 10; set -e; false", 1, ""],
  ];
  test.each(CASES)("%j", async (command, exit_code, text) => {
    const result = await run(command);
    expect({ exit_code: result.exit_code, text: result.text }).toEqual({ exit_code, text });
    expect(result.timed_out).toBe(false);
  });

  test("all of them went through one shell", () => expect(place.attached).toBe(1));

  test("nothing leaks from one command into the next, nor the nonce into any", async () => {
    const look = 'echo "[$LEAK] $PWD $OLDPWD $(umask)"; declare -F | wc -l';
    const before = await run(look);
    await run("export LEAK=1; cd /tmp; umask 777; f() { :; }; export -f f");
    expect((await run(look)).text).toBe(before.text);
    const seen = await run(
      "set; env; tr '\\0' '\\n' </proc/$$/environ; tr '\\0' ' ' </proc/$PPID/cmdline",
    );
    expect(seen.text).not.toMatch(/nonce|\bcommand=|\bscript=/);
    expect(seen.text).toEndWith("bash -p ");
  });

  test("the working folder is made when it is not there", async () => {
    using folder = temporaryFolder();
    const cwd = `${folder.path}/new/füll er's`;
    expect((await run("pwd", { cwd })).text).toBe(`${Buffer.from(cwd).toString("latin1")}\n`);
    const refused = await run("pwd", { cwd: "/proc/none" });
    expect(refused.exit_code).toBe(126);
    expect(refused.text).toContain("/proc/none");
  });

  test.each([99_000, 100_001, 1_000_000])(
    "a command of %d bytes runs, and leaves no file",
    async (size) => {
      place.written.length = 0;
      const { text, exit_code } = await run(`data='${"y".repeat(size)}'\necho \${#data}; exit 3`);
      expect({ text, exit_code }).toEqual({ text: `${size}\n`, exit_code: 3 });
      expect(place.written.length > 0).toBe(size > 100_000);
      expect(place.written.filter(existsSync)).toEqual([]);
    },
  );

  test("50 MB are cut to head and tail", async () => {
    const command = "echo begin; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo end";
    const { text, dropped_bytes } = await run(command, { max_output_bytes: 16_000 });
    expect(text).toStartWith("begin\nxxx");
    expect(text).toEndWith("xxx\nend\n");
    expect(dropped_bytes).toBe(50_000_000 + "begin\n\nend\n".length - 16_000);
  });

  test("commands given at once run one after the other", async () => {
    using folder = temporaryFolder();
    const busy = `mkdir lock && sleep 0.02 && rmdir lock`;
    const results = await Promise.all(
      Array.from({ length: 8 }, () => run(busy, { cwd: folder.path })),
    );
    expect(results.map(({ exit_code }) => exit_code)).toEqual(Array(8).fill(0));
  });

  test("a NUL is refused, and the shell is as good as before", async () => {
    await expect(run("echo \0")).rejects.toThrow(RangeError);
    expect((await run("echo fine")).text).toBe("fine\n");
  });
});

describe("nothing stays behind", () => {
  const WAYS: [name: string, leave: (sleep: string) => string][] = [
    ["in the foreground", (sleep) => sleep],
    ["in the background", (sleep) => `${sleep} & wait`],
    ["with its output closed", (sleep) => `${sleep} >/dev/null 2>&1 & wait`],
    ["ignoring SIGTERM", (sleep) => `bash -c 'trap "" TERM; ${sleep}; true' & wait`],
    ["under timeout, in a group of its own", (sleep) => `timeout 999 ${sleep} & wait`],
    ["under job control", (sleep) => `set -m; ${sleep} & wait`],
    ["stopped", (sleep) => `${sleep} & kill -STOP $!; wait`],
  ];
  test.each(WAYS)("at the deadline: %s", async (_, leave) => {
    const sleep = oddSleep();
    const result = await run(`echo started; ${leave(sleep)}`, { timeout_ms: 1_000 });
    expect(result).toMatchObject({ timed_out: true, exit_code: 137, text: "started\n" });
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test.each(WAYS.slice(1))("at the end: %s", async (_, leave) => {
    const sleep = oddSleep();
    const result = await run(leave(sleep).replace(/wait$/, "sleep 0.1; echo over"));
    expect(result).toMatchObject({ timed_out: false, exit_code: 0, text: "over\n" });
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test("the shell outlives deadlines", () => expect(place.attached).toBe(1));

  test("on abort, whose reason is thrown; the shell stays usable", async () => {
    const sleep = oddSleep();
    const stop = new AbortController();
    const running = run(`${sleep} & wait`, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error("enough")), 150);
    await expect(running).rejects.toThrow("enough");
    expect(await processesWith(sleep.slice(6))).toEqual([]);
    expect((await run("echo fine")).text).toBe("fine\n");
  });

  test("a signal that has fired starts nothing", async () => {
    using folder = temporaryFolder();
    const signal = AbortSignal.abort(new Error("never"));
    await expect(run(`touch '${folder.path}/x'`, { signal })).rejects.toThrow("never");
    expect(await Bun.file(`${folder.path}/x`).exists()).toBe(false);
  });
});

describe("a shell that dies", () => {
  test.each(["kill -KILL $PPID", "echo last words; kill -KILL $PPID; exit 0"])(
    "by %j is an exit status, and the next command has a new one",
    async (command) => {
      using own = localPlace();
      const other = new AttachedShell(own);
      const result = await run(command, {}, other);
      expect(result).toMatchObject({ exit_code: 137, timed_out: false });
      expect(result.text).toBe(command.startsWith("echo") ? "last words\n" : "");
      expect((await run("echo fine", {}, other)).text).toBe("fine\n");
      expect(own.attached).toBe(2);
    },
  );

  test("while its command goes on ends with it at the deadline", async () => {
    using own = localPlace();
    const other = new AttachedShell(own);
    const sleep = oddSleep();
    const result = await run(`kill -KILL $PPID; ${sleep}`, { timeout_ms: 300 }, other);
    expect(result).toMatchObject({ exit_code: 137, timed_out: true });
    expect(await processesWith(sleep.slice(6))).toEqual([]);
  });

  test("between commands is replaced without a word", async () => {
    using own = localPlace();
    const other = new AttachedShell(own);
    await run("true", {}, other);
    await own.killAll();
    expect(await run("echo fine", {}, other)).toMatchObject({ exit_code: 0, text: "fine\n" });
  });

  test("with its place is the place's fault", async () => {
    using own = localPlace();
    const other = new AttachedShell(own);
    await run("true", {}, other);
    own.down = new Error("the place is gone");
    await expect(run("kill -KILL $PPID", {}, other)).rejects.toThrow("the place is gone");
  });

  test("at once, always, is a fault that repeats its words", async () => {
    using own = localPlace(["sh", "-c", "echo no such shell; exit 1"]);
    const running = run("true", {}, new AttachedShell(own));
    await expect(running).rejects.toMatchObject({
      code: "sandbox_failed",
      message: expect.stringContaining("no bash could be started"),
    });
  });
});

test("when a group cannot be killed, everything is", async () => {
  using own = localPlace();
  own.canKillGroups = false;
  const other = new AttachedShell(own);
  const sleep = oddSleep();
  const result = await run(sleep, { timeout_ms: 200 }, other);
  expect(result).toMatchObject({ exit_code: 137, timed_out: true });
  expect(await processesWith(sleep.slice(6))).toEqual([]);
  expect((await run("echo fine", {}, other)).text).toBe("fine\n");
});
