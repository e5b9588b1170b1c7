import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isTemporary, leftHalfWritten, leftScratch, temporaryName } from "./files.ts";
import { ownerGone, ownerOf, ownerTag, tagGone, thisOwner } from "./owner.ts";
import { deadOwnerTag, describeWith, OWN_TABLE, temporaryFolder } from "./testing.ts";

const [host = "", table = "", pid = "", start = ""] = thisOwner().split("/");
const dead = () => String(Bun.spawnSync(["true"]).pid);

describe("S2: who is gone", () => {
  const otherStart = `${start}1`;
  const CASES: [what: string, owner: () => string, gone: boolean][] = [
    ["this process", () => thisOwner(), false],
    ["a pid that is gone", () => [host, table, dead(), "1"].join("/"), true],
    ["a pid that another process has by now", () => [host, table, pid, otherStart].join("/"), true],
    ["one of another host", () => ["elsewhere", table, dead(), "1"].join("/"), false],
    ["one of another container", () => [host, `${table}1`, dead(), "1"].join("/"), false],
    [
      "one of another boot, or machine of this name",
      () => [host, `x${table}`, dead(), "1"].join("/"),
      false,
    ],
    [
      "one of a host whose name ends like ours",
      () => [`a${host}`, table, dead(), "1"].join("/"),
      false,
    ],
  ];
  test.each(CASES)("%s", (_, owner, gone) => {
    expect([ownerGone(owner()), tagGone(ownerTag(owner()))]).toEqual([gone, gone]);
  });

  test.each(["", "12", "12-0", "12.0123", `${ownerTag()}x`, "../12.0123456789abcdef"])(
    "%j names nobody, and nobody is not gone",
    (tag) => expect(tagGone(tag)).toBe(false),
  );

  test.skipIf(process.platform !== "linux")("a process that only waits to be reaped", async () => {
    // Its child ends once the shell is no shell any more, which would have reaped it.
    const child = 'while [ "$(cat /proc/$$/comm)" = bash ]; do sleep 0.05; done';
    const script = `(${child}) & echo $!; exec sleep 60`;
    const shell = Bun.spawn(["bash", "-c", script], { stdout: "pipe" });
    const { value } = await shell.stdout.getReader().read();
    const zombie = Buffer.from(value ?? "")
      .toString()
      .trim();
    while (Bun.spawnSync(["ps", "-o", "stat=", "-p", zombie]).stdout.toString().trim()[0] !== "Z")
      await Bun.sleep(5);
    expect(ownerGone([host, table, zombie, "1"].join("/"))).toBe(true);
    shell.kill("SIGKILL");
    await shell.exited;
  });
});

test("S2: names of files being written differ between processes of equal pid, and are known as such", () => {
  const name = temporaryName("/x/merge.json");
  expect(name).toContain(`.${ownerTag()}.`);
  expect(temporaryName("/x/merge.json")).not.toBe(name);
  const kinds = [name, "a.12.3.tmp", "a.tmp", "b.1.tmp", "patch.diff", "a.12.xyz.3.tmp"];
  expect(kinds.map(isTemporary)).toEqual([true, true, false, false, false, false]);
});

test("S2: only folders of the provably gone are left over", () => {
  using folder = temporaryFolder();
  const gone = `${deadOwnerTag()}-0-a label-1`;
  const elsewhere = ownerTag(["elsewhere", table, dead(), "1"].join("/"));
  const others = [`${ownerTag()}-1-mine`, `${elsewhere}-0-theirs`, `${dead()}-0-older`, "notes"];
  for (const name of [gone, ...others]) mkdirSync(join(folder.path, name));
  expect(leftScratch(folder.path)).toEqual([
    { path: join(folder.path, gone), owner: gone.slice(0, gone.indexOf("-")), label: "a label-1" },
  ]);
});

test("S2: `clean` tells of half-written files of the provably gone, in whatever folder of the logs, and of no others", async () => {
  using folder = temporaryFolder();
  const run = join(folder.path, "r");
  mkdirSync(run);
  const gone = `run.json.${deadOwnerTag()}.2.tmp`;
  const elsewhere = ownerTag(["elsewhere", table, dead(), "1"].join("/"));
  const others = [`a.${ownerTag()}.0.tmp`, `a.${elsewhere}.0.tmp`, `a.${dead()}.0.tmp`, "run.json"];
  for (const name of [gone, ...others]) await Bun.write(join(run, name), "{");
  const left = [{ path: join(run, gone), owner: gone.slice("run.json.".length, -".2.tmp".length) }];
  expect(leftHalfWritten(folder.path)).toEqual(left);
  const script = join(import.meta.dir, "../../scripts/clean.ts");
  const call = [process.execPath, script, "--json", "--log-dir", folder.path];
  // No engine is asked, and no place but this one is cleared.
  const env = { ...process.env, TMPDIR: folder.path, DOCKER_HOST: "unix:///nowhere" };
  const child = Bun.spawn(call, { env, stderr: "ignore" });
  const told = (await new Response(child.stdout).text()).split("\n").filter((line) => line !== "");
  await child.exited;
  expect(told.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ kind: "file", id: join(run, gone), reason: "owner gone" }),
  );
  expect(readdirSync(run).sort()).toEqual(others.sort());
});

