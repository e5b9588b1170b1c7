// Owns one process of the system's ssh: how it is called, what it says, and the bytes that go through it.
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { SshAddress } from "./address.ts";

const WORDS = 4096;
const OPTIONS = [
  // No terminal to ask at: what would wait for an answer fails at once.
  ...["-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=30"],
  ...["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"],
  // A connection that the user keeps open for others would keep our socket after our end.
  ...["-o", "ControlMaster=no", "-o", "ControlPath=none"],
] as const;

type Child = Bun.Subprocess<"pipe", "pipe", Bun.BunFile>;
export type Ssh = {
  readonly child: Child;
  ended(): boolean;
  /** The last that it, or the other side's shell, has said on standard error. */
  words(): string;
};
export type Call = {
  readonly options: readonly string[];
  /** What is run on the other side. */
  readonly command: string;
  /** A new file for what it says: to listen would keep this process alive. */
  readonly log: string;
};

/** Starts ssh with the user's own settings, keys and known hosts. Throws where there is no ssh. */
export function startSsh(address: SshAddress, { options, command, log }: Call): Ssh {
  writeFileSync(log, "");
  const child = Bun.spawn(["ssh", ...argsOf(address), ...options, "--", address.host, command], {
    ...({ stdin: "pipe", stdout: "pipe", stderr: Bun.file(log) } as const),
    // Ctrl-C at our terminal lets units finish first: they need the engine until then.
    detached: true,
  });
  let ended = false;
  child.exited.then(() => {
    ended = true;
  });
  return { child, ended: () => ended, words: () => wordsIn(log) };
}

function wordsIn(log: string): string {
  return existsSync(log) ? readFileSync(log, "utf8").slice(-WORDS).trim() : "";
}

function argsOf({ user, port, config, key }: SshAddress): string[] {
  return [
    ...OPTIONS,
    ...(config === undefined ? [] : ["-F", config]),
    ...(key === undefined ? [] : ["-i", key, "-o", "IdentitiesOnly=yes"]),
    ...(user === undefined ? [] : ["-l", user]),
    ...(port === undefined ? [] : ["-p", `${port}`]),
  ];
}

/** The first line of its output that is for us; undefined when it ends without one. What a login prints is skipped. */
export async function firstLine({ child }: Ssh): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of child.stdout) {
    text += decoder.decode(bytes, { stream: true });
    const [, line] = /^(tandem .*)\n/m.exec(text) ?? [];
    if (line !== undefined) return line;
  }
  await child.exited;
  return undefined;
}

/** Bytes of a connection go through it, both ways, until one side has ended. It keeps no process alive. */
export async function carry(inside: Socket, child: Child): Promise<void> {
  inside.unref();
  child.unref();
  const there = async () => {
    for await (const bytes of inside) {
      child.stdin.write(bytes);
      await child.stdin.flush();
    }
    await child.stdin.end();
  };
  const back = async () => {
    for await (const bytes of child.stdout) if (!inside.write(bytes)) await once(inside, "drain");
    inside.end();
  };
  try {
    await Promise.race([back(), there().then(() => child.exited)]);
  } finally {
    inside.destroy();
    child.kill();
  }
}
