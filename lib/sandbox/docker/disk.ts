// Owns what a container takes of the engine's disk: the size of its own layer.
import type { ContainerInspectOptions } from "dockerode";
import { type DiskLimit, type DiskWatch, watchDisk } from "../disk.ts";
import type { Engine } from "./engine.ts";

/** A question, and an answer, that the types of the client do not know. */
const WITH_SIZE: ContainerInspectOptions & { readonly size: true } = { size: true };

type Watched = DiskLimit & {
  readonly engine: Engine;
  readonly container_id: string;
  /** Ends all that runs in the container. */
  readonly end: () => Promise<void>;
};

/**
 * Watches what a container writes on top of its image; volumes do not count. Common engines have no limit of their own
 * here: quotas need XFS with project quota.
 */
export function watchContainer({ engine, container_id, ...limits }: Watched): DiskWatch {
  return watchDisk({ ...limits, sizeBytes: () => layerBytes(engine, container_id) });
}

async function layerBytes(engine: Engine, container_id: string): Promise<number> {
  const found = await engine.call("measuring a container", (docker) =>
    docker.getContainer(container_id).inspect(WITH_SIZE),
  );
  return sizeIn(found);
}

function sizeIn(answer: object): number {
  return "SizeRw" in answer && typeof answer.SizeRw === "number" ? answer.SizeRw : 0;
}
