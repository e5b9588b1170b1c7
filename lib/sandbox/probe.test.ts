import { beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { describeWith } from "../core/testing.ts";
import { docker, dockerPlace } from "./docker/docker.fixture.ts";
import type { DockerSandbox } from "./docker/sandbox.ts";
import { GATEWAY_PORT } from "./forwarder/place.ts";
import { gatewayServer } from "./gateway.fixture.ts";
import { localBackend } from "./local/local.ts";
import type { Network } from "./network.ts";
import { type Found, probe, probedHost, type Target } from "./probe.fixture.ts";
import type { Sandbox } from "./sandbox.ts";
import { run, SMALL_SETUP, taskPlace } from "./task.fixture.ts";

setDefaultTimeout(120_000);

const NETWORKS = ["none", "gateway", "open"] as const satisfies Network[];
const GATEWAY = "the gateway of its own agent, on its own loopback";
const TABLE = readFileSync(join(import.meta.dir, "../../docs/sandboxes.md"), "utf8");
const PARTNERS_FILES = "files of a partner";
const PARTNER = "a partner over the network";
const LISTENING = 20_000 + Math.floor(Math.random() * 10_000);
const LISTEN = `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "0.0.0.0", LocalPort => ${LISTENING}, Listen => 9, ReuseAddr => 1) or die; alarm 100; while ($c = $s->accept) { close $c }'`;

/** What the table says of one kind of sandbox, by row. */
function promised(column: string): Found {
  const rows = TABLE.split("\n").filter((line) => line.startsWith("| "));
  const cells = (line: string) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const head = cells(rows.find((line) => line.includes(column)) ?? "");
  const at = head.indexOf(column);
  const words = rows.map(cells).filter((row) => row[at] === "reached" || row[at] === "refused");
  return Object.fromEntries(
    words.map((row) => [`${row[0]}`, row[at] === "reached" ? "reached" : "refused"]),
  );
}

type Partners = {
  readonly where: "local" | "docker";
  readonly one: Sandbox;
  readonly partner: Sandbox;
  readonly address: string;
};

/** The probe in one of two sandboxes, while its partner has a secret and listens. */
async function look(
  { where, one, partner, address }: Partners,
  more: readonly Target[] = [],
): Promise<Found> {
  using host = await probedHost(where);
  const secret = `secret-${crypto.randomUUID()}`;
  await run(partner, `echo x > ${secret}; echo x > /tmp/${secret}; echo x > ~/${secret}`);
  const stop = new AbortController();
  const listening = run(partner, LISTEN, { signal: stop.signal }).catch(() => undefined);
  await Bun.sleep(1_000);
  const found = await probe(one, [
    ...host.targets,
    ...more,
    [PARTNERS_FILES, "file", `/workspace/repo/${secret}`],
    [PARTNER, "tcp", `${address}:${LISTENING}`],
    [GATEWAY, "tcp", `127.0.0.1:${GATEWAY_PORT}`],
  ]);
  expect(host.isSleeping()).toBe(true);
  stop.abort();
  await listening;
  return found;
}

describe("the table", () => {
  test("has nothing in reach without a network", () => {
    for (const where of ["local", "docker"]) {
      const [none, gateway] = [promised(`${where}, none`), promised(`${where}, gateway`)];
      expect(Object.keys(none).length).toBeGreaterThan(12);
      expect(Object.entries(none).filter(([, said]) => said !== "refused")).toEqual([]);
      expect(gateway).toEqual({ ...none, [GATEWAY]: "reached" });
    }
  });
});

describeWith("bwrap", "S5, S6: from inside a local sandbox", () => {
  const found = new Map<Network, Found>();
  beforeAll(async () => {
    using place = taskPlace();
    const task = place.task(SMALL_SETUP);
    await using port = gatewayServer();
    for (const network of NETWORKS) {
      const own = network === "gateway" ? { gateway: port } : {};
      const backend = localBackend({
        cache_dir: place.cache_dir,
        hidden: [],
        unsafe_local: false,
        network,
      });
      const request = { task, purpose: "agent", ...own } as const;
      await using one = await backend.open({ ...request, label: "probe-one" });
      await using partner = await backend.open({ ...request, label: "probe-two" });
      const scratch = join(tmpdir(), `tandem-${userInfo().uid}/.tmp`);
      const folders = readdirSync(scratch).filter((name) => name.endsWith("-probe-two"));
      const here: Target = ["`/etc/shadow`", "read", "/etc/shadow"];
      const more = folders.map(
        (name): Target => [PARTNERS_FILES, "read", join(scratch, name, "w/workspace/repo/six.txt")],
      );
      found.set(
        network,
        await look({ where: "local", one, partner, address: "127.0.0.1" }, [here, ...more]),
      );
    }
  });
  test.each(NETWORKS)("with network %s all is as the table says", (network) => {
    expect(found.get(network)).toEqual(promised(`local, ${network}`));
  });
});

describeWith("docker", "S5, S6: from inside a sandbox in a container", () => {
  const found = new Map<Network, Found>();
  const addressOf = ({ container_id }: DockerSandbox) =>
    docker(
      "inspect",
      "-f",
      "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}",
      container_id,
    );
  beforeAll(async () => {
    await using place = dockerPlace();
    await using port = gatewayServer();
    for (const network of NETWORKS) {
      const backend = place.backend({ network });
      const request = { task: place.task, label: "run/probe", purpose: "agent" } as const;
      const own = network === "none" ? {} : { gateway: port };
      await using one = await backend.open({ ...request, ...own });
      await using partner = await backend.open({ ...request, ...own });
      const address = (await addressOf(partner)) || "127.0.0.1";
      found.set(network, await look({ where: "docker", one, partner, address }));
    }
  });
  test.each(NETWORKS)("with network %s all is as the table says", (network) => {
    expect(found.get(network)).toEqual(promised(`docker, ${network}`));
  });
});
