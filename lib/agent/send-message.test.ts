import { describe, expect, test } from "bun:test";
import { openPosting, to2 } from "./posting.fixture.ts";

const { post, sandbox } = openPosting();

describe("the text", () => {
  const CASES: [name: string, command: string, content: string][] = [
    ["in double quotes", 'send_message agent2 "hello there"', "hello there"],
    ["in single quotes", "send_message agent2 'hello $HOME'", "hello $HOME"],
    ["double quotes inside", `send_message agent2 "say \\"hi\\" and 'ho'"`, `say "hi" and 'ho'`],
    ["without quotes", "send_message agent2 two  words", "two words"],
    ["over several lines", 'send_message agent2 "one\ntwo\n\nthree"', "one\ntwo\n\nthree"],
    ["a quoted heredoc", "send_message agent2 <<'MSG'\na $X `b` \"c\"\nMSG", 'a $X `b` "c"'],
    ["an unquoted heredoc", "X=42\nsend_message agent2 <<MSG\na $X $(echo b)\nMSG", "a 42 b"],
    ["an indented heredoc", "send_message agent2 <<-'MSG'\n\tone\n\ttwo\n\tMSG", "one\ntwo"],
    [
      "a heredoc with MSG inside lines",
      "send_message agent2 <<'MSG'\nMSG is here\n MSG\nsee MSG\nMSG",
      "MSG is here\n MSG\nsee MSG",
    ],
    ["blank lines at both ends", "send_message agent2 <<'MSG'\n\nx\n\nMSG", "\nx\n"],
    ["a here string", 'send_message agent2 <<< "short"', "short"],
    ["through a pipe", "printf 'a\\nb' | send_message agent2", "a\nb"],
    ["of a file", "echo kept > f.txt; send_message agent2 < f.txt", "kept"],
    ["of a substitution", "send_message agent2 \"$(printf 'x\\ny')\"", "x\ny"],
    ["unicode", "send_message agent2 'ünï ☃ \u{1f600}'", "ünï ☃ \u{1f600}"],
    [
      "with backslashes and percent signs",
      "send_message agent2 '100% \\n %s \\\\'",
      "100% \\n %s \\\\",
    ],
    ["with a dollar and backticks", "send_message agent2 'cost: $5 `now`'", "cost: $5 `now`"],
    ["with a leading dash", "send_message agent2 '-n -e'", "-n -e"],
    ["that speaks of --wait", "send_message agent2 'try --wait'", "try --wait"],
    ["in a subshell", "(cd src && send_message agent2 sub)", "sub"],
    ["behind &&", "true && send_message agent2 and", "and"],
    ["in a child bash", "bash -c 'send_message agent2 child'", "child"],
    ["under strict settings", "set -euo pipefail\nsend_message agent2 strict", "strict"],
    ["with another separator of words", "IFS=,\nsend_message agent2 a b", "a b"],
    [
      "of a file in quotes",
      "printf 'a\n b\n' > g.txt; send_message agent2 \"$(cat g.txt)\"",
      "a\n b",
    ],
    [
      "of a file without quotes",
      "printf 'a\n b\n' > g.txt; send_message agent2 $(cat g.txt)",
      "a b",
    ],
    ["of a long pipe", "seq 3 | sed s/^/n/ | sort -r | send_message agent2", "n3\nn2\nn1"],
    ["with a leading dash of its own", "send_message agent2 - one", "- one"],
    ["that is a flag, behind --", "send_message agent2 -- --wait", "--wait"],
    ["behind -- before everything", "send_message -- agent2 -x --", "-x --"],
    ["with -- inside", "send_message agent2 a -- b", "a -- b"],
    ["with a brace and a dot at its end", "send_message agent2 'x $y%.}.'", "x $y%.}."],
    ["in a function", 'f() { send_message agent2 "f $1"; }; f x', "f x"],
    ["in a nested child", "bash -c \"bash -c 'send_message agent2 deep'\"", "deep"],
    [
      "in a script that bash runs",
      "echo 'send_message agent2 \"$1 $#\"' > s.sh; bash s.sh of script",
      "of 2",
    ],
    [
      "in a script of its own",
      "printf '#!/usr/bin/env bash\\nsend_message agent2 <<MSG\\nown\\nMSG\\n' > t.sh; chmod +x t.sh; ./t.sh",
      "own",
    ],
    ["in a command substitution", 'x="$(send_message agent2 inner)"; echo -n "$x"', "inner"],
    ["through xargs and bash", "echo word | xargs -I{} bash -c 'send_message agent2 {}'", "word"],
    ["under noglob, nounset and posix", "set -fu; set -o posix; send_message agent2 '*'", "*"],
    ["in the background, waited for", "send_message agent2 bg & wait", "bg"],
    ["in the background, left alone", "send_message agent2 alone &", "alone"],
    ["a little later in the background", "{ sleep 0.2; send_message agent2 later; } &", "later"],
  ];
  test.each(CASES)("%s", async (_, command, content) => {
    expect(await post(command)).toEqual({ text: "", exit_code: 0, posted: [to2(content)] });
  });
});

