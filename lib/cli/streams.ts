// Owns standard output and standard error: nothing secret goes out, and a reader that goes away stops no work.
import { redact, redactBytes } from "../core/redact.ts";

type Name = "stdout" | "stderr";
type Done = (error?: Error | null) => void;

/** Why nothing can be written any more, by stream: the system's code. */
const broken: Partial<Record<Name, string>> = {};
/** The reader closed its end (`| head`), or the terminal was closed: there is no reader left. */
const NOBODY = ["EPIPE", "EIO", "ECONNRESET", "ERR_STREAM_DESTROYED"];
let toldOf = false;

/** Whether there may still be a reader. */
export function isOpen(name: Name): boolean {
  return broken[name] === undefined;
}

/** Why results were not written, as a message; undefined when they were, or when there is no reader. */
export async function lostResults(): Promise<string | undefined> {
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  const code = broken.stdout;
  return code === undefined || NOBODY.includes(code)
    ? undefined
    : `standard output could not be written (${code}): some results are missing from it`;
}

/** Does something once when standard output has lost its reader. */
export function onceUnread(tell: () => void): void {
  process.stdout.on("error", () => {
    if (!toldOf && NOBODY.includes(broken.stdout ?? "")) tell();
    toldOf = true;
  });
}

/**
 * The last net for secrets under everything that a script prints: results, messages, progress, traces, and what packages
 * print. A secret that is written in two pieces is not found. What has no reader is dropped: the work goes on.
 */
function guard(name: Name): void {
  const stream = process[name];
  const write = stream.write.bind(stream);
  const close = (error: Error) => {
    broken[name] ??= "code" in error ? String(error.code) : "EIO";
  };
  stream.on("error", close);
  stream.write = (chunk: string | Uint8Array, how?: BufferEncoding | Done, done?: Done) => {
    const after = typeof how === "function" ? how : done;
    if (!isOpen(name)) return dropped(after);
    const clean = typeof chunk === "string" ? redact(chunk) : redactBytes(chunk);
    try {
      return typeof how === "function" ? write(clean, how) : write(clean, how, done);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      close(error);
      return dropped(after);
    }
  };
}

function dropped(done: Done | undefined): true {
  if (done) queueMicrotask(() => done());
  return true;
}

for (const name of ["stdout", "stderr"] as const) guard(name);
