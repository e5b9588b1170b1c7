import { beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describeWith, HOMES, temporaryFolder } from "../../core/testing.ts";
import { demoTask } from "../task.fixture.ts";
import { asUser } from "./host-user.ts";
import type { IsolatedCall } from "./isolation.fixture.ts";

setDefaultTimeout(60_000);

const isRoot = process.getuid?.() === 0;

/** Opens every file below /proc and /sys for writing, but writes nothing; prints those that open. */
const WALK = `
const { readdirSync, openSync, closeSync, constants } = require("node:fs");
const found = []; let seen = 0;
const walk = (folder) => {
  let entries = [];
  try { entries = readdirSync(folder, { withFileTypes: true }); } catch { return; }
  for (const entry of entries) {
    const path = folder + "/" + entry.name;
    // The sandbox's own processes.
    if (/^\\/proc\\/(\\d+|self|thread-self)$/.test(path)) continue;
    if (entry.isDirectory()) { walk(path); continue; }
    if (!entry.isFile()) continue;
    seen++;
    try { closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)); found.push(path); } catch {}
  }
};
walk("/proc"); walk("/sys");
console.log(JSON.stringify({ many: seen > 500, found }));
`;

/** A place that any user can use: a copy of what a sandbox needs, tools that are closed to others, a file of root's. */
function anyonesPlace() {
  const folder = temporaryFolder("tandem-rights", HOMES);
  const at = (...parts: string[]) => join(folder.path, ...parts);
  chmodSync(folder.path, 0o755);
  for (const name of ["home", "tmp", "logs"]) mkdirSync(at(name));
  cpSync(demoTask().dir, at("dataset/demo_task/task1"), { recursive: true });
  const tool = (path: string, mode: number) => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), "#!/bin/sh\necho it runs\n", { mode });
  };
  tool("home/.closed/bin/closed-tool", 0o755);
  tool("shut/tools/bin/deep-tool", 0o755);
  tool("home/.locked/locked-tool", 0o755);
  tool("home/project/bin/project-tool", 0o755);
  mkdirSync(at("home/project/logs"));
  chmodSync(at("home/.locked"), 0o700);
  chmodSync(at("shut"), 0o700);
  writeFileSync(at("shut/secret"), "SECRET\n", { mode: 0o644 });
  writeFileSync(at("rootly"), "SECRET\n", { mode: 0o600 });
  chmodSync(at("home"), 0o700);
  return { path: folder.path, at, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

type Place = ReturnType<typeof anyonesPlace>;

function answers(here: Place, commands: readonly string[], program: readonly string[]) {
  const call: IsolatedCall = {
    cache_dir: here.at("logs/.cache"),
    hidden: [here.at("logs"), here.at("dataset"), here.at("home/project/logs")],
    task_dir: here.at("dataset/demo_task/task1"),
    commands,
  };
  const path = ["home/.closed/bin", "shut/tools/bin", "home/.locked", "home/project/bin"].map(
    (name) => here.at(name),
  );
  const child = Bun.spawnSync([...program, JSON.stringify(call)], {
    cwd: "/",
    env: {
      PATH: [...path, process.env.PATH].join(delimiter),
      HOME: here.at("home"),
      TMPDIR: here.at("tmp"),
    },
  });
  expect(child.stderr.toString()).toBe("");
  const lines = child.stdout.toString().trim().split("\n");
  return lines.map((line): { exit_code: number; text: string } => JSON.parse(line));
}

const SCRIPT = join(import.meta.dir, "isolation.fixture.ts");
const COMMANDS = {
  walk: `bun -e '${WALK.replaceAll("'", "'\\''")}'`,
  core_pattern: "echo 1 > /proc/sys/kernel/core_pattern",
  sysctl:
    "for f in kernel/hostname kernel/ns_last_pid vm/swappiness net/ipv4/ip_forward; do echo 1 > /proc/sys/$f && echo $f; done 2>&-; true",
  sysrq: "echo h > /proc/sysrq-trigger",
  shadow: "cat /etc/shadow; cat /etc/gshadow; ls /proc/1/root/; cat @/rootly",
  user: "awk '/^(Uid|Gid|Groups)/ { print $2, $3, $4, $5 }' /proc/self/status",
  powers: "awk '/^Cap(Inh|Prm|Eff|Amb)/ { print $2 }' /proc/self/status | sort -u",
  remount: "mount -o remount,rw /proc/sys; umount /proc/sys; echo $?",
  signal: "kill -0 1 && echo may",
  work: "echo x >> src/index.ts && git commit -qam mine && git log --format=%s && echo y > ~/y && stat -c %u src/index.ts",
  tools: "closed-tool; deep-tool; locked-tool; project-tool; cat @/shut/secret",
  python: `python3 -c 'import multiprocessing as m; m.Lock(); print("locks")'`,
} as const;

/** Who starts us: the user who runs the tests, and where that is root, somebody who is not. */
const CALLERS: [who: string, user: number | undefined][] = [
  ["started by this user", undefined],
  ...(isRoot ? [["started by another user than root", 54_321] as [string, number]] : []),
];

for (const [who, user] of CALLERS)
  describeWith("bwrap", `S1: an isolated command, ${who}`, () => cases(user));

function cases(caller: number | undefined): void {
  const asRoot = isRoot && caller === undefined;
  const given = new Map<string, { exit_code: number; text: string }>();
  const before = () => readFileSync("/proc/sys/kernel/core_pattern", "utf8");
  let pattern = "";
  let left = true;
  beforeAll(() => {
    using here = anyonesPlace();
    pattern = before();
    const commands = Object.values(COMMANDS).map((one) => one.replaceAll("@", here.path));
    const program = [process.execPath, SCRIPT];
    if (caller !== undefined) {
      expect(Bun.spawnSync(["chown", "-R", `${caller}:${caller}`, here.path]).success).toBe(true);
      expect(Bun.spawnSync(["chown", "0:0", here.at("rootly")]).success).toBe(true);
    }
    const wrap = caller === undefined ? [] : asUser(caller);
    const found = answers(here, commands, [...wrap, ...program]);
    for (const [index, name] of Object.keys(COMMANDS).entries())
      given.set(name, found[index] ?? { exit_code: -1, text: "" });
    const scratch = here.at("tmp", `tandem-${caller ?? process.getuid?.()}`, ".tmp");
    left = readdirSync(scratch).length > 0;
  });
  const text = (name: keyof typeof COMMANDS) => given.get(name)?.text ?? "";

  test("changes no setting of the kernel", () => {
    expect(text("core_pattern")).toContain("Read-only file system");
    expect(text("sysctl")).toBe("");
    expect(given.get("sysrq")?.exit_code).toBe(1);
    expect(before()).toBe(pattern);
  });
  test("opens nothing below /proc and /sys for writing but its own processes' files", () => {
    expect(JSON.parse(text("walk"))).toEqual({ many: true, found: [] });
  });
  test("reads nothing that is root's alone", () => {
    expect(text("shadow")).not.toContain("root:");
    expect(text("shadow")).not.toContain("SECRET");
    expect(text("shadow").match(/denied|cannot access|No such file/g)?.length).toBeGreaterThan(2);
  });
  test("has no power, and unmounts nothing", () => {
    expect(text("powers")).toBe("0000000000000000\n");
    expect(text("remount")).not.toEndWith("\n0\n");
  });
  test.skipIf(!asRoot)("has a user of the host that is nobody else", () => {
    const [uids, gids] = text("user").split("\n");
    const [uid = ""] = uids?.split(" ") ?? [];
    expect(Number(uid)).toBeGreaterThan(60_000);
    expect([uids, gids]).toEqual(Array(2).fill(Array(4).fill(uid).join(" ")));
    expect(readFileSync("/etc/passwd", "utf8")).not.toContain(`:${uid}:`);
    expect(text("signal")).not.toContain("may");
    expect(text("work")).toEndWith(`${uid}\n`);
  });
  test("works in its repository, home and shared memory", () => {
    expect(text("work")).toStartWith("mine\nbase\n");
    expect(text("python")).toBe("locks\n");
  });
  test("runs tools of homes that are closed to others, and reads nothing beside them", () => {
    expect(text("tools")).toStartWith("it runs\n".repeat(4));
    if (asRoot) expect(text("tools")).not.toContain("SECRET");
  });
  test("leaves no folder behind", () => expect(left).toBe(false));
}
