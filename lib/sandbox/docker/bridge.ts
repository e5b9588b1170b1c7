// Owns the one network of ours in an engine: containers reach what is outside through it, and never each other.
import { Fault } from "../../core/fault.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { MARK } from "./owner.ts";

export const BRIDGE = "tandem";
const ROLE = "tandem.role";
/** Without it containers on one bridge reach each other by their addresses. */
const NO_TRAFFIC = { "com.docker.network.bridge.enable_icc": "false" } as const;

export type Bridge = { readonly id: string; readonly containers: number };

/**
 * The id of the bridge, made when there is none. Of several that processes made at once all take the same one, and the
 * others are removed. Throws Fault `sandbox_failed` where the engine cannot keep containers apart.
 */
export async function ensureBridge(engine: Engine): Promise<string> {
  const here = await bridges(engine);
  if (here.length === 0) await createBridge(engine);
  const [first, ...others] = here.length === 0 ? await bridges(engine) : here;
  for (const { id } of others) await removeBridge(engine, id);
  if (first !== undefined) return first.id;
  throw noBridge(`it has a network "${BRIDGE}" that is none of ours`);
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
async function bridges(engine: Engine): Promise<{ readonly id: string }[]> {
  const filters = JSON.stringify({ name: [`^${BRIDGE}$`], label: [MARK, `${ROLE}=bridge`] });
  const found = await engine.call("listing networks", (docker) => docker.listNetworks({ filters }));
  return found
    .filter(({ Name }) => Name === BRIDGE)
    .sort((a, b) => `${a.Created} ${a.Id}`.localeCompare(`${b.Created} ${b.Id}`))
    .map(({ Id, Options }) => {
      assertApart(Options);
      return { id: Id };
    });
}

/** Some engines take an option that they do not know, and drop it. */
function assertApart(options: Readonly<Record<string, string>> | null | undefined): void {
  const [[name, value] = ["", ""]] = Object.entries(NO_TRAFFIC);
  if (options?.[name] === value) return;
  throw noBridge(`its network "${BRIDGE}" lets containers reach each other`);
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
    // Another process was first, or somebody has a network of that name that is none of ours.
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
    `the engine cannot keep sandboxes with a network apart: ${why}`,
    {
      hint: `see docker network inspect ${BRIDGE}; or run without network: --network none`,
    },
  );
}
