// Owns running a tool of this machine that installs something, and what its failure says.

type Running = { readonly folder: string; readonly signal: AbortSignal };

/** Undefined when it succeeds; else why it did not, in a line. */
export async function ran(
  command: readonly string[],
  { folder, signal }: Running,
): Promise<string | undefined> {
  const [name = ""] = command;
  if (onPath(name) === undefined) return `there is no ${name} on the PATH`;
  const child = Bun.spawn([...command], {
    ...{ cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe", signal },
    env: { ...process.env, BUN_OPTIONS: undefined, NODE_ENV: undefined },
  });
  const [said, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  const status = await child.exited;
  signal.throwIfAborted();
  return status === 0 ? undefined : reasonIn(`${errors}\n${said}`, status);
}

/** Where a program of this machine is, as its environment says now. */
export function onPath(name: string): string | undefined {
  return Bun.which(name, { PATH: process.env.PATH ?? "" }) ?? undefined;
}

/** What tools say before is progress; of a chain of causes the ends tell. */
function reasonIn(said: string, status: number): string {
  const lines = said.split("\n").map((line) => line.trim());
  const telling = lines.filter((line) => /error|cause|fail|not/i.test(line));
  const shown = telling.length > 0 ? telling : lines.filter(Boolean);
  const ends = [shown[0] ?? `exit status ${status}`, ...shown.slice(1).slice(-1)];
  return ends.map((line) => line.replace(/^(?:error|cause): /i, "")).join(": ");
}
