// Owns a disk whose power can be cut: ext4 in a sparse file behind a loop device, shut down as `xfs_io -x -c shutdown` does.
import { dlopen } from "bun:ffi";
import { closeSync, mkdirSync, openSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../../lib/fault.ts";

/** EXT4_IOC_SHUTDOWN of the kernel's fs/ext4/ext4.h, and its flag that leaves the journal as it lies on the disk. */
const SHUTDOWN = 0x8004587d;
const WITHOUT_FLUSH = 2;
const MIB = 1024 ** 2;

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
  const unmount = () => run(["umount", path]);
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

async function run(call: readonly string[]): Promise<void> {
  const child = Bun.spawn([...call], { stdout: "ignore", stderr: "pipe" });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw refused(`${call.join(" ")}: ${said.trim()}`);
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