describe("--wait", () => {
  const CASES: [command: string, content: string, wait: boolean][] = [
    ["send_message --wait agent2 'q?'", "q?", true],
    ["send_message agent2 --wait 'q?'", "q?", true],
    ["send_message agent2 'q?' --wait", "q?", true],
    ["send_message agent2 is it --wait yours", "is it yours", true],
    ["send_message --wait --wait agent2 'q?'", "q?", true],
    ["send_message --wait agent2 <<'MSG'\nq?\nMSG", "q?", true],
    ["send_message agent2 --wait <<'MSG'\nq?\nMSG", "q?", true],
    ["echo 'q?' | send_message agent2 --wait", "q?", true],
    ["send_message agent2 'q?'", "q?", false],
  ];
  test.each(CASES)("%s", async (command, content, wait) => {
    expect((await post(command)).posted).toEqual([to2(content, wait)]);
  });
});

describe("refused, with a usage line and status 2", () => {
  const CASES = [
    "send_message",
    "send_message --wait",
    'send_message "" text',
    "send_message agent2",
    'send_message agent2 ""',
    "send_message agent2 < /dev/null",
  ];
  test.each(CASES)("%s", async (command) => {
    const { text, exit_code, posted } = await post(command);
    expect(text).toStartWith("send_message: usage:");
    expect({ exit_code, posted }).toEqual({ exit_code: 2, posted: [] });
  });
});

describe("several", () => {
  test("in one command, in order, to anyone who is named", async () => {
    const command = `send_message agent2 first; send_message all <<'MSG' && send_message "no
one" third
second
MSG
for n in 4 5 6 7 8 9 10 11; do send_message agent2 "$n"; done; exit 3`;
    const { exit_code, posted } = await post(command);
    expect(exit_code).toBe(3);
    expect(posted.map(({ to, content }) => [to, content])).toEqual([
      ["agent2", "first"],
      ["all", "second"],
      ["no\none", "third"],
      ...["4", "5", "6", "7", "8", "9", "10", "11"].map((n) => ["agent2", n]),
    ]);
  });

  test("at once from the background lose nothing", async () => {
    const command = "for n in 1 2 3 4 5 6 7 8; do send_message agent2 $n & done; wait";
    const { posted } = await post(command);
    expect(posted.map(({ content }) => content).sort()).toEqual([..."12345678"]);
  });

  test("are taken once", async () => {
    expect((await post("send_message agent2 one")).posted).toHaveLength(1);
    expect((await post("true")).posted).toEqual([]);
  });
});

describe("bytes", () => {
  const CASES: [name: string, command: string, content: string][] = [
    ["that are no UTF-8", "printf 'a\\xff\\xc3b' | send_message agent2", "a\ufffd\ufffdb"],
    ["that are no UTF-8, in a word", "send_message agent2 $'a\\xe2'", "a\ufffd"],
    ["of half a character before a dot", "printf 'a\\xe2.' | send_message agent2", "a\ufffd."],
    ["that are NUL", "printf 'a\\0b' | send_message agent2", "ab"],
    ["of a byte order mark", "printf '\\xef\\xbb\\xbfa' | send_message agent2", "\ufeffa"],
    ["in another locale", "export LC_ALL=C; send_message agent2 'ü'", "ü"],
  ];
  test.each(CASES)("%s", async (_, command, content) => {
    const { text, posted } = await post(command);
    expect({ text, posted }).toEqual({ text: "", posted: [to2(content)] });
  });

  test("of characters are not cut through", async () => {
    const { posted } = await post("printf 'x%.0s' {1..99999} | sed s/$/☃/ | send_message agent2");
    expect(posted).toEqual([{ ...to2("x".repeat(99_999)), size_bytes: 100_002 }]);
  });
});

test("does not take part in set -x", async () => {
  const { text, posted } = await post("set -x; send_message agent2 traced; true");
  expect(text).toBe("+ send_message agent2 traced\n+ true\n");
  expect(posted).toEqual([to2("traced")]);
});

test("what cannot be written down is not sent, and said", async () => {
  const { work_path } = await sandbox;
  const command = `mkdir -p '${work_path}' && echo x > '${work_path}/outbox'; send_message agent2 x; status=$?; rm '${work_path}/outbox'; exit $status`;
  const { text, exit_code, posted } = await post(command);
  expect(text).toBe("send_message: the message could not be written down and is not sent\n");
  expect({ exit_code, posted }).toEqual({ exit_code: 1, posted: [] });
});

test("a command's own trap, status and background work stay its own", async () => {
  expect(await post("trap 'echo bye' EXIT; send_message agent2 x; exit 5")).toEqual({
    ...{ text: "bye\n", exit_code: 5 },
    posted: [to2("x")],
  });
  expect((await post("sleep 600 & send_message agent2 x; exit 6")).exit_code).toBe(6);
});

test("output of the command and its status stay its own", async () => {
  const { text, exit_code } = await post("send_message agent2 x; echo first line; exit 4");
  expect({ text, exit_code }).toEqual({ text: "first line\n", exit_code: 4 });
});

test("what a command posted before it broke is posted", async () => {
  const { posted, exit_code } = await post("send_message agent2 before\nif then\n");
  expect({ posted, exit_code }).toEqual({ posted: [to2("before")], exit_code: 2 });
});
