// Owns a socket that stands before the real engine's and can go away, for tests.
import { connect, createServer, type Socket } from "node:net";

/** Listens at `path` and passes everything on to the engine of this machine; `stop` cuts all connections. */
export function socketProxy(path: string, engine = "/var/run/docker.sock"): { stop(): void } {
  const open = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(engine);
    for (const [from, to] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    }
  });
  server.listen(path);
  return {
    stop() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
