// Owns what backends have in common about the gateway of a sandbox.
import { chmodSync, statSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { Fault } from "../core/fault.ts";
import { diskScratch } from "../core/files.ts";
import type { GatewaySocket, Sandbox } from "./sandbox.ts";

/** The gateway as one sandbox has it. */
export type SandboxGateway = {
  readonly url: string;
  /** Throws Fault `sandbox_failed` when what passes it on has ended. */
  assertUp(): void;
};

/** A command that could not reach its model because the laboratory broke has failed for the laboratory's sake. */
export function withGateway(
  exec: Sandbox["exec"],
  gateway: SandboxGateway | undefined,
): Sandbox["exec"] {
  if (gateway === undefined) return exec;
  return async (command, options) => {
    gateway.assertUp();
    const result = await exec(command, options);
    gateway.assertUp();
    return result;
  };
}

/**
 * Lets forwarders, which are other users, use the socket when it is laid in for them; its folder keeps everybody else
 * away. Throws Fault `sandbox_failed` when the folder is open to others, or nobody listens.
 */
export async function letForwardersIn({ socket }: GatewaySocket): Promise<void> {
  const found = statSync(socket, { throwIfNoEntry: false });
  if (!found?.isSocket()) throw noGateway(`there is no socket ${socket}`);
  if ((statSync(dirname(socket)).mode & 0o077) !== 0)
    throw noGateway(`the folder of ${socket} is open to other users`);
  if ((found.mode & 0o666) !== 0o666) chmodSync(socket, 0o666);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const attempt = connect({ path: socket });
  attempt.once("connect", resolve);
  attempt.once("error", (error) => reject(noGateway(error.message)));
  try {
    await promise;
  } finally {
    attempt.destroy();
  }
}

export function noGateway(why: string): Fault {
  return new Fault(
    "sandbox_failed",
    `the gateway cannot be reached from a sandbox: ${why.trim()}`,
    {
      hint: "see what tandem doctor says of the gateway, then run again; or use another backend",
    },
  );
}

export function gatewayEnded(): Fault {
  return new Fault("sandbox_failed", "what passes the gateway on to a sandbox has ended", {
    hint: "something outside ended it, perhaps for want of memory: run again",
  });
}

/** A socket in the gateway's place, for whoever looks at whether it would work. */
export function openTrialPort(): GatewaySocket & AsyncDisposable {
  const folder = diskScratch("gateway");
  chmodSync(folder.path, 0o700);
  const socket = join(folder.path, "socket");
  const server = Bun.serve({ unix: socket, fetch: () => new Response() });
  return {
    socket,
    async [Symbol.asyncDispose]() {
      await server.stop(true);
      await folder[Symbol.asyncDispose]();
    },
  };
}
