// Owns running commands one after the other in an attached bash: deadlines, aborts, and shells that a command has killed.
import { Fault } from "../core/fault.ts";
import type { ExecOptions, ExecResult } from "./sandbox.ts";
import { driver, FrameReader, freshNonce, type Request, requestBytes } from "./shell-driver.ts";

const DEFAULT_OUTPUT_BYTES = 10 * 1024 * 1024;
/** Longest text that is safe as one argument (the kernel's limit is 128 KiB). */
const MAX_ARGUMENT_BYTES = 100_000;
/** How long the shell may take to say that a killed command has ended, before everything is killed. */
const AFTER_KILL_MS = 1_000;
const AFTER_KILL_ALL_MS = 10_000;
/** Exit status of what SIGKILL ended: 128 + 9. */
const KILLED = 137;

/**
 * An open bash: bytes go in by `write`, which does not complain when it has ended; what it prints, and its end, go to
 * the receiver it was attached with.
 */
export type ShellLink = { write(bytes: Uint8Array): void; close(): void };
export type ShellReceiver = {
  readonly onBytes: (chunk: Uint8Array) => void;
  readonly onEnd: () => void;
};

/** The place that the shell runs in, as the shell needs it. */
export type ShellPlace = {
  /** Whether all processes that the shell can see belong to the place: those that commands leave behind are killed. */
  readonly owns_processes: boolean;
  /** Starts `bash -p` as the leader of a session, with its three streams attached. */
  attach(receiver: ShellReceiver): Promise<ShellLink>;
  /** Kills a process group from outside the shell; false when that could not be done. */
  killGroup(group: number): Promise<boolean>;
  /** Kills all that runs in the place, the shell too, and leaves the place up. */
  killAll(): Promise<void>;
  /** Throws a Fault when the place itself is gone. */
  assertUp(): Promise<void>;
  /** Writes a file inside. */
  put(path: string, bytes: Uint8Array): Promise<void>;
};

type Shell = { readonly link: ShellLink; reader: Reading | undefined; gone: boolean };
type Reading = { readonly frames: FrameReader; readonly settle: (how: "ended" | "lost") => void };
type Call = { readonly frames: FrameReader; readonly over: Promise<"ended" | "lost"> };
export type ShellOptions = ExecOptions & { readonly cwd: string };
export type ShellResult = Omit<ExecResult, "oom_killed">;

/** One bash that serves many commands; attached at the first, and again after a command has killed it. */
export class AttachedShell {
  private readonly place: ShellPlace;
  private readonly after_kill_ms: number;
  private shell: Promise<Shell> | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(place: ShellPlace, after_kill_ms = AFTER_KILL_MS) {
    this.place = place;
    this.after_kill_ms = after_kill_ms;
  }

  /**
   * Runs a command in a fresh bash: no variable or folder of an earlier one, no input, and nothing left running.
   * Commands of one shell wait for each other; the deadline counts from the command's own start. Throws the signal's
   * reason on abort, RangeError for a NUL, and the place's Fault when the place is gone.
   */
  async run(command: string, options: ShellOptions): Promise<ShellResult> {
    const turn = this.last.then(() => this.runNow(command, options));
    this.last = turn.catch(() => undefined);
    return await turn;
  }

  /** Lets go of the shell; a command under way counts as killed. */
  async close(): Promise<void> {
    const shell = await this.shell?.catch(() => undefined);
    this.shell = undefined;
    shell?.link.close();
  }

  private async runNow(command: string, options: ShellOptions): Promise<ShellResult> {
    options.signal?.throwIfAborted();
    const started = performance.now();
    const request = await this.requestOf(command, options.cwd);
    const first = await this.attempt(request, options);
    // A shell that ended between commands is replaced once: the command has not begun then.
    const call = first.begun ? first : await this.attempt(request, options);
    const duration_ms = Math.round(performance.now() - started);
    const { frames, timed_out } = call;
    const lost = frames.status === undefined;
    if (lost) await this.recover();
    const result = frames.result(lost);
    if (!call.begun) throw noShell(result.output);
    const { left_running } = frames;
    return {
      exit_code: frames.status ?? KILLED,
      ...result,
      ...(left_running > 0 && !timed_out ? { left_running } : {}),
      ...{ timed_out, duration_ms },
    };
  }

  private async attempt(request: Request, options: ShellOptions) {
    const { frames, over } = await this.begin(request, options.max_output_bytes);
    const timed_out = await this.waitFor({ frames, over }, options);
    options.signal?.throwIfAborted();
    const begun = timed_out || frames.group !== undefined || frames.status !== undefined;
    return { frames, timed_out, begun };
  }

