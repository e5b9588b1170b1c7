// Owns programs started in a running container: the attached bash of a sandbox, and short helpers whose output is not read.
import type { Duplex } from "node:stream";
import type { ShellLink, ShellReceiver } from "../shell.ts";
import type { Engine } from "./engine.ts";

/** Length of a frame's header in the engine's multiplexed streams: stream number, three zeros, four bytes of length. */
const HEADER_BYTES = 8;
const HELPER_TIMEOUT_MS = 30_000;

/** Starts `bash -p` in the container; what it prints comes in order, standard error too. */
export async function attachBash(
  engine: Engine,
  containerId: string,
  receiver: ShellReceiver,
): Promise<ShellLink> {
  const stream = await startExec(engine, containerId, ["bash", "-p"]);
  const demultiplex = demultiplexer(receiver.onBytes);
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    receiver.onEnd();
  };
  stream.on("data", demultiplex);
  // A broken stream is an ended one: the place is asked what became of it.
  stream.on("end", end).on("close", end).on("error", end);
  return { write: (bytes) => void stream.write(bytes), close: () => stream.destroy() };
}

/** Runs a program in the container to its end; its exit status, and what it prints as it comes. Throws the engine's Fault when it cannot be started. */
export async function runHelper(
  engine: Engine,
  containerId: string,
  command: readonly string[],
  hear: (bytes: Uint8Array) => void = () => undefined,
): Promise<number> {
  return await engine.call(
    "running a helper in a container",
    async (docker) => {
      const exec = await docker.getContainer(containerId).exec({
        Cmd: [...command],
        AttachStdout: true,
        AttachStderr: true,
      });
      const stream = await exec.start({ hijack: true, stdin: false });
      await new Promise<void>((resolve, reject) => {
        stream.on("data", demultiplexer(hear));
        stream.on("end", resolve).on("close", resolve).on("error", reject);
      });
      const { ExitCode } = await exec.inspect();
      return ExitCode ?? -1;
    },
    { timeout_ms: HELPER_TIMEOUT_MS },
  );
}

async function startExec(
  engine: Engine,
  containerId: string,
  command: readonly string[],
): Promise<Duplex> {
  return await engine.call("starting a shell in a container", async (docker) => {
    const exec = await docker.getContainer(containerId).exec({
      Cmd: [...command],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      Tty: false,
    });
    return await exec.start({ hijack: true, stdin: true, Tty: false });
  });
}

/**
 * Takes the chunks of a multiplexed stream and passes the payloads on as they come, uncopied. An engine that cannot
 * start the program answers without frames: such bytes are passed on as they are.
 */
export function demultiplexer(pass: (bytes: Uint8Array) => void): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let left = 0;
  let plain = false;
  return (chunk) => {
    let bytes = chunk;
    while (bytes.length > 0) {
      if (plain || left > 0) {
        const payload = plain ? bytes : bytes.subarray(0, left);
        pass(payload);
        if (!plain) left -= payload.length;
        bytes = bytes.subarray(payload.length);
        continue;
      }
      const missing = HEADER_BYTES - header.length;
      header = Buffer.concat([header, bytes.subarray(0, missing)]);
      bytes = bytes.subarray(missing);
      plain = !canBeHeader(header);
      if (plain) pass(header);
      if (plain || header.length < HEADER_BYTES) continue;
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  };
}

function canBeHeader(start: Buffer): boolean {
  const [stream = 0, ...rest] = start.subarray(0, 4);
  return stream <= 2 && rest.every((byte) => byte === 0);
}
