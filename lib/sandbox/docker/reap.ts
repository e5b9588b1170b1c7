// Owns finding and removing what dead processes left in an engine: containers, volumes, networks, all by their labels.

import { BRIDGE, removeBridge, unusedBridges } from "./bridge.ts";
import { removeContainer } from "./container.ts";
import type { Engine } from "./engine.ts";
import { type Labels, leftReason, MARK } from "./owner.ts";
import { isInUse, removeVolume } from "./volumes.ts";

export type LeftKind = "container" | "volume" | "network";
export type Leftover = {
  readonly kind: LeftKind;
  readonly id: string;
  /** The unit it worked for. */
  readonly key: string;
  readonly owner: string;
  /** `all`: it may be in use, and was asked for all the same. */
  readonly reason: "owner gone" | "expired" | "all" | "unused";
};
type Found = {
  readonly kind: LeftKind;
  readonly id: string;
  readonly labels: Labels;
  readonly runs?: boolean;
};

/** What is left over in the engine; with `all`, everything of Tandem's. Containers first: they hold the others. */
export async function findLeftovers(
  engine: Engine,
  options: { readonly all: boolean } = { all: false },
): Promise<Leftover[]> {
  const found = await labelled(engine);
  return found.flatMap(({ kind, id, labels, runs = false }) => {
    const left = leftReason(labels);
    // A container ends itself when its time is over; one that runs has been given more.
    const isOver = left !== undefined && !(left === "expired" && runs);
    const reason = isOver ? left : options.all ? "all" : undefined;
    if (reason === undefined) return [];
    return [
      { kind, id, key: labels["tandem.key"] ?? "", owner: labels["tandem.owner"] ?? "", reason },
    ];
  });
}

/** Tandem's network while no container is on it: it has no owner, and is made again when it is needed. */
export async function findUnused(engine: Engine): Promise<Leftover[]> {
  const unused = await unusedBridges(engine);
  return unused.map((id) => ({ kind: "network", id, key: BRIDGE, owner: "", reason: "unused" }));
}

/** Removes one; it may have been removed already. */
export async function removeLeftover(engine: Engine, { kind, id }: Leftover): Promise<void> {
  if (kind === "container") return await removeContainer(engine, id);
  if (kind === "volume") return await removeVolume(engine, id);
  await removeBridge(engine, id);
}

/** Removes what dead owners and passed expiries left, but no volume that a container uses. Returns what it removed. */
export async function reap(engine: Engine): Promise<Leftover[]> {
  const removed: Leftover[] = [];
  for (const leftover of await findLeftovers(engine)) {
    try {
      await removeLeftover(engine, leftover);
      removed.push(leftover);
    } catch (error) {
      if (leftover.kind !== "volume" || !isInUse(error)) throw error;
    }
  }
  return removed;
}

async function labelled(engine: Engine): Promise<Found[]> {
  const filters = JSON.stringify({ label: [MARK] });
  return await engine.call("listing what Tandem left", async (docker) => {
    const containers = await docker.listContainers({ all: true, filters });
    const { Volumes } = await docker.listVolumes({ filters });
    const networks = await docker.listNetworks({ filters });
    return [
      ...containers.map(({ Id, Labels, State }) => ({
        ...found("container", Id, Labels),
        runs: State === "running",
      })),
      ...(Volumes ?? []).map(({ Name, Labels }) => found("volume", Name, Labels)),
      ...networks.map(({ Id, Labels }) => found("network", Id, Labels)),
    ];
  });
}

function found(kind: LeftKind, id: string, labels: Labels | null | undefined): Found {
  return { kind, id, labels: labels ?? {} };
}
