// Owns programs in a container: the attached bash of a sandbox, and short helpers whose output is not read.
import type { Duplex } from "node:stream";
import type { ShellLink, ShellReceiver } from "../shell.ts";
import type { Engine } from "./engine.ts";

/** Length of a frame's header in the engine's multiplexed streams: stream number, three zeros, four bytes of length. */
const HEADER_BYTES = 8;
const HELPER_TIMEOUT_MS = 30_000;

/** How much later than the word of a shell's end its last output may come: they are two streams until here. */
const LAST_OUTPUT_MS = 100;

/** Starts `bash -p` in the container; what it prints comes in order, standard error too. */
export async function attachBash(
  engine: Engine,
  containerId: string,
  receiver: ShellReceiver,
): Promise<ShellLink> {
  const stream = await startExec(engine, containerId, ["bash", "-p"]);
  const link = linkTo(stream, receiver.onEnd);
  stream.on("data", demultiplexer(receiver.onBytes));
  return link;
}

/** The streams of a container that is created but not started: its first shell, which costs no program of its own. */
export async function attachFirst(engine: Engine, containerId: string): Promise<FirstShell> {
  const stream = await engine.call("attaching to a container", (docker) =>
    docker.getContainer(containerId).attach({
      ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
    }),
  );
  const duplex = stream as Duplex;
  // It may break before the shell is used; then using it shows that it has ended.
  duplex.on("error", () => undefined);
  let taken = false;
  return {
    take(receiver) {
      if (taken) return undefined;
      taken = true;
      const link = linkTo(duplex, receiver.onEnd);
      const pass = (bytes: Uint8Array, from: number) => {
        if (from === SHELL_ENDED) setTimeout(link.close, LAST_OUTPUT_MS);
        else receiver.onBytes(bytes);
      };
      duplex.on("data", demultiplexer(pass));
      return link;
    },
    [Symbol.dispose]: () => void duplex.destroy(),
  };
}

export type FirstShell = Disposable & {
  /** The shell, once: then undefined. */
  take(receiver: ShellReceiver): ShellLink | undefined;
};
/** Standard error: nothing but what keeps the container up writes there, see {@link keepUp}. */
const SHELL_ENDED = 2;

function linkTo(stream: Duplex, onEnd: () => void): ShellLink {
  let ended = false;
  const end = () => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  // A broken stream is an ended one: the place is asked what became of it.
  stream.on("end", end).on("close", end).on("error", end);
  if (stream.destroyed) setImmediate(end);
  return { write: (bytes) => void stream.write(bytes), close: () => void stream.destroy() };
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
 * start the program answers without frames: such bytes are passed on as they are. `from`: 1 for standard output, 2 for
 * standard error.
 */
export function demultiplexer(
  pass: (bytes: Uint8Array, from: number) => void,
): (chunk: Buffer) => void {
  let from = 0;
  let header = Buffer.alloc(0);
  let left = 0;
  let plain = false;
  return (chunk) => {
    let bytes = chunk;
    while (bytes.length > 0) {
      if (plain || left > 0) {
        const payload = plain ? bytes : bytes.subarray(0, left);
        pass(payload, from);
        if (!plain) left -= payload.length;
        bytes = bytes.subarray(payload.length);
        continue;
      }
      const missing = HEADER_BYTES - header.length;
      header = Buffer.concat([header, bytes.subarray(0, missing)]);
      bytes = bytes.subarray(missing);
      plain = !canBeHeader(header);
      if (plain) pass(header, 0);
      if (plain || header.length < HEADER_BYTES) continue;
      [from = 0] = header;
      left = header.readUInt32BE(4);
      header = Buffer.alloc(0);
    }
  };
}

function canBeHeader(start: Buffer): boolean {
  const [stream = 0, ...rest] = start.subarray(0, 4);
  return stream <= 2 && rest.every((byte) => byte === 0);
}
