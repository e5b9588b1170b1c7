// Owns the gateway as a port: an HTTP server on a Unix socket that answers agents' programs on the wires they speak.
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { REAL_CLOCK } from "../retry.ts";
import { LARGEST_BODY_BYTES } from "./body.ts";
import type { Port, PortOptions } from "./contract.ts";
import { respond } from "./respond.ts";
import { Session } from "./session.ts";

export type * from "./contract.ts";

/** A silent connection is closed after this long; whoever waits hears something sooner. */
const IDLE: object = { idleTimeout: 120 };

/** Opens the port. It never listens on TCP. Throws what the operating system says of a folder or a name that will not do. */
export async function openPort({ dir, clock = REAL_CLOCK }: PortOptions): Promise<Port> {
  const folder = resolve(dir);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const socket = join(folder, "gateway.sock");
  const sessions = new Map<string, Session>();
  const server = Bun.serve({
    // The types say that sockets have no idle time. They have one, and it is short where none is given.
    ...IDLE,
    unix: socket,
    maxRequestBodySize: LARGEST_BODY_BYTES,
    fetch: (request) => respond(request, sessions),
    error: (error) => Response.json({ error: { message: error.message } }, { status: 500 }),
  });
  // The folder is closed to others; a sandbox's forwarder, which has the socket laid in, may be another user.
  chmodSync(socket, 0o666);
  return {
    socket,
    admit(admitted) {
      const session = new Session(admitted, clock);
      sessions.set(session.token, session);
      return {
        token: session.token,
        get failure() {
          return session.failure;
        },
        heard: () => session.heard(),
        [Symbol.dispose]() {
          sessions.delete(session.token);
          session.end();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const session of sessions.values()) session.end();
      sessions.clear();
      await server.stop(true);
      rmSync(socket, { force: true });
    },
  };
}
