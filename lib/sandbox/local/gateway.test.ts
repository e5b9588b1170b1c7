import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describeWith, temporaryFolder } from "../../core/testing.ts";
import { GATEWAY_PORT } from "../forwarder/place.ts";
import { gatewayServer } from "../gateway.fixture.ts";
import { killQuietly } from "../kill.ts";
import { demoTask, run, runningWith, SMALL_SETUP, taskPlace } from "../task.fixture.ts";
import { local } from "./backend.ts";
import { asUser } from "./host-user.ts";
import type { IsolatedCall } from "./isolation.fixture.ts";

setDefaultTimeout(60_000);

const isRoot = process.getuid?.() === 0;

/** What the kernel says of a process, by the names of its lines. */
function statusOf(pid: number): Readonly<Record<string, string>> {
  const lines = readFileSync(`/proc/${pid}/status`, "utf8").trim().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(/:\s+/)));
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

describeWith("bwrap", "the forwarder of a local sandbox", () => {
  const place = taskPlace();
  const task = place.task(SMALL_SETUP);
  const request = () => ({ task, label: "x/x", purpose: "agent" }) as const;
  afterAll(() => place[Symbol.dispose]());

  test("has no powers, a user of its own, and of the host only what it needs", async () => {
    await using port = gatewayServer();
    await using sandbox = await place.backend(false).open({ ...request(), gateway: port });
    const user = (await run(sandbox, "id -u")).text.trim();
    const [forwarder = 0] = runningWith(port.socket).flatMap(childrenOf).flatMap(childrenOf);
    const { Uid = "", CapEff, CapPrm } = statusOf(forwarder);
    expect([CapEff, CapPrm]).toEqual(Array(2).fill("0".repeat(16)));
    const own = Uid.split("\t")[0];
    if (isRoot) expect([user, "0"]).not.toContain(`${own}`);
    const root = `/proc/${forwarder}/root`;
    expect(existsSync(join(root, "forwarder/forward.ts"))).toBe(true);
    for (const path of [place.path, "/etc", "/root", "/home", "/workspace", "/dev/shm", "/run"])
      expect([path, existsSync(join(root, path))]).toEqual([path, false]);
  });

  test("whose end is somebody else's doing is a fault, not the command's failure", async () => {
    await using port = gatewayServer();
    await using sandbox = await place.backend(false).open({ ...request(), gateway: port });
    for (const pid of runningWith(port.socket)) killQuietly(pid);
    while (runningWith(port.socket).length > 0) await Bun.sleep(10);
    await expect(run(sandbox, "true")).rejects.toMatchObject({ code: "sandbox_failed" });
  });

  test("a folder that others may open holds no gateway", async () => {
    await using port = gatewayServer();
    chmodSync(join(port.socket, ".."), 0o755);
    const opened = place.backend(false).open({ ...request(), gateway: port });
    await expect(opened).rejects.toThrow("is open to other users");
  });

  test.if(isRoot)("works for another user than root as well", () => {
    using folder = temporaryFolder("tandem-gateway");
    const at = (name: string) => join(folder.path, name);
    for (const name of ["home", "tmp", "logs"]) mkdirSync(at(name));
    cpSync(demoTask().dir, at("task"), { recursive: true });
    expect(Bun.spawnSync(["chown", "-R", "54321:54321", folder.path]).success).toBe(true);
    const call: IsolatedCall = {
      ...{ cache_dir: at("logs"), hidden: [], task_dir: at("task"), with_gateway: true },
      commands: [
        `perl /patches/client.pl ${GATEWAY_PORT} events 20 3`,
        "kill -KILL -1",
        `perl /patches/client.pl ${GATEWAY_PORT} events 20 3; id -u`,
        "exec 3<>/dev/tcp/1.1.1.1/80",
      ],
    };
    const script = join(import.meta.dir, "isolation.fixture.ts");
    const program = [...asUser(54_321), process.execPath, script, JSON.stringify(call)];
    const env = { PATH: process.env.PATH, HOME: at("home"), TMPDIR: at("tmp") };
    const child = Bun.spawnSync(program, { cwd: "/", env });
    expect(child.stderr.toString()).toBe("");
    const lines = child.stdout
      .toString()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { exit_code: 0, text: "20\n" },
      { exit_code: 137 },
      { exit_code: 0, text: "20\n54321\n" },
      { exit_code: 1, text: expect.stringContaining("unreachable") },
    ]);
  });

  test("doctor tells whether it works here", async () => {
    const found = (await local.check()).find(({ part }) => part === "gateway");
    expect(found).toMatchObject({ state: "good" });
  });
});
