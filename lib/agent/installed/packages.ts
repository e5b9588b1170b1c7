// Owns fetching packages of npm and PyPI into a folder, exactly those that are named, without running any code of theirs.
import { chmodSync, lstatSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Fault } from "../../core/fault.ts";
import { sha256, walk } from "../../core/files.ts";
import type { Platform } from "../../sandbox/sandbox.ts";

export type Kind = "npm" | "pypi";
export type Fetching = {
  readonly names: readonly string[];
  readonly folder: string;
  readonly platform: Platform;
  readonly signal: AbortSignal;
};

/** Fetches them. npm's go to `node_modules`, PyPI's to `python`. Throws Fault `program_unfit`. */
export async function fetchPackages(
  kind: Kind,
  { names, folder, platform, signal }: Fetching,
): Promise<void> {
  if (kind === "npm") {
    writeFileSync(join(folder, "package.json"), "{}\n");
    // Bun is here wherever Tandem is. Scripts of packages do not run: what they would fetch is named as a package itself.
    await tool(
      [process.execPath, "add", "--exact", "--ignore-scripts", "--no-progress", ...names],
      { folder, signal },
    );
  } else {
    const { python = "3", libc } = platform;
    const wheels = libc === "musl" ? "musllinux_1_2" : "manylinux_2_28";
    const cpu = process.arch === "arm64" ? "aarch64" : "x86_64";
    const tags = [
      `${wheels}_${cpu}`,
      ...(libc === "musl" ? [] : [`manylinux2014_${cpu}`, `manylinux_2_17_${cpu}`]),
    ];
    await tool(
      [
        ...[
          "python3",
          "-m",
          "pip",
          "install",
          "--quiet",
          "--disable-pip-version-check",
          "--no-compile",
        ],
        ...["--only-binary=:all:", "--python-version", python, "--implementation", "cp"],
        ...tags.flatMap((tag) => ["--platform", tag]),
        ...["--target", join(folder, "python"), ...names],
      ],
      { folder, signal },
    );
  }
  makeReadable(folder);
}

/** A sandbox may have another user than ours. */
export function makeReadable(folder: string): void {
  for (const entry of walk(folder)) {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    if (found.isSymbolicLink()) continue;
    const isOpen = found.isDirectory() || (found.mode & 0o100) !== 0;
    chmodSync(path, found.mode | (isOpen ? 0o555 : 0o444));
  }
}

async function tool(
  command: readonly string[],
  { folder, signal }: Pick<Fetching, "folder" | "signal">,
) {
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
  if (status === 0) return;
  const words = `${errors}\n${said}`
    .trim()
    .split("\n")
    .filter((line) => /error|fail|not/i.test(line));
  throw new Fault(
    "program_unfit",
    `a program could not be installed: ${words.slice(0, 3).join(" | ")}`,
    {
      hint: "warm-agents needs the registries of npm and PyPI: run it where they are reached, then runs need no network",
    },
  );
}

/** SHA-256 over the paths, in order, and what is at each. */
export function contentHash(folder: string): string {
  const lines = [...walk(folder)].map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const found = lstatSync(path);
    const content = found.isSymbolicLink()
      ? `-> ${readlinkSync(path)}`
      : found.isFile()
        ? sha256(readFileSync(path))
        : "/";
    return `${relative(folder, path)} ${content}`;
  });
  return sha256(lines.sort().join("\n"));
}
