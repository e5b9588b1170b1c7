// Owns a disk whose power can be cut: ext4 in a sparse file behind a loop device, shut down as `xfs_io -x -c shutdown` does.
import { dlopen } from "bun:ffi";
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../lib/core/fault.ts";

/** EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h, and its flag that leaves the journal as it lies on the disk. */
const SHUTDOWN = 0x8004587d;
const WITHOUT_FLUSH = 2;
const MIB = 1024 ** 2;
const PATIENCE_MS = 60_000;

export type LoopDisk = Disposable & {
  /** Where it is mounted. */
  readonly path: string;
  /** From now on nothing reaches the disk: what did not yet, never will. */
  readonly cut: () => void;
  /** The power comes back: the file system replays its journal. What still writes must have ended. */
  readonly remount: () => Promise<void>;
};

/** Makes and mounts a disk below a folder. Throws Fault `not_writable` where the system does not let us. */
export async function openLoopDisk(folder: string, size_mib: number): Promise<LoopDisk> {
  const [image, path] = [join(folder, "disk.img"), join(folder, "disk")];
  mkdirSync(path, { recursive: true });
  writeFileSync(image, "");
  truncateSync(image, size_mib * MIB);
  await run(["mkfs.ext4", "-q", "-F", image]);
  const mount = () => run(["mount", "-t", "ext4", "-o", "loop", image, path]);
  const unmount = async () => {
    await run(["umount", path]);
    await isOff(image);
  };
  await mount();
  return {
    path,
    cut: () => shutDown(path),
    async remount() {
      await unmount();
      await mount();
    },
    [Symbol.dispose]() {
      Bun.spawnSync(["umount", "-l", path], { stderr: "ignore" });
      rmSync(image, { force: true });
    },
  };
}

/** A process that began meanwhile with mounts of its own has ours too, until it lets go: so long the disk is as it was. */
async function isOff(image: string): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (await run(["losetup", "-j", image])) {
    if (performance.now() > until) throw refused(`${image} is held by another mount`);
    await sleep(20);
  }
}

/** What a program says on standard output. */
async function run(call: readonly string[]): Promise<string> {
  const child = Bun.spawn([...call], { stderr: "pipe" });
  const [told, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return told.trim();
  throw refused(`${call.join(" ")}: ${said.trim()}`);
}

function refused(what: string): Fault {
  return new Fault("not_writable", what, {
    hint: "cutting the power needs root, ext4 and loop devices (Linux)",
  });
}

function shutDown(path: string): void {
  const { symbols, close } = dlopen("libc.so.6", {
    ioctl: { args: ["i32", "u64", "buffer"], returns: "i32" },
  });
  const folder = openSync(path, "r");
  try {
    const flag = Buffer.from(Uint32Array.of(WITHOUT_FLUSH).buffer);
    if (symbols.ioctl(folder, SHUTDOWN, flag) !== 0) throw refused(`${path} cannot be shut down`);
  } finally {
    closeSync(folder);
    close();
  }
}
