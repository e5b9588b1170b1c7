// Owns every call of git on the host: no hooks, no user configuration, no prompts, every exit status read.
import { dirname } from "node:path";
import { Fault } from "./fault.ts";

/** Settings that keep the host's and the user's git configuration out of the results. */
const GIT_ENV: Record<string, string> = {
  PATH: process.env.PATH ?? "/usr/bin:/bin",
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_AUTHOR_NAME: "tandem",
  GIT_AUTHOR_EMAIL: "tandem@localhost",
  GIT_AUTHOR_DATE: "1700000000 +0000",
  GIT_COMMITTER_NAME: "tandem",
  GIT_COMMITTER_EMAIL: "tandem@localhost",
  GIT_COMMITTER_DATE: "1700000000 +0000",
};
const NO_HOOKS = [
  ...["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"],
  ...["-c", "core.autocrlf=false", "-c", "gc.auto=0"],
];

export type GitOptions = {
  /** Working folder of the command. */
  readonly cwd?: string;
  /** `--git-dir`. */
  readonly git_dir?: string;
  /** Bytes for standard input. */
  readonly input?: Uint8Array | string;
  /** Extra variables, such as GIT_INDEX_FILE. */
  readonly env?: Record<string, string>;
  readonly signal?: AbortSignal;
};
export type GitResult = {
  readonly exit_code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
};

/** Runs git and returns whatever it says; the caller reads the exit status. */
export async function gitTry(
  args: readonly string[],
  options: GitOptions = {},
): Promise<GitResult> {
  const where = options.git_dir === undefined ? [] : [`--git-dir=${options.git_dir}`];
  const child = Bun.spawn(["git", ...NO_HOOKS, ...where, ...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    env: { ...GIT_ENV, ...options.env },
    stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exit_code] = await Promise.all([
    new Response(child.stdout).arrayBuffer(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { exit_code, stdout: Buffer.from(stdout), stderr };
}

/** {@link gitTry} for those who cannot wait. */
export function gitTrySync(
  args: readonly string[],
  { cwd, input }: { readonly cwd: string; readonly input: Uint8Array },
): GitResult {
  const child = Bun.spawnSync(["git", ...NO_HOOKS, ...args], {
    cwd,
    // Whatever repository lies around the folder is none of its.
    env: { ...GIT_ENV, GIT_CEILING_DIRECTORIES: dirname(cwd) },
    stdin: Buffer.from(input),
    stdout: "pipe",
    stderr: "pipe",
  });
  return { exit_code: child.exitCode, stdout: child.stdout, stderr: child.stderr.toString() };
}

/** Runs git and returns its output. Throws Fault `git_failed` on a non-zero exit. */
export async function git(args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  const result = await gitTry(args, options);
  if (result.exit_code === 0) return result.stdout;
  throw new Fault(
    "git_failed",
    `git ${args[0]} ended with ${result.exit_code}: ${result.stderr.trim()}`,
    {
      hint: "see git's message; `git --version` must be 2.38 or newer",
    },
  );
}

/** {@link git} with its output as trimmed text. */
export async function gitText(args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await git(args, options)).toString("utf8").trim();
}
