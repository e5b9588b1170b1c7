// Owns what backends have in common about the gateway of a sandbox.
import { connect } from "node:net";
import { Fault } from "../core/fault.ts";
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

/** Throws Fault `sandbox_failed` when nobody listens at the socket. */
export async function assertListening({ socket }: GatewaySocket): Promise<void> {
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
