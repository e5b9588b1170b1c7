// Owns volumes of containers that warm an image: what is written in them stays out of the image that is made.
import type Docker from "dockerode";
import type { ContainerCreateOptions } from "dockerode";
import type { Engine } from "./engine.ts";
import { labelsOf } from "./owner.ts";
import { removeVolume } from "./volumes.ts";

/** A volume without a name belongs to one container and goes with it; it starts with what the image has at the path. */
export type Volume = { readonly path: string; readonly name?: string };
export type NamedVolume = AsyncDisposable & { readonly name: string };

/** The engine, but every container made through it has these volumes. A commit leaves out what is in volumes. */
export function withVolumes(engine: Engine, volumes: readonly Volume[]): Engine {
  return {
    ...engine,
    call: (what, work, limits) =>
      engine.call(what, (docker) => work(mounting(docker, volumes)), limits),
  };
}

function mounting(docker: Docker, volumes: readonly Volume[]): Docker {
  const createContainer = (options: ContainerCreateOptions) =>
    docker.createContainer({
      ...options,
      HostConfig: {
        ...options.HostConfig,
        Mounts: volumes.map(({ path, name = "" }) => ({
          ...{ Type: "volume" as const, Source: name, Target: path },
          VolumeOptions: {
            ...{ NoCopy: false, DriverConfig: { Name: "", Options: {} } },
            Labels: options.Labels ?? {},
          },
        })),
      },
    });
  return Object.assign(Object.create(docker), { createContainer });
}

/** A volume that several containers share; removed on disposal, and reaped like a container when its owner dies. */
export async function openVolume(
  engine: Engine,
  owner: { readonly key: string; readonly lifetime_ms: number },
): Promise<NamedVolume> {
  const Labels = labelsOf(owner.key, owner.lifetime_ms);
  const { name } = await engine.call("making a volume", (docker) =>
    docker.createVolume({ Labels }),
  );
  return { name, [Symbol.asyncDispose]: () => removeVolume(engine, name) };
}