  private async requestOf(command: string, cwd: string): Promise<Request> {
    const nonce = freshNonce();
    if (Buffer.byteLength(command) < MAX_ARGUMENT_BYTES) return { nonce, cwd, script: "", command };
    const script = `/tmp/.command-${Bun.randomUUIDv7()}.sh`;
    await this.place.put(script, Buffer.from(command));
    return { nonce, cwd, script, command: "" };
  }

  private async begin(request: Request, max_output_bytes = DEFAULT_OUTPUT_BYTES): Promise<Call> {
    const bytes = requestBytes(request);
    const shell = await this.attached();
    const frames = new FrameReader(request.nonce, max_output_bytes);
    const { promise: over, resolve: settle } = Promise.withResolvers<"ended" | "lost">();
    shell.reader = { frames, settle };
    if (shell.gone) settle("lost");
    else shell.link.write(bytes);
    return { frames, over };
  }

  /** Waits for the command's end, kills it at the deadline or on abort. Returns whether the deadline ended it. */
  private async waitFor(call: Call, { timeout_ms, signal }: ShellOptions): Promise<boolean> {
    const stop = Promise.withResolvers<"deadline" | "abort">();
    const timer = setTimeout(() => stop.resolve("deadline"), timeout_ms);
    const onAbort = () => stop.resolve("abort");
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    try {
      const first = await Promise.race([call.over, stop.promise]);
      if (first === "deadline" || first === "abort") await this.kill(call);
      return first === "deadline";
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** First the command's group; when that does not end it (no process can be started, or its shell is dead), all. */
  private async kill(call: Call): Promise<void> {
    const { group } = call.frames;
    if (group !== undefined && (await this.place.killGroup(group)))
      if (await within(this.after_kill_ms, call.over)) return;
    await this.place.killAll();
    if (await within(AFTER_KILL_ALL_MS, call.over)) return;
    await this.place.assertUp();
    throw new Fault("sandbox_failed", "a command could not be killed", {
      hint: "see what runs in the container (docker top); the sandbox is given up",
    });
  }

  /**
   * After a shell's death a new one clears what the dead one's command left. A place that is going down may still look
   * up: only a shell that answers proves that it was the command who killed the other.
   */
  private async recover(): Promise<void> {
    await this.place.assertUp();
    const probe = { nonce: freshNonce(), cwd: "/", script: "", command: "true" };
    const call = await this.begin(probe, 0);
    if ((await within(AFTER_KILL_ALL_MS, call.over)) && call.frames.status !== undefined) return;
    await this.place.assertUp();
    throw noShell(call.frames.result(true).output);
  }

  private attached(): Promise<Shell> {
    this.shell ??= this.attach();
    return this.shell;
  }

  private async attach(): Promise<Shell> {
    // The receiver can be called before the link is there.
    const early: { shell?: Shell; gone: boolean } = { gone: false };
    try {
      const link = await this.place.attach({
        onBytes: (chunk) => feed(early.shell, chunk),
        onEnd: () => {
          early.gone = true;
          if (early.shell) this.forget(early.shell);
        },
      });
      const shell: Shell = { link, reader: undefined, gone: early.gone };
      early.shell = shell;
      if (shell.gone) this.shell = undefined;
      else link.write(Buffer.from(driver(this.place)));
      return shell;
    } catch (error) {
      this.shell = undefined;
      throw error;
    }
  }

  private forget(shell: Shell): void {
    this.shell = undefined;
    shell.gone = true;
    shell.reader?.settle("lost");
    shell.reader = undefined;
  }
}

function feed(shell: Shell | undefined, chunk: Uint8Array): void {
  const reader = shell?.reader;
  if (!shell || !reader) return;
  reader.frames.feed(chunk);
  if (reader.frames.status === undefined) return;
  shell.reader = undefined;
  reader.settle("ended");
}

function noShell(output: Uint8Array): Fault {
  const words = Buffer.from(output).toString("utf8").trim();
  return new Fault("sandbox_failed", `no bash could be started: ${words || "it ended at once"}`, {
    hint: "the image needs bash, and memory for it",
  });
}

/** Whether the promise settles within that time. */
async function within(wait_ms: number, promise: Promise<unknown>): Promise<boolean> {
  const over = Promise.withResolvers<false>();
  const timer = setTimeout(() => over.resolve(false), wait_ms);
  try {
    return await Promise.race([promise.then(() => true), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}
