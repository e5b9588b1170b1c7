// Owns our networks in an engine: containers reach what is outside through them, and never each other.
import { randomUUID } from "node:crypto";
import { Fault } from "../../core/fault.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { labelsOf, MARK } from "./owner.ts";

export const BRIDGE = "tandem";
const ROLE = "tandem.role";
/** Without it containers on one bridge reach each other by their addresses. */
const NO_TRAFFIC = { "com.docker.network.bridge.enable_icc": "false" } as const;

export type Bridge = { readonly id: string; readonly containers: number };
/** `isolated`: containers of other networks only are kept away. */
type Ours = { readonly id: string; readonly keeps: "apart" | "isolated" };

/** A network that a container can be put on; disposed of after the container. */
export type ContainerNetwork = AsyncDisposable & { readonly name: string };

/**
 * A network to the outside for the container of a unit: Tandem's one bridge, or a separate one where the engine only keeps
 * networks apart. Throws Fault `sandbox_failed` where the engine cannot keep containers apart.
 */
export async function networkFor(
  engine: Engine,
  unit: { readonly key: string; readonly lifetime_ms: number },
): Promise<ContainerNetwork> {
  const bridge = await knownBridge(engine);
  if (bridge.keeps === "apart")
    return { name: bridge.id, [Symbol.asyncDispose]: async () => undefined };
  const Name = `${BRIDGE}-${randomUUID()}`;
  const Labels = labelsOf(unit.key, unit.lifetime_ms);
  const { id } = await engine.call("creating a network", (docker) =>
    docker.createNetwork({ Name, Driver: "bridge", Options: { ...NO_TRAFFIC }, Labels }),
  );
  return { name: id, [Symbol.asyncDispose]: () => removeBridge(engine, id) };
}

/** Looked for once: its id stays that of a network with our options, or of none. */
async function knownBridge(engine: Engine): Promise<Ours> {
  const bridge = known.get(engine) ?? (await ensureBridge(engine));
  known.set(engine, bridge);
  return bridge;
}

const known = new WeakMap<Engine, Ours>();

/** After the engine has said that the bridge is gone. */
export function forgetBridge(engine: Engine): void {
  known.delete(engine);
}

/**
 * The bridge, made when there is none. Of several that processes made at once all take the same one, and the
 * others are removed. Throws Fault `sandbox_failed` where the engine cannot keep containers apart.
 */
export async function ensureBridge(engine: Engine): Promise<Ours> {
  const here = await bridges(engine);
  if (here.length === 0) await createBridge(engine);
  const [first, ...others] = here.length === 0 ? await bridges(engine) : here;
  for (const { id } of others) await removeBridge(engine, id);
  if (first !== undefined) return first;
  throw noBridge(`it has a network "${BRIDGE}" that Tandem did not make`);
}

/** Bridges that no container is on, for clearing away. */
export async function unusedBridges(engine: Engine): Promise<string[]> {
  const all = await Promise.all((await bridges(engine)).map(({ id }) => inspect(engine, id)));
  return all.flatMap((one) => (one === undefined || one.containers > 0 ? [] : [one.id]));
}

/** One that is in use, or gone, is nothing to report. */
export async function removeBridge(engine: Engine, id: string): Promise<void> {
  try {
    await engine.call("removing a network", (docker) => docker.getNetwork(id).remove());
  } catch (error) {
    if (!refusedWith(error, 403, 404, 409)) throw error;
  }
}

/** Ours by name and label; in an order that all processes see alike. */
async function bridges(engine: Engine): Promise<Ours[]> {
  const filters = JSON.stringify({ name: [`^${BRIDGE}$`], label: [MARK, `${ROLE}=bridge`] });
  const found = await engine.call("listing networks", (docker) => docker.listNetworks({ filters }));
  const ours = found
    .filter(({ Name }) => Name === BRIDGE)
    .sort((a, b) => `${a.Created} ${a.Id}`.localeCompare(`${b.Created} ${b.Id}`));
  return await Promise.all(
    ours.map(async ({ Id, Options }) => ({ id: Id, keeps: await kept(engine, Options) })),
  );
}

/** Some engines take an option that they do not know, and drop it. */
async function kept(
  engine: Engine,
  options: Readonly<Record<string, string>> | null | undefined,
): Promise<Ours["keeps"]> {
  const [[name, value] = ["", ""]] = Object.entries(NO_TRAFFIC);
  if (options?.[name] === value) return "apart";
  if (await isolatesNetworks(engine)) return "isolated";
  throw noBridge(`its network "${BRIDGE}" lets containers reach each other`);
}

/** Podman makes every network that is asked for by Docker's API with its own `isolate=true`, and does not report it. */
async function isolatesNetworks(engine: Engine): Promise<boolean> {
  const { Components } = await engine.call("asking its version", (docker) => docker.version());
  const podman = (Components ?? []).find(({ Name }) => Name === "Podman Engine");
  return podman !== undefined && Bun.semver.satisfies(podman.Version, ">=4.3.0");
}

async function createBridge(engine: Engine): Promise<void> {
  try {
    await engine.call("creating a network", (docker) =>
      docker.createNetwork({
        ...{ Name: BRIDGE, Driver: "bridge", CheckDuplicate: true, Options: { ...NO_TRAFFIC } },
        Labels: { tandem: "1", [ROLE]: "bridge" },
      }),
    );
  } catch (error) {
    // Another process was first, or there is a network of that name that Tandem did not make.
    if (refusedWith(error, 409)) return;
    if (!(error instanceof Fault) || error.code !== "sandbox_failed") throw error;
    throw noBridge(error.message);
  }
}

async function inspect(engine: Engine, id: string): Promise<Bridge | undefined> {
  try {
    const { Containers } = await engine.call("looking at a network", (docker) =>
      docker.getNetwork(id).inspect(),
    );
    return { id, containers: Object.keys(Containers ?? {}).length };
  } catch (error) {
    if (refusedWith(error, 404)) return undefined;
    throw error;
  }
}

function noBridge(why: string): Fault {
  return new Fault(
    "sandbox_failed",
    `the engine cannot isolate sandboxes that have a network: ${why}`,
    {
      hint: `see docker network inspect ${BRIDGE}; or run without a network: --network none`,
    },
  );
}
