// Owns what every backend must hold of the gateway, as tests that any of them can be put through.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { posix } from "node:path";
import type { ContractPlace } from "./contract.fixture.ts";
import { CLIENT, gatewayServer, LARGE_BYTES } from "./gateway.fixture.ts";
import type { OpenOptions, Sandbox } from "./sandbox.ts";
import { run } from "./task.fixture.ts";

const STREAMS = 400;

/** Declares the tests; to be called within a `describe`. */
export function gatewayContract(openPlace: () => Promise<ContractPlace>): void {
  let place: ContractPlace;
  let port: ReturnType<typeof gatewayServer>;
  let agent: Sandbox;
  const open = (more: Partial<OpenOptions> = {}) => {
    const { with_gateway = place.backend, task } = place;
    return with_gateway.open({ task, purpose: "agent", label: "a-run/pair.agent1", ...more });
  };
  const client = async (sandbox: Sandbox, ...args: readonly (string | number)[]) => {
    const path = posix.join(sandbox.work_path, "client.pl");
    await sandbox.put(path, CLIENT);
    const port = new URL(sandbox.gateway_url ?? "").port;
    return await run(sandbox, `perl '${path}' ${port} ${args.join(" ")}`);
  };

  beforeAll(async () => {
    place = await openPlace();
    port = gatewayServer();
    agent = await open({ gateway: port });
  });
  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await port[Symbol.asyncDispose]();
    await place[Symbol.asyncDispose]();
  });

  test("it is on a sandbox's own loopback, and only of those that were opened with it", async () => {
    expect(agent.gateway_url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await client(agent, "events", 1, 1)).toEqual({ exit_code: 0, text: "1\n" });
    const { with_gateway: _, backend, task } = place;
    await using other = await backend.open({ task, purpose: "agent", label: "a-run/other" });
    expect(other.gateway_url).toBeUndefined();
    const { text } = await run(
      other,
      `exec 3<>/dev/tcp/127.0.0.1/${new URL(agent.gateway_url ?? "").port}`,
    );
    expect(text).toContain("Connection refused");
  });

  test("a body of 64 MiB comes back as it went, and a stream as large ends where it should", async () => {
    expect(await client(agent, "echo", LARGE_BYTES)).toEqual({ exit_code: 0, text: "the same\n" });
    const { text } = await client(agent, "large");
    // With the frames of its pieces.
    expect(Number(text.split(" ")[0])).toBeGreaterThan(LARGE_BYTES);
  });

  test(`${STREAMS} streams at once are all served to their ends`, async () => {
    expect((await client(agent, "events", STREAMS, 5)).text).toBe(`${STREAMS}\n`);
  });

  test("the server hears of a client that goes away", async () => {
    const before = port.aborted();
    expect((await client(agent, "abort")).text).toBe("aborted\n");
    for (let patience = 0; port.aborted() === before && patience < 200; patience++)
      await Bun.sleep(10);
    expect(port.aborted()).toBe(before + 1);
  });

  const REFUSED: [what: string, command: string][] = [
    ["names", "getent hosts example.com"],
    ["an address outside", "exec 3<>/dev/tcp/1.1.1.1/80"],
    ["a port of the loopback that nobody serves", "exec 3<>/dev/tcp/127.0.0.1/9"],
    ["a bridge of an engine", "exec 3<>/dev/tcp/172.17.0.1/80"],
  ];
  test.each(REFUSED)("%s: refused at once, not dropped", async (_what, command) => {
    const timed = `start=$(date +%s%N); (${command}) 2>/dev/null; echo "$? $(( ($(date +%s%N) - start) / 1000000 ))"`;
    const [status, ms] = (await run(agent, timed)).text.trim().split(" ").map(Number);
    expect(status).not.toBe(0);
    // Where packets are dropped, programs wait for a name for five seconds, and for an address for a minute.
    expect(ms).toBeLessThan(4_500);
  });

  test("commands neither see nor end what passes it on", async () => {
    const seen = await run(
      agent,
      "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c '^/forwarder'",
    );
    expect(seen.text).toBe("0\n");
    expect((await run(agent, "kill -KILL -1")).exit_code).toBe(137);
    expect((await client(agent, "events", 1, 2)).text).toBe("1\n");
  });

  test("a partner has a way of its own, and nobody the socket of another", async () => {
    await using partners = gatewayServer();
    await using partner = await open({ gateway: partners });
    await Promise.all([client(agent, "events", 3, 2), client(partner, "events", 3, 2)]);
    const known = ["/proc", "/sys", "/usr", "*/node_modules"].map(
      (path) => `-path '${path}' -prune -o`,
    );
    const sockets = `find / ${known.join(" ")} -type s -print 2>/dev/null | wc -l`;
    expect((await run(agent, sockets)).text).toBe("0\n");
    expect((await run(partner, sockets)).text).toBe("0\n");
  });

  test("where the gateway is gone, requests end at once", async () => {
    const gone = gatewayServer();
    await using left = await open({ gateway: gone });
    expect((await client(left, "events", 1, 2)).text).toBe("1\n");
    await gone[Symbol.asyncDispose]();
    expect((await client(left, "events", 1, 2)).text).toBe("0\n");
    await expect(open({ gateway: gone })).rejects.toMatchObject({ code: "sandbox_failed" });
  });
}
