// Owns the gateway of one container while it lives: opened beside other work, and anew for a container that was started again.
import type { SandboxGateway } from "../gateway.ts";
import type { Engine } from "./engine.ts";
import { openSidecar, type Sidecar, type SidecarRequest } from "./sidecar.ts";

export type ContainerGateway = AsyncDisposable & {
  /** The gateway once it answers; undefined for a container without one. Throws as {@link openSidecar}. */
  opened(): Promise<SandboxGateway | undefined>;
  /** Opens it on the new loopback of a container that was started again. Throws as {@link openSidecar}. */
  renew(): Promise<void>;
  /** Lets it live this many milliseconds longer. */
  prolong(ms: number): Promise<void>;
};

/** Begins at once; for no request there is nothing to open. */
export function gatewayOf(engine: Engine, request: SidecarRequest | undefined): ContainerGateway {
  let up: Sidecar | undefined;
  const open = async () => {
    up = request && (await openSidecar(engine, request));
    return up;
  };
  let current = open();
  // Its failure is heard when it is waited for.
  current.catch(() => undefined);
  const close = async () => {
    await current.catch(() => undefined);
    await up?.[Symbol.asyncDispose]();
  };
  return {
    async opened() {
      const first = await current;
      return first && { url: first.url, assertUp: () => up?.assertUp() };
    },
    async renew() {
      await close();
      current = open();
      await current;
    },
    prolong: async (ms) => up?.prolong(ms),
    [Symbol.asyncDispose]: close,
  };
}
