// Owns the Docker engine that runs beside a worker in its pod, and how the worker finds it.
import type { Container } from "kubernetes-types/core/v1";

const SOCKETS = { name: "engine-run", mountPath: "/run/tandem-engine" };
const IMAGES = { name: "engine-data", mountPath: "/var/lib/docker" };
const ADDRESS = `unix://${SOCKETS.mountPath}/docker.sock`;
const DOCKER_HOST = { name: "DOCKER_HOST", value: ADDRESS };

export const ENGINE_VOLUMES = [SOCKETS, IMAGES].map(({ name }) => ({ name, emptyDir: {} }));

/** For the worker's container. */
export const engineFor = { env: [DOCKER_HOST], mounts: [SOCKETS] };

/** A container that starts before the worker and ends after it; its socket is for the worker's group. */
export function engineBeside(image: string, group: number): Container {
  return {
    name: "engine",
    image,
    restartPolicy: "Always",
    args: ["dockerd", `--host=${ADDRESS}`, `--group=${group}`],
    // The image would listen with TLS of its own otherwise.
    env: [{ name: "DOCKER_TLS_CERTDIR", value: "" }, DOCKER_HOST],
    securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false },
    startupProbe: {
      exec: { command: ["sh", "-c", "docker info"] },
      periodSeconds: 2,
      failureThreshold: 60,
    },
    volumeMounts: [SOCKETS, IMAGES],
  };
}
