// Owns how files reach the disk: whole or not at all, and scratch folders that do not outlive their owner.
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  type Dirent,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { redact, redactBytes } from "./redact.ts";

let counter = 0;

/**
 * Writes bytes or text under a temporary name in the same folder, then renames: readers see all or nothing. Secrets are
 * blotted out, as the last net under those who should have done so before they took a hash.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.${counter++}.tmp`;
  try {
    writeFileSync(temporary, typeof content === "string" ? redact(content) : redactBytes(content));
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Like {@link writeWhole} for a JSON value, two-space indented with a final newline. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes only when the bytes differ from what is there; says whether it wrote. */
export function writeIfChanged(path: string, content: Uint8Array): boolean {
  const clean = redactBytes(content);
  if (existsSync(path) && Buffer.compare(readFileSync(path), clean) === 0) return false;
  writeWhole(path, clean);
  return true;
}

/** Everything below a folder, folders before what is in them. Links are not followed, as Bun's own recursive listing does. */
export function* walk(folder: string): Generator<Dirent> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    yield entry;
    if (entry.isDirectory()) yield* walk(join(folder, entry.name));
  }
}

/** SHA-256 in lowercase hex. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** A folder for intermediate files that is removed on disposal. */
export type Scratch = AsyncDisposable & { readonly path: string };

/**
 * A fresh folder `<root>/.tmp/<pid>-<n>-<label>`. Folders whose owner process is gone (a kill -9)
 * are removed first, so nothing piles up.
 */
export function scratch(root: string, label: string): Scratch {
  const parent = join(root, ".tmp");
  mkdirSync(parent, { recursive: true });
  reapScratch(parent);
  const path = resolve(parent, `${process.pid}-${counter++}-${label}`);
  mkdirSync(path);
  return {
    path,
    async [Symbol.asyncDispose]() {
      removeFolder(path);
    },
  };
}

const SHARED_MEMORY = "/dev/shm";
const ROOM_BYTES = 1024 ** 3;

/**
 * A scratch folder for many small short-lived files, such as git's loose objects: in memory where the system offers
 * a roomy shared-memory file system (Linux), else in the system's temporary folder.
 */
export function quickScratch(label: string): Scratch {
  const root = hasRoom(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir();
  return scratch(join(root, `tandem-${userInfo().uid}`), label);
}

function hasRoom(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize > ROOM_BYTES;
  } catch {
    return false;
  }
}

function reapScratch(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number.parseInt(name, 10);
    if (Number.isInteger(pid) && !isAlive(pid)) removeFolder(join(parent, name));
  }
}

/** Whether a process of this machine is there (signal 0; EPERM means it is, under another user). */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Removes a folder with all it holds, read-only folders (package caches make them) included. */
export function removeFolder(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    const env = { PATH: process.env.PATH };
    Bun.spawnSync(["chmod", "-R", "u+rwX", path], { stdout: "ignore", stderr: "ignore", env });
    rmSync(path, { recursive: true, force: true });
  }
}