test("S2: another process of our table has the name that it gives itself", async () => {
  const says = `console.log((await import(${JSON.stringify(join(import.meta.dir, "owner.ts"))})).thisOwner()); process.stdin.resume();`;
  const child = Bun.spawn([process.execPath, "-e", says], { stdin: "pipe", stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  expect(ownerOf(child.pid)).toBe(
    Buffer.from(value ?? "")
      .toString()
      .trim(),
  );
  child.kill("SIGKILL");
  await child.exited;
  expect(ownerOf(Number(dead()))).toBeUndefined();
});

describeWith("unshare", "S2: two process tables with one folder", () => {
  const files = JSON.stringify(join(import.meta.dir, "files.ts"));
  const owner = JSON.stringify(join(import.meta.dir, "owner.ts"));
  const HOLD = `
    const { scratch } = await import(${files});
    const { path } = scratch(process.argv.at(-1), "held");
    await Bun.write(path + "/work", "mine");
    console.log(JSON.stringify({ pid: process.pid, path }));
    setInterval(() => {}, 1000);`;
  const LOOK = `
    const { scratch } = await import(${files});
    const { thisOwner, ownerGone, ownerVisible, isAlive } = await import(${owner});
    const [root, other, pid] = process.argv.slice(-3);
    await using mine = scratch(root, "mine");
    console.log(JSON.stringify({ own: thisOwner(), self: ownerGone(thisOwner()), gone: ownerGone(other), visible: ownerVisible(other), alive: isAlive(Number(pid)) }));`;
  const bun = (script: string, ...args: string[]) => [process.execPath, "-e", script, ...args];
  const WITHOUT_PROC = OWN_TABLE.filter((word) => word !== "--mount-proc");

  async function held(root: string, wrap: readonly string[]) {
    const child = Bun.spawn([...wrap, ...bun(HOLD, root)], { stdout: "pipe" });
    const { value } = await child.stdout.getReader().read();
    const { path } = JSON.parse(Buffer.from(value ?? "").toString());
    const end = async () => {
      child.kill("SIGKILL");
      await child.exited;
    };
    return { path: String(path), end };
  }
  function look(root: string, wrap: readonly string[], other = thisOwner()) {
    const found = Bun.spawnSync([...wrap, ...bun(LOOK, root, other, pid)]);
    expect(found.stderr.toString()).toBe("");
    return JSON.parse(found.stdout.toString());
  }

  const TABLES: [what: string, wrap: readonly string[]][] = [
    ["its own", OWN_TABLE],
    ["its own, below the /proc of the table around it", WITHOUT_PROC],
  ];
  test.each(TABLES)("what lives here stays, whoever looks from %s", async (_, wrap) => {
    using folder = temporaryFolder();
    const living = await held(folder.path, []);
    const found = look(folder.path, wrap);
    expect(found).toMatchObject({ self: false, gone: false, visible: false });
    expect(existsSync(join(living.path, "work"))).toBe(true);
    await living.end();
  });
  test.each(TABLES)("what lives in %s stays, whoever looks from here", async (_, wrap) => {
    using folder = temporaryFolder();
    const living = await held(folder.path, wrap);
    look(folder.path, []);
    look(folder.path, wrap);
    expect(existsSync(join(living.path, "work"))).toBe(true);
    await living.end();
    // Killed, too: from here nobody can tell.
    look(folder.path, []);
    expect(existsSync(living.path)).toBe(true);
  });
  test("processes of equal pid in two tables never write under one name", async () => {
    const script = `console.log((await import(${files})).temporaryName("x"), process.pid)`;
    const names = [1, 2].map(() =>
      Bun.spawnSync([...OWN_TABLE, ...bun(script)])
        .stdout.toString()
        .trim()
        .split(" "),
    );
    expect(names[0]?.[1]).toBe(names[1]?.[1] as string);
    expect(names[0]?.[0]).not.toBe(names[1]?.[0] as string);
  });
});

describeWith("unshare", "S2: a /proc that hides other users' processes", () => {
  test("hides them, and makes them no less alive", () => {
    if (process.getuid?.() !== 0) return;
    const script = `
      const { ownerGone, processStart } = await import(${JSON.stringify(join(import.meta.dir, "owner.ts"))});
      console.log(processStart(1) === undefined, ownerGone(process.argv.at(-1)));`;
    using folder = temporaryFolder();
    // Everything the other user needs is in a folder of its own: root's home is closed to it.
    const code = join(folder.path, "owner.js");
    Bun.spawnSync(["chmod", "755", folder.path]);
    const built = Bun.spawnSync([
      process.execPath,
      "build",
      join(import.meta.dir, "owner.ts"),
      "--target=bun",
      `--outfile=${code}`,
    ]);
    expect(built.exitCode).toBe(0);
    const bun = join(folder.path, "bun");
    Bun.spawnSync(["cp", process.execPath, bun]);
    const inside = script.replace(join(import.meta.dir, "owner.ts"), code);
    const shell = `mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups "$@"`;
    const own = `const { thisOwner } = await import(${JSON.stringify(code)});
      const [host, table] = thisOwner().split("/");
      process.argv.push([host, table, "1", "1"].join("/"));${inside}`;
    const found = Bun.spawnSync(
      [
        "unshare",
        "-p",
        "--fork",
        "-m",
        "sh",
        "-c",
        `sh -c '${shell}' sh "$@"; true`,
        "sh",
        bun,
        "-e",
        own,
      ],
      { env: { PATH: process.env.PATH, HOME: folder.path } },
    );
    expect([found.stderr.toString(), found.stdout.toString()]).toEqual(["", "true false\n"]);
  });
});
