// Owns timing the queue of workers: CPU and memory a unit, compared with the ledger's own leases in the same run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { openLedger } from "../../db/ledger.ts";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { thisOwner } from "../../lib/core/owner.ts";
import type { Errand } from "../../lib/errands/errand.ts";
import { drainWorkers } from "../../lib/queue/drain.ts";
import { type Driver, openDriver } from "../../lib/queue/driver.ts";
import { openServer, type Server } from "../../lib/queue/server.ts";
import { runWorker } from "../../lib/queue/worker.ts";
import { freePort, untilAnswers } from "../../lib/team/own-server.ts";
import type { BenchContext } from "./_bench-args.ts";

const UNITS = 2_000;
const SLOTS = 8;
const QUEUE = "bench";
const NEVER = new AbortController().signal;

const nothing: Errand<number, null> = {
  kind: "nothing",
  input: z.number(),
  output: z.null(),
  image: () => undefined,
  perform: async () => null,
};

/** Units are queued while there is no worker, then done by one of eight slots in a process of its own. */
export async function queueRows({ args }: BenchContext): Promise<Row[]> {
  const units = wholeNumber("--repeat", args.repeat, 1) ?? UNITS;
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-queue-"));
  await using ends = new AsyncDisposableStack();
  ends.defer(() => rmSync(folder, { recursive: true, force: true }));
  const url = await startRedis(folder, ends);
  const driver = ends.use(
    await openDriver({ url, queue: QUEUE, ledger: folder, silence_ms: 30_000, artifacts: null }),
  );
  const server = ends.use(await openServer(url));
  const leases = claimUnits(join(folder, "ledger.sqlite"));
  const queued = await queueUnits(driver, server, units);
  const drained = await drainUnits({ url, server, units, all: queued.all, folder });
  return [
    { what: "the ledger's leases: claimed and let go", units: UNITS, ...leases },
    { what: "added to the queue", units, ...queued.row },
    { what: "taken, done and heard of", units, ...drained },
  ];
}

async function startRedis(folder: string, ends: AsyncDisposableStack): Promise<string> {
  const port = await freePort();
  const child = Bun.spawn(
    ["redis-server", "--bind", "127.0.0.1", "--port", `${port}`, "--save", "", "--dir", folder],
    { stdin: "ignore", stdout: "ignore", stderr: "inherit" },
  );
  ends.defer(async () => {
    child.kill();
    await child.exited;
  });
  const url = `redis://127.0.0.1:${port}`;
  const ended = child.exited.then(() => true);
  if (await untilAnswers(url, { timeout_ms: 10_000, ended })) return url;
  throw new Error("redis-server does not start");
}

/** Milliseconds of CPU of this process, and of the server, and the server's memory. */
async function used({ client }: Server) {
  const info = await client.info();
  const field = (name: string) => Number(new RegExp(`^${name}:(\\S+)`, "m").exec(info)?.[1]);
  const { user, system } = process.cpuUsage();
  return {
    driver_ms: (user + system) / 1_000,
    redis_ms: 1_000 * (field("used_cpu_user") + field("used_cpu_sys")),
    redis_mib: field("used_memory") / 1024 ** 2,
    driver_mib: process.memoryUsage().rss / 1024 ** 2,
    at: performance.now(),
  };
}

type Used = Awaited<ReturnType<typeof used>>;

const each = (before: Used, after: Used, units: number) => ({
  units_per_s: Math.round((1_000 * units) / (after.at - before.at)),
  driver_cpu_ms_a_unit: (after.driver_ms - before.driver_ms) / units,
  redis_cpu_ms_a_unit: (after.redis_ms - before.redis_ms) / units,
});

async function queueUnits(driver: Driver, server: Server, units: number) {
  const before = await used(server);
  const all = Array.from({ length: units }, (_, index) =>
    driver.send(nothing, {
      ...{ unit: `bench/demo_task/task1/features_1_2~${index}`, claim: 1, input: index },
      ...{ bytes: new Map(), signal: NEVER, answer: async () => null },
      on_progress: () => undefined,
      on_delivery: () => undefined,
    }),
  );
  // Looking for the key goes through all of them: once the driver has sent the first.
  const waiting = await waitingKey(server);
  while ((await server.client.llen(waiting)) < units) await Bun.sleep(50);
  const after = await used(server);
  const row = {
    ...each(before, after, units),
    redis_bytes_a_unit: Math.round(((after.redis_mib - before.redis_mib) * 1024 ** 2) / units),
    redis_mib: after.redis_mib,
    driver_mib: after.driver_mib,
  };
  return { all: Promise.all(all), row };
}

async function waitingKey({ client }: Server): Promise<string> {
  for (;;) {
    const [key] = await client.keys(`tandem:${QUEUE}:*:wait`);
    if (key !== undefined) return key;
    await Bun.sleep(5);
  }
}

type Draining = {
  readonly url: string;
  readonly server: Server;
  readonly units: number;
  readonly all: Promise<unknown>;
  readonly folder: string;
};

async function drainUnits({ url, server, units, all, folder }: Draining): Promise<Row> {
  const child = Bun.spawn([process.execPath, import.meta.path, url, join(folder, "worker")], {
    ...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  });
  const before = await used(server);
  await all;
  const after = await used(server);
  await drainWorkers({ url, queue: QUEUE });
  const worker_ms = Number(await new Response(child.stdout).text());
  const row = each(before, after, units);
  const worker_cpu_ms_a_unit = worker_ms / units;
  return {
    ...row,
    worker_cpu_ms_a_unit,
    cpu_ms_a_unit: row.driver_cpu_ms_a_unit + row.redis_cpu_ms_a_unit + worker_cpu_ms_a_unit,
  };
}

function claimUnits(path: string, units = UNITS): Row {
  using ledger = openLedger(path);
  const owner = thisOwner();
  ledger.work.begin({ owner, pid: process.pid, command: "bench" });
  const cpu = process.cpuUsage();
  const began = performance.now();
  for (let index = 0; index < units; index++) {
    const unit = { unit: `bench ${index}`, step: "run", run: "bench" } as const;
    ledger.work.claim([unit], { owner, isGone: () => false, isDone: () => false });
    ledger.work.release(unit, { owner }, "stopped");
  }
  const { user, system } = process.cpuUsage(cpu);
  return {
    units_per_s: Math.round((1_000 * units) / (performance.now() - began)),
    driver_cpu_ms_a_unit: (user + system) / 1_000 / units,
  };
}

/** The worker: prints its milliseconds of CPU, without those of its start. */
if (import.meta.main) {
  const [url = "", folder = ""] = process.argv.slice(2);
  let began = process.cpuUsage();
  await runWorker({
    ...{ url, queue: QUEUE, slots: SLOTS, images: async () => [], perform: async () => null },
    workshop: {
      folder,
      sandboxes: () => Promise.reject(new Error("no sandbox is needed")),
      share: () => Promise.reject(new Error("nothing is shared")),
    },
    ...{ signal: NEVER, drain: NEVER },
    on_event(event) {
      if (event.is === "joined") began = process.cpuUsage();
    },
  });
  const { user, system } = process.cpuUsage(began);
  process.stdout.write(`${(user + system) / 1_000}`);
}
