import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { callIn, jsonLines } from "../../../scripts/cli.fixture.ts";
import { processStart } from "../../core/owner.ts";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import { standIn } from "../stand-in.fixture.ts";
import { type SshServer, sshServer } from "./sshd.fixture.ts";

setDefaultTimeout(60_000);

describeWith("sshd", "launch ssh, over a real server", () => {
  let server: SshServer;
  beforeAll(async () => {
    server = await sshServer();
  });
  afterAll(async () => await server[Symbol.asyncDispose]());
  const folder = temporaryFolder("tandem-launch");
  afterAll(() => folder[Symbol.dispose]());
  writeFileSync(join(folder.path, "first.toml"), STUDY);

  const call = async (...args: readonly string[]) => {
    const flags = [
      "--hosts",
      "here",
      "--ssh-config",
      server.config,
      "--redis",
      "redis://head:6379",
    ];
    const { code, stdout, stderr } = await callIn(folder.path, "launch", [
      "ssh",
      "first.toml",
      ...flags,
      ...args,
    ]);
    return { code, rows: jsonLines(stdout), stderr };
  };
  const states = (rows: readonly Record<string, unknown>[]) => rows.map(({ state }) => state);
  const pids = (rows: readonly Record<string, unknown>[]) => rows.map(({ pid }) => Number(pid));
  const stateFolder = (dir: string) =>
    join(server.path, "home", dir, "logs/.workers/first", hostname());
  const inFolder = (name: string, how?: Parameters<typeof standIn>[1]) => {
    const tandem = standIn(join(folder.path, name), how);
    return ["--dir", `dir of ${name}`, "--tandem", tandem];
  };

  test("starts as many as are missing, shows them, and ends them", async () => {
    const where = inFolder("listens");
    const begun = await call(...where, "--workers", "2", "-c", "3");
    expect(begun).toMatchObject({ code: 0, stderr: "" });
    expect(states(begun.rows)).toEqual(["started", "started"]);
    const more = await call(...where, "--workers", "3");
    expect(states(more.rows)).toEqual(["running", "running", "started"]);
    const shown = await call(...where, "--status");
    expect(states(shown.rows)).toEqual(["running", "running", "running"]);
    const [first = 0] = pids(begun.rows);
    const log = readFileSync(join(stateFolder("dir of listens"), `${first}.log`), "utf8");
    expect(log).toContain(
      `called: worker --redis redis://head:6379 -c 3 --queue first --name ssh-here-${first}\n`,
    );
    const ended = await call(...where, "--stop");
    expect(states(ended.rows)).toEqual(["stopped", "stopped", "stopped"]);
    expect(pids(more.rows).filter(isRunning)).toEqual([]);
    expect(await call(...where, "--stop")).toMatchObject({ code: 0, rows: [] });
  });

  test("a worker that does not end in its time is killed", async () => {
    const where = inFolder("deaf", "deaf");
    const [pid = 0] = pids((await call(...where)).rows);
    const { rows } = await call(...where, "--stop", "--grace", "1");
    expect(rows).toEqual([
      { host: "here", state: "killed", pid, note: "it had not ended within 1 s" },
    ]);
    expect(isRunning(pid)).toBe(false);
  });

  test("a worker that ends at once is one line, with its own words", async () => {
    const { code, rows, stderr } = await call(...inFolder("fails", "fails"));
    expect(code).toBe(1);
    expect(states(rows)).toEqual(["ended"]);
    expect(stderr).toContain(
      "here: a worker ended at once: these are other rules [launch_failed] →",
    );
    const none = await call("--dir", "none", "--tandem", "no-such-tandem");
    expect(none.stderr).toMatch(/here: a worker ended at once: .*no-such-tandem.*not found/);
  });

  test("another process that has a worker's pid is left alone", async () => {
    const where = inFolder("taken");
    const [pid = 0] = pids((await call(...where)).rows);
    const file = join(stateFolder("dir of taken"), `${pid}.pid`);
    const own = readFileSync(file, "utf8");
    writeFileSync(file, own.replace(/\d+$/m, "1"));
    const { rows } = await call(...where, "--stop");
    expect(states(rows)).toEqual(["was not running"]);
    expect(isRunning(pid)).toBe(true);
    writeFileSync(file, own);
    expect(states((await call(...where, "--stop")).rows)).toEqual(["stopped"]);
  });

  test("keys come from a file on the host, and no key of ours goes there", async () => {
    writeFileSync(join(server.path, "home/keys"), "ANTHROPIC_API_KEY='on the host'\n");
    const where = [...inFolder("keyed"), "--keys-file", join(server.path, "home/keys")];
    process.env.OTHER_API_KEY = "canary-of-the-caller";
    process.env.ANTHROPIC_API_KEY = "canary-of-the-caller";
    try {
      const [pid = 0] = pids((await call(...where)).rows);
      const log = readFileSync(join(stateFolder("dir of keyed"), `${pid}.log`), "utf8");
      expect(log).toContain("ANTHROPIC_API_KEY is on the host\n");
      expect(log).toContain("OTHER_API_KEY is absent\n");
      await call(...where, "--stop");
      const absent = await call(...inFolder("unkeyed"), "--keys-file", "no/such file");
      expect(absent).toMatchObject({ code: 1, rows: [] });
      expect(absent.stderr).toContain("here: there is no file no/such file of keys on ");
    } finally {
      delete process.env.OTHER_API_KEY;
      delete process.env.ANTHROPIC_API_KEY;
    }
  });

  test("a wrong host is one line, and the others are done", async () => {
    const hosts = ["closed", "stranger", "no-such.invalid", "here"];
    const where = inFolder("beside");
    const { code, rows, stderr } = await call(
      ...where,
      "--hosts",
      hosts.join(","),
      "--workers",
      "4",
    );
    expect({ code, rows }).toMatchObject({ code: 1, rows: [{ host: "here", state: "started" }] });
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => line.replace("warning: ", ""));
    expect(lines.sort()).toEqual([
      expect.stringMatching(
        /^closed: connect to host 127.0.0.1 port 1: Connection refused \[launch_failed\] → see that/,
      ),
      expect.stringMatching(
        /^no-such.invalid: Could not resolve hostname no-such.invalid: .* → correct the name/,
      ),
      expect.stringMatching(
        /^stranger: Host key verification failed. \[launch_failed\] → connect once by hand/,
      ),
    ]);
    await call(...where, "--stop");
    expect(
      readdirSync(stateFolder("dir of beside")).filter((name) => name.endsWith(".pid")),
    ).toEqual([]);
  });
});

/** Some machines keep what has ended in their table until somebody asks. */
const isRunning = (pid: number) => ![undefined, "dead"].includes(processStart(pid));

const STUDY = `name = "first"
[pairs]
repo = "demo_task"
[arms.gold]
agent = "gold"
`;
