import { expect, test } from "bun:test";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../core/owner.ts";
import { describeWith, hasPart } from "../core/testing.ts";
import { docker } from "../sandbox/docker/docker.fixture.ts";
import { openMailroom } from "./mailroom.ts";
import { freePort } from "./own-server.ts";
import { eventually, foreignClient } from "./redis.fixture.ts";
import { redisVersion } from "./redis.ts";
import { startServer } from "./server.ts";
import { startContainerServer } from "./server-container.ts";
import { startProcess } from "./server-process.ts";

const SLOW = 120_000;
const TWO = ["agent1", "agent2"];
const hello = { sender: "agent1", recipient: "agent2", content: "hello", sent_step: 1 };

/** What the server tells of itself. */
async function factsOf(url: string) {
  using client = await foreignClient(url);
  const field = (info: string, name: string) =>
    new RegExp(`^${name}:(.*)$`, "m").exec(info)?.[1]?.trim() ?? "";
  const [about, persistence] = [await client.info("server"), await client.info("persistence")];
  return {
    pid: Number(field(about, "process_id")),
    config: field(about, "config_file"),
    appends: field(persistence, "aof_enabled"),
  };
}

describeWith("redis", "a server of this run", () => {
  test("is private: loopback, a password, a folder of its own, every write on disk", async () => {
    await using server = await startServer();
    const { pid, config, appends } = await factsOf(server.url);
    const folder = join(config, "..");
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(config).mode & 0o777).toBe(0o600);
    expect(appends).toBe("1");
    expect(readFileSync(config, "utf8")).toContain("appendfsync always");
    const { port, password } = new URL(server.url);
    expect(readFileSync(`/proc/${pid}/cmdline`, "latin1")).not.toContain(password);
    expect(readFileSync(`/proc/${pid}/environ`, "latin1")).not.toContain(password);
    expect(server.description).not.toContain(password);
    expect(listeningAt(Number(port))).toEqual(["0100007F"]);
    await expect(redisVersion(`redis://127.0.0.1:${port}`)).rejects.toThrow("NOAUTH");
    using owner = await foreignClient(server.url);
    await expect(owner.call("CONFIG", "REWRITE")).rejects.toThrow("unknown command");
  });

  test("ends with the scope, and its folder with it", async () => {
    const server = await startServer();
    const { pid, config } = await factsOf(server.url);
    await server[Symbol.asyncDispose]();
    await eventually(
      async () => isAlive(pid),
      (alive) => !alive,
    );
    expect(existsSync(join(config, ".."))).toBe(false);
  });

  test(
    "ends when the process that started it is killed, and so does its folder",
    async () => {
      const program = `const { startServer } = await import(${JSON.stringify(join(import.meta.dir, "server.ts"))});
      const server = await startServer(); console.log(server.url); await Bun.sleep(600_000);`;
      const parent = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" });
      const reader = parent.stdout.getReader();
      const url = Buffer.from((await reader.read()).value ?? [])
        .toString()
        .trim();
      const { pid, config } = await factsOf(url);
      parent.kill("SIGKILL");
      await parent.exited;
      await eventually(
        async () => isAlive(pid),
        (alive) => !alive,
      );
      await eventually(
        async () => existsSync(join(config, "..")),
        (there) => !there,
      );
    },
    SLOW,
  );

  test(
    "starts again when it is killed, with all it had",
    async () => {
      await using server = await startServer();
      const { pid } = await factsOf(server.url);
      using before = await foreignClient(server.url);
      await before.rpush("list", "kept");
      process.kill(pid, "SIGKILL");
      const ask = async () => {
        try {
          using after = await foreignClient(server.url);
          return await after.lrange("list", 0, -1);
        } catch {
          return undefined;
        }
      };
      expect(await eventually(ask, (items) => items !== undefined)).toEqual(["kept"]);
    },
    SLOW,
  );

  test(
    "that does not start tells its last words, and leaves nothing",
    async () => {
      const starting = startProcess("/bin/false");
      await expect(starting).rejects.toMatchObject({
        code: "mailbox_gone",
        message: expect.stringContaining("does not start"),
      });
    },
    SLOW,
  );

  test("carries a mailroom, which tells of it without its password", async () => {
    await using room = await openMailroom({ kind: "redis" });
    expect(room.description).toMatch(/^Redis \S+ at 127\.0\.0\.1:\d+, .*started for this run$/);
    await using mailbox = await room.open({ attempt_key: "r/t/task1/f", agent_ids: TWO });
    await mailbox.send(hello);
    expect(await mailbox.receive("agent2", 1)).toMatchObject([{ content: "hello" }]);
  });
});

if (hasPart("redis"))
  describeWith("docker", "a server in a container", () => {
    test(
      "is published on loopback, labelled, carries messages, starts again, and goes",
      async () => {
        await using image = await imageOfRedis();
        const server = await startContainerServer({ image: image.name });
        const { port } = new URL(server.url);
        const [id = ""] = (await docker("ps", "-q", "--filter", `publish=${port}`)).split("\n");
        const format = "{{json .NetworkSettings.Ports}} {{json .Config.Labels}} {{json .Args}}";
        const facts = await docker("inspect", "-f", format, id);
        expect(facts).toContain(`"6379/tcp":[{"HostIp":"127.0.0.1","HostPort":"${port}"}]`);
        expect(facts).toContain('"tandem":"1"');
        expect(facts).toContain('"tandem.key":"mailroom"');
        expect(facts).not.toContain(new URL(server.url).password);
        {
          await using room = await openMailroom({ kind: "redis", url: server.url });
          await using mailbox = await room.open({ attempt_key: "r/t/task1/f", agent_ids: TWO });
          await mailbox.send(hello);
          // A signal of the engine's would count as a wish that it stay down.
          process.kill(Number(await docker("inspect", "-f", "{{.State.Pid}}", id)), "SIGKILL");
          await mailbox.send({ ...hello, content: "again" });
          const read = await mailbox.receive("agent2", 1);
          expect(read.map(({ content }) => content)).toEqual(["hello", "again"]);
        }
        await server[Symbol.asyncDispose]();
        expect(await docker("ps", "-aq", "--no-trunc", "--filter", `id=${id}`)).toBe("");
      },
      SLOW,
    );
  });

test("a free port is free", async () => {
  const port = await freePort();
  using server = Bun.listen({ hostname: "127.0.0.1", port, socket: { data() {} } });
  expect(server.port).toBe(port);
});

/** Local addresses, as /proc writes them, of sockets that listen on the port, of IPv6 too. */
function listeningAt(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => state === "0A" && local?.endsWith(`:${wanted}`))
      .map(([, local = ""]) => local.slice(0, -5)),
  );
}

/** An image of nothing but this machine's redis-server and its libraries. */
async function imageOfRedis() {
  const name = `tandem-test-${process.pid}-redis:own`;
  const program = Bun.which("redis-server") ?? "";
  const libraries = [...(await Bun.$`ldd ${program}`.text()).matchAll(/(\/\S+) \(0x/g)];
  const files = [program, ...libraries.map(([, path = ""]) => path)];
  await Bun.$`tar -chP --transform 's,^/,,' ${files} | docker import - ${name}`.quiet();
  return { name, [Symbol.asyncDispose]: async () => void (await docker("rmi", "-f", name)) };
}
