// Owns the backend `docker` as the registry knows it: opening it, what doctor asks its engine, and what is left there.
import { asFault, Fault, UsageError } from "../../core/fault.ts";
import type { Finding } from "../../core/finding.ts";
import type { BackendObject, Engines, Leftover, LeftoversRequest } from "../backend.ts";
import { openTrialPort } from "../gateway.ts";
import { networkLine } from "../network.ts";
import { addressText } from "./address.ts";
import { DOCKER_DEFAULTS, DOCKER_NETWORKS, type DockerOptions, dockerBackend } from "./docker.ts";
import { type Engine, openEngine } from "./engine.ts";
import { unusedForwarders } from "./forwarder-image.ts";
import { unusedPrograms } from "./program-volume.ts";
import { findLeftovers, findUnused, removeLeftover } from "./reap.ts";
import { openSidecar } from "./sidecar.ts";
import { removeVolume } from "./volumes.ts";
import { findUnfinished, removeName } from "./warm-image.ts";

export const docker: BackendObject<Partial<Omit<DockerOptions, "cache_dir">> & Engines> = {
  name: "docker",
  open: (options, { cache_dir }) => dockerBackend({ ...DOCKER_DEFAULTS, ...options, cache_dir }),
  async openMany(options, { cache_dir, engines, say }) {
    const { enginesBackend } = await import("./engines/backend.ts");
    return enginesBackend({ ...DOCKER_DEFAULTS, ...options, cache_dir, engines, say });
  },
  check,
  leftovers,
  networkLine: ({ network }, { needs_gateway }) =>
    networkLine(DOCKER_NETWORKS, network, needs_gateway),
};

type Found = { readonly name: string | undefined; readonly engine: Engine };

/** Those of the file, else the one that the environment names. */
async function enginesIn({ engines }: Engines): Promise<readonly Found[]> {
  if (engines === undefined) return [{ name: undefined, engine: openEngine() }];
  const { enginesOf } = await import("./engines/backend.ts");
  return enginesOf(engines);
}

/** Whether each engine answers, and what it is; they are asked at once. */
async function check(where: Engines = {}): Promise<Finding[]> {
  const found = await enginesIn(where);
  const findings = await Promise.all(
    found.map(async ({ name, engine }) => {
      const own = await checkEngine(engine);
      return name === undefined
        ? own
        : own.map((one) => ({ ...one, part: `${name}: ${one.part}` }));
    }),
  );
  return findings.flat();
}

/** Whether an engine answers, and what it is. */
async function checkEngine(engine: Engine): Promise<Finding[]> {
  try {
    const info = await engine.call("asking the engine what it is", (client) => client.info());
    const { ServerVersion, OSType, Architecture, NCPU, MemTotal } = info;
    const memory = `${(MemTotal / 1024 ** 3).toFixed(1)} GiB`;
    const { address, whose } = engine.where();
    const at = whose === undefined ? "" : ` at ${addressText(address)}`;
    const found = `engine ${ServerVersion}${at}, ${OSType}/${Architecture}, ${NCPU} CPUs, ${memory}`;
    return [
      { part: "docker", state: "good", found },
      engineLimits({ ...info }),
      await checkGateway(engine),
    ];
  } catch (error) {
    const { message, hint } = foundOf(error);
    return [{ part: "docker", state: "missing", found: message, hint }];
  }
}

/** What is wrong with an address says itself what to do. */
function foundOf(error: unknown): { readonly message: string; readonly hint: string } {
  if (error instanceof UsageError)
    return { message: error.message, hint: "correct it, then run doctor again" };
  return asFault(error);
}

const WAYS = {
  socket: "containers reach it on their own loopback, over its socket",
  pipes: "containers reach it on their own loopback, over the connection to the engine",
} as const;

/** Whether agents' programs could call their model from inside. */
async function checkGateway(engine: Engine): Promise<Finding> {
  try {
    await using port = openTrialPort();
    const request = { ...port, container_id: undefined, key: "doctor", max_lifetime_ms: 60_000 };
    await using sidecar = await openSidecar(engine, request);
    return { part: "gateway", state: "good", found: WAYS[sidecar.way] };
  } catch (error) {
    const { message, hint } = asFault(error);
    return { part: "gateway", state: "poor", found: message, hint };
  }
}

/** What an engine says of itself, by the limits that it can keep; those that it does not name it keeps. */
const KEPT = { memory: "MemoryLimit", processes: "PidsLimit", CPUs: "CpuCfsQuota" } as const;

/** Which limits of a container hold: an engine without the right to some cgroup starts it without them. */
function engineLimits(info: Readonly<Record<string, unknown>>): Finding {
  const names = Object.entries(KEPT);
  const lost = names.filter(([, key]) => info[key] === false).map(([name]) => name);
  const kept = names.map(([name]) => name).filter((name) => !lost.includes(name));
  const cgroup = info.CgroupVersion === undefined ? "" : `cgroup v${info.CgroupVersion}: `;
  const found = `${cgroup}${[...kept, "file size", "disk (watched)"].join(", ")}`;
  if (lost.length === 0) return { part: "limits", state: "good", found };
  const hint = `the engine cannot limit ${lost.join(", ")}: give it these cgroup controllers`;
  return { part: "limits", state: "poor", found, hint };
}

/** Containers, volumes, networks, half-made images, and what no container uses of programs and forwarders, on all engines. */
async function leftovers({ all, say, engines }: LeftoversRequest): Promise<Leftover[]> {
  const found: Leftover[] = [];
  const gone: unknown[] = [];
  for (const { name, engine } of await enginesIn({ engines })) {
    try {
      found.push(...(await inEngine(engine, all)));
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "engine_gone") throw error;
      // Who never named an engine and has none running left nothing there.
      if (engine.where().whose === undefined)
        say("no container engine answers: only folders are looked at");
      else if (name === undefined) throw error;
      else gone.push(error);
    }
  }
  if (gone.length > 0 && found.length === 0) throw gone[0];
  for (const error of gone) say(`not looked at: ${asFault(error).message}`);
  return found;
}

async function inEngine(engine: Engine, all: boolean): Promise<Leftover[]> {
  const names = await findUnfinished(engine);
  const left = await findLeftovers(engine, { all });
  const forwarders = await unusedForwarders(engine);
  const programs = await unusedPrograms(engine);
  const unused = (await findUnused(engine)).filter(({ id }) => !left.some((one) => one.id === id));
  return [
    ...[...left, ...unused].map((one) => ({ ...one, remove: () => removeLeftover(engine, one) })),
    ...forwarders.map(({ id, name }) => ({
      ...{ kind: "image", id, key: name, owner: "", reason: "unused" },
      remove: () => removeName(engine, id),
    })),
    ...programs.map(({ id, key }) => ({
      ...{ kind: "volume", id, key, owner: "", reason: "unused" },
      remove: () => removeVolume(engine, id),
    })),
    ...names.map((id) => ({
      ...{ kind: "image", id, key: id, owner: "", reason: "half made, owner gone" },
      remove: () => removeName(engine, id),
    })),
  ];
}
