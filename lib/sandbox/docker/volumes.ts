// Owns the volumes that the containers of an attempt have in common: one an agent, labelled as containers are, and their removal.
import { Fault } from "../../core/fault.ts";
import type { Share, SharedFolder, ShareOptions } from "../sandbox.ts";
import { checkedAgentIds } from "../share.ts";
import { type Engine, refusedWith } from "./engine.ts";
import { labelsOf } from "./owner.ts";

const PARENT = "/team";
/** Containers that use the volumes are made later, so they may live longer. */
const LIFETIMES = 2;
/** A container whose removal was begun elsewhere holds its volumes a moment longer. */
const IN_USE = { tries: 20, wait_ms: 250 } as const;

/**
 * An empty volume an agent, at `/team/<agent_id>` in the containers opened with the share. Throws the engine's Faults;
 * then nothing is left.
 */
export async function openVolumes(
  engine: Engine,
  request: ShareOptions,
  container_lifetime_ms: number,
): Promise<Share> {
  const { label, signal } = request;
  const agentIds = checkedAgentIds(request.agent_ids);
  await using volumes = new AsyncDisposableStack();
  const folders: SharedFolder[] = [];
  for (const agent_id of agentIds) {
    signal?.throwIfAborted();
    const source = await createVolume(engine, labelsOf(label, container_lifetime_ms * LIFETIMES));
    volumes.defer(() => removeVolume(engine, source));
    folders.push({ agent_id, source, path: `${PARENT}/${agent_id}` });
  }
  signal?.throwIfAborted();
  const kept = volumes.move();
  return { folders, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** No abort here: a volume that is being created would be left behind. */
async function createVolume(engine: Engine, labels: Record<string, string>): Promise<string> {
  return await engine.call("creating a volume", async (docker) => {
    const { name } = await docker.createVolume({ Labels: labels });
    return name;
  });
}

/**
 * Removes a volume. One that is gone already, or an engine that is, is nothing to report: what an absent engine still
 * has is reaped later. Throws Fault `sandbox_failed` when a container goes on using it.
 */
export async function removeVolume(engine: Engine, name: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await engine.call("removing a volume", (docker) => docker.getVolume(name).remove());
      return;
    } catch (error) {
      if (refusedWith(error, 404)) return;
      if (error instanceof Fault && error.code === "engine_gone") return;
      if (!isInUse(error) || tries === IN_USE.tries) throw error;
      await Bun.sleep(IN_USE.wait_ms);
    }
  }
}

/** Whether the engine refused because a container uses the volume. */
export function isInUse(error: unknown): boolean {
  return refusedWith(error, 409);
}
