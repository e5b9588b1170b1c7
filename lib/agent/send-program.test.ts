import { describe, expect, test } from "bun:test";
import { run } from "../sandbox/task.fixture.ts";
import { MOST_MESSAGE_BYTES } from "../team/message-size.ts";
import { openPosting, to2 } from "./posting.fixture.ts";
import { hasPosted, MOST_MESSAGES, outboxOf, takePosted } from "./send-message.ts";

const { post, sandbox } = openPosting();

test("A23: a huge text is cut, which is known, and the messages behind it arrive", async () => {
  const command =
    "head -c 5000000 /dev/zero | tr '\\0' x | send_message agent2; send_message agent2 y";
  const { posted } = await post(command);
  const cut = { ...to2("x".repeat(MOST_MESSAGE_BYTES)), size_bytes: 5_000_000 };
  expect(posted).toEqual([cut, to2("y")]);
  const exact = await post("head -c 100000 /dev/zero | tr '\\0' x | send_message agent2");
  expect(exact.posted).toEqual([to2("x".repeat(MOST_MESSAGE_BYTES))]);
});

test("from a folder that is gone, of which the shell may complain", async () => {
  const { posted } = await post("mkdir d && cd d && rmdir ../d && send_message agent2 gone");
  expect(posted).toEqual([to2("gone")]);
});

test("A23: many messages in one command cost no more each than few", async () => {
  const timed = async (count: number) => {
    const started = performance.now();
    const command = `for n in $(seq ${count}); do send_message agent2 "message $n"; done`;
    const { posted } = await post(command);
    expect(posted.map(({ content }) => content)).toEqual(
      Array.from({ length: count }, (_, at) => `message ${at + 1}`),
    );
    return performance.now() - started;
  };
  await timed(1);
  const few = await timed(50);
  // Were it quadratic, eight times as many would take sixty times as long.
  expect(await timed(400)).toBeLessThan(24 * few);
}, 60_000);

test("A23: more messages than a command may send are counted", async () => {
  await run(await sandbox, `seq ${MOST_MESSAGES + 7} | xargs -n 1 send_message agent2`);
  const collected = await takePosted(
    await sandbox,
    outboxOf(await sandbox),
    new AbortController().signal,
  );
  expect({ sent: collected.posted.length, unsent: collected.unsent }).toEqual({
    ...{ sent: MOST_MESSAGES, unsent: 7 },
  });
}, 60_000);

describe("wherever a program can be called from", () => {
  const CASES: [name: string, command: string, content: string][] = [
    ["sh", "sh -c 'send_message agent2 sh'", "sh"],
    ["xargs", "echo word | xargs send_message agent2", "word"],
    ["a script of sh", "printf '#!/bin/sh\nsend_message agent2 s\n' > s.sh && sh s.sh", "s"],
    ["timeout, nice and env", "timeout 9 nice env A=1 send_message agent2 t", "t"],
    ["an empty environment", 'env -i PATH="$PATH" send_message agent2 empty', "empty"],
    ["a login shell", "bash -lc 'send_message agent2 login'", "login"],
    ["find", "find src -name index.ts -exec send_message agent2 {} ';'", "src/index.ts"],
    [
      "Python",
      `python3 -c 'import subprocess; subprocess.run(["send_message", "agent2"], input=b"py", check=True)'`,
      "py",
    ],
    ["another folder", "cd / && send_message agent2 root", "root"],
    ["a closed umask", "umask 777; send_message agent2 closed", "closed"],
  ];
  test.each(CASES)("%s", async (_, command, content) => {
    expect(await post(command)).toEqual({ text: "", exit_code: 0, posted: [to2(content)] });
  });
});

test.each([
  ["echo x | send_message agent2 -", "x"],
  ["send_message --wait agent2 - <<< x", "x"],
  ["send_message agent2 -- -", "-"],
  ["send_message agent2 - and more -", "- and more -"],
])("A23: a dash instead of a text is standard input: %s", async (command, content) => {
  const { posted } = await post(command);
  expect(posted).toEqual([to2(content, command.includes("--wait"))]);
});

test.each([
  "send_message agent2 ''",
  "send_message agent2 ' ' ' '",
  "echo | send_message agent2",
  "printf ' \\n\\t' | send_message agent2 -",
  "send_message agent2 </dev/null",
])("A23: a blank text is none: %s", async (command) => {
  const { text, exit_code, posted } = await post(command);
  expect({ exit_code, posted }).toEqual({ exit_code: 2, posted: [] });
  expect(text).toStartWith("send_message: usage: ");
});

test.each(["dash", "bash --posix", "busybox sh", "ksh", "zsh --emulate sh"])(
  "%s runs it where it is there",
  async (shell) => {
    if (Bun.which(shell.split(" ")[0] ?? "") === null) return;
    const program = '"$(command -v send_message)"';
    const command = `${shell} ${program} --wait agent2 a b; echo c | ${shell} ${program} agent2`;
    expect(await post(command)).toEqual({
      ...{ text: "", exit_code: 0 },
      posted: [to2("a b", true), to2("c")],
    });
  },
);

test("it is known whether something was posted, without a command", async () => {
  expect(await hasPosted(await sandbox)).toBe(false);
  await run(await sandbox, "send_message agent2 x");
  expect(await hasPosted(await sandbox)).toBe(true);
  await post("true");
  expect(await hasPosted(await sandbox)).toBe(false);
});

test("the program is in no diff, and the outbox neither", async () => {
  await run(await sandbox, "send_message agent2 x");
  const { text } = await run(
    await sandbox,
    "git stash -u -q 2>/dev/null; git status --porcelain --ignored",
  );
  expect(text).not.toContain("send_message");
  expect(text).not.toContain("outbox");
});
