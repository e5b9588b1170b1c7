// Owns starting a Redis server for a run: which way is available, and the settings of every such server.
import { Fault } from "../core/fault.ts";
import type { OwnServer } from "./own-server.ts";

/** A redis-server on the PATH, else a container. Throws Fault `mailbox_gone` when neither can be started. */
export async function startServer(
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<OwnServer> {
  const program = Bun.which("redis-server");
  if (program !== null) {
    const { startProcess } = await import("./server-process.ts");
    return await startProcess(program, options.signal);
  }
  const { startContainerServer } = await import("./server-container.ts");
  try {
    return await startContainerServer(options);
  } catch (error) {
    options.signal?.throwIfAborted();
    throw new Fault("mailbox_gone", "no Redis server could be started", {
      hint: "install redis-server, start a container engine, or name a server: --redis redis://host:port",
      cause: error,
    });
  }
}
