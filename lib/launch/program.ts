// Owns calls of the programs that start things elsewhere (sbatch, ssh, kubectl): their deadline, their exit status, their one line of trouble.
import { Fault } from "../core/fault.ts";
import { cut } from "../core/text.ts";

export type ProgramCall = {
  /** Standard input. */
  readonly input?: string;
  readonly signal: AbortSignal;
  readonly timeout_ms: number;
  /** What to do about its complaint; undefined for one that is not foreseen. */
  readonly hintOf?: (said: string) => string | undefined;
};
const HINT = "correct what it complains about, then run the same command again";
const LONGEST = 300;
export type Ended = {
  readonly exit_code: number;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs a program to its end, whatever that is. Throws Fault `launch_failed` when there is none, or it does not end. */
export async function ended(
  [program = "", ...args]: readonly string[],
  { input, signal, timeout_ms }: ProgramCall,
): Promise<Ended> {
  const deadline = AbortSignal.timeout(timeout_ms);
  const child = spawned([program, ...args], AbortSignal.any([signal, deadline]), input);
  const [stdout, stderr, exit_code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  signal.throwIfAborted();
  if (deadline.aborted)
    throw failed(`${program} does not end within ${timeout_ms / 1000} s`, {
      hint: "see whether it answers by hand, then run the same command again",
    });
  return { exit_code, stdout, stderr };
}

/** What a program prints. Throws Fault `launch_failed` with its own words when it fails. */
export async function printed(command: readonly string[], call: ProgramCall): Promise<string> {
  const { exit_code, stdout, stderr } = await ended(command, call);
  if (exit_code === 0) return stdout;
  const said = lastLine(stderr) ?? lastLine(stdout) ?? `it ended with exit status ${exit_code}`;
  // Some tell all that they were given.
  const short = cut(said.replace(`${command[0]}: `, "").replace(/\{.*\}/, "{…}"), LONGEST);
  throw failed(`${command[0]}: ${short}`, { hint: call.hintOf?.(said) ?? HINT });
}

/** The last line that says something. */
export function lastLine(text: string): string | undefined {
  return (
    text
      .trim()
      .split(/\s*[\r\n]+\s*/)
      .at(-1) || undefined
  );
}

export function failed(message: string, details: { hint: string; cause?: unknown }): Fault {
  return new Fault("launch_failed", message, details);
}

function spawned([program = "", ...args]: readonly string[], signal: AbortSignal, input = "") {
  const path = Bun.which(program, { PATH: process.env.PATH ?? "" });
  if (path === null)
    throw failed(`there is no ${program} here`, {
      hint: `call this where ${program} is on the PATH`,
    });
  return Bun.spawn([path, ...args], {
    ...{ signal, env: process.env, stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe" },
  });
}
