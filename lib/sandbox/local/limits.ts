// Owns what an isolated local command may have: processes, the size of a file, and what its sandbox holds on the disk.
import { release } from "node:os";
import { watchDisk } from "../disk.ts";
import { LIMITS } from "../options.ts";
import type { ExecResult } from "../sandbox.ts";
import { type BashOptions, runBash } from "./process.ts";

/** Processes of one sandbox, and MiB that it may hold. */
export type LocalLimits = { readonly pids: number; readonly disk_mib: number };

export const LOCAL_LIMITS: LocalLimits = {
  pids: LIMITS.pids.default,
  disk_mib: LIMITS.disk_mib.default,
};
const LARGEST_FILE_BYTES = 8 * 1024 ** 3;
const DISK_FULL = Buffer.from("\n[tandem] killed: the sandbox has written more than it may\n");

type Held = {
  readonly limits: LocalLimits /** All that the sandbox writes to. */;
  readonly folder: string;
};

/** As {@link runBash}; a command that fills the disk is killed, and its result records that. */
export async function runLimited(
  command: string,
  options: BashOptions,
  { limits, folder }: Held,
): Promise<ExecResult> {
  const { pids, disk_mib } = limits;
  let exceeded = false;
  const watch = (end: () => Promise<void>) => {
    const disk = watchDisk({
      ...{ disk_mib, sizeBytes: () => sizeOf(folder) },
      end: async () => {
        exceeded = true;
        await end();
      },
    });
    return disk;
  };
  const processes = countsOwnProcesses() ? pids : undefined;
  const held = { pids: processes, file_bytes: LARGEST_FILE_BYTES };
  const result = await runBash(command, { ...options, watch, limits: held });
  if (!exceeded || result.exit_code === 0) return result;
  return { ...result, disk_exceeded: true, output: Buffer.concat([result.output, DISK_FULL]) };
}

/**
 * Whether the kernel counts the processes of a sandbox alone: those of its own user, where root started us, or of its
 * user namespace (Linux 5.14). Before, all processes of the host's user would count.
 */
export function countsOwnProcesses(): boolean {
  if (process.getuid?.() === 0) return true;
  const [major = 0, minor = 0] = release().split(".").map(Number);
  return major > 5 || (major === 5 && minor >= 14);
}

/** What the folder takes on the disk. Files come and go while it is counted: what cannot be read is not there. */
async function sizeOf(folder: string): Promise<number> {
  const child = Bun.spawn(["du", "-skx", folder], {
    ...{ stdin: "ignore", stdout: "pipe", stderr: "ignore", env: { PATH: process.env.PATH } },
  });
  const [text] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  const kib = Number.parseInt(text, 10);
  return Number.isNaN(kib) ? 0 : kib * 1024;
}
