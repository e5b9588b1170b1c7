import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describeWith, HOMES, temporaryFolder } from "../../core/testing.ts";
import { demoTask } from "../task.fixture.ts";
import type { IsolatedCall } from "./isolation.fixture.ts";

setDefaultTimeout(60_000);

/** A host in a folder: a home with secrets and tools, a dataset, logs, a ledger, and a temporary folder apart. */
function smallHost() {
  const folder = temporaryFolder("tandem-host", HOMES);
  const at = (...parts: string[]) => join(folder.path, ...parts);
  const write = (path: string, text: string, mode = 0o644) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text, { mode });
  };
  for (const path of SECRETS) write(path, "SECRET\n");
  for (const path of [
    "home/.tool/bin/dotted-tool",
    "home/.local/bin/local-tool",
    "home/bin/own-tool",
  ])
    write(path, "#!/bin/sh\necho it runs\n", 0o755);
  cpSync(demoTask().dir, at("real-data/demo_task/task1"), { recursive: true });
  symlinkSync(at("real-data"), at("dataset"));
  return { path: folder.path, at, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

const SECRETS = [
  "home/.env",
  "home/.ssh/id_ed25519",
  "home/.local/share/keyrings/login",
  "home/project/notes",
  "logs/run/agent1/patch.diff",
  "ledger/ledger.sqlite",
  "tmp/other-users-file",
  "home/.tool/bin/kept/by/the-tool/logs/inner",
];

function callIn(host: ReturnType<typeof smallHost>, commands: readonly string[], path?: string) {
  const tools = ["home/.tool/bin", "home/.local/bin", "home/bin"].map((name) => host.at(name));
  const hidden = ["dataset", "logs", "ledger", "home/.tool/bin/kept"].map((name) => host.at(name));
  const task_dir = host.at("dataset/demo_task/task1");
  const call: IsolatedCall = { cache_dir: host.at("logs/.cache"), hidden, task_dir, commands };
  const script = join(import.meta.dir, "isolation.fixture.ts");
  const child = Bun.spawnSync([process.execPath, script, JSON.stringify(call)], {
    env: {
      PATH: path ?? [...tools, process.env.PATH].join(delimiter),
      HOME: host.at("home"),
      TMPDIR: host.at("tmp"),
    },
  });
  expect(child.stderr.toString()).toBe("");
  return child.stdout
    .toString()
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

describeWith("bwrap", "an isolated command", () => {
  // In commands, @ is the folder of the small host.
  const read = SECRETS.map((path) => `cat '@/${path}'`);
  const written = ["home/new", "new", "logs/new", "real-data/new", "ledger/ledger.sqlite"];
  const write = written.map((path) => `echo x >> '@/${path}'`);
  const others: [name: string, command: string, text: string][] = [
    ["finds no gold patch", "grep -rl 'export function scaleRecipe' @ . ; true", ""],
    ["finds no tests of a feature", "find @ -name tests.patch", ""],
    ["finds no history", "git log --all --format=%s; git stash list", "base\n"],
    ["runs a tool of a dotted folder of the home", "dotted-tool", "it runs\n"],
    ["runs a tool of ~/.local/bin", "local-tool", "it runs\n"],
    ["runs a tool of ~/bin", "own-tool", "it runs\n"],
    ["writes to its repository", "echo x > src/new.ts && cat src/new.ts", "x\n"],
    ["writes to its home", "echo x > ~/a && cat ~/a", "x\n"],
    ["writes to its temporary folder", 'echo y > "$TMPDIR/b" && cat "$TMPDIR/b"', "y\n"],
    ["sees its own processes only", "ls -d /proc/[0-9]* | wc -l | grep -x '[0-9]' | wc -l", "1\n"],
    ["cannot make the host writable", "mount -o remount,rw / 2>&- || echo refused", "refused\n"],
    ["has no powers", "awk '/CapEff/ { print $2 }' /proc/self/status", "0000000000000000\n"],
    [
      "A16: keeps what it left in /tmp",
      "echo 1 > /tmp/keep; ln -sfn / /tmp/tandem-0 2>&-; echo kept",
      "kept\n",
    ],
    ["A16: finds it again", "cat /tmp/keep", "1\n"],
    [
      "cannot put a link where tools are laid in",
      `d=/tmp/$(echo @ | cut -d/ -f3); mv "$d" /tmp/x 2>&- || rm -rf "$d" 2>&- || echo refused`,
      "refused\n",
    ],
    ["writes to shared memory", "echo x > /dev/shm/y && cat /dev/shm/y", "x\n"],
    ["has no container engine", "test -S /run/docker.sock || echo none", "none\n"],
  ];
  const answers = new Map<string, Record<string, unknown>>();
  const changed: string[] = [];

  beforeAll(() => {
    using host = smallHost();
    const commands = [...read, ...write, ...others.map(([, command]) => command)];
    const given = callIn(
      host,
      commands.map((command) => command.replaceAll("@", host.path)),
    );
    for (const [index, command] of commands.entries()) answers.set(command, given[index] ?? {});
    const isChanged = (path: string) =>
      existsSync(host.at(path)) && readFileSync(host.at(path), "utf8") !== "SECRET\n";
    changed.push(...written.filter(isChanged));
  });

  test.each(read)("cannot read: %s", (command) => {
    expect(answers.get(command)).toMatchObject({ exit_code: 1 });
    expect(answers.get(command)?.text).not.toContain("SECRET\n");
  });
  test("cannot write to the host", () => expect(changed).toEqual([]));
  test.each(others)("%s", (_, command, text) => {
    expect(answers.get(command)?.text).toBe(text);
  });
});

test("without bubblewrap, and without --unsafe-local, opening is a fault", () => {
  using host = smallHost();
  const folder = host.at("path");
  mkdirSync(folder);
  for (const tool of ["bash", "git", "sh"]) symlinkSync(Bun.which(tool) ?? "", join(folder, tool));
  const [answer] = callIn(host, ["true"], folder);
  expect(answer).toMatchObject({ code: "isolation_missing", name: "Fault" });
  expect(answer?.hint).toContain("--unsafe-local");
});
