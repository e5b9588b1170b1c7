// Owns how files come to be: whole or not at all, also after a power cut, and scratch folders that do not outlive their owner.
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
import { rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { makeFolder, placeFile } from "./disk.ts";
import { OWNER_TAG, ownerTag, tagGone } from "./owner.ts";
import { redact, redactBytes } from "./redact.ts";

let counter = 0;

/**
 * Writes bytes or text under a temporary name in the same folder, then renames: readers see all or nothing, and so does
 * whoever comes after a power cut. It is on the disk when this returns. Secrets are blotted out, as the last net under
 * those who should have done so before they took a hash.
 */
export function writeWhole(path: string, content: string | Uint8Array): void {
  makeFolder(dirname(path));
  writeAside(path, content, placeFile);
}

/**
 * The same for one of many files, without waiting for the disk: what they are part of is brought there as a whole, or
 * may be lost.
 */
export function writeUnsettled(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeAside(path, content, renameSync);
}

function writeAside(
  path: string,
  content: string | Uint8Array,
  place: (from: string, to: string) => void,
): void {
  const temporary = temporaryName(path);
  try {
    writeFileSync(temporary, cleaned(content));
    place(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function cleaned(content: string | Uint8Array): string | Uint8Array {
  return typeof content === "string" ? redact(content) : redactBytes(content);
}

/** A name next to `path` for the file while it is written: no other process on any machine or in any container has it. */
export function temporaryName(path: string): string {
  return `${path}.${ownerTag()}.${counter++}.tmp`;
}

const TEMPORARY = new RegExp(String.raw`\.(\d+|${OWNER_TAG})\.\d+\.tmp$`);

/** Whether a name is that of a file that a killed process left half written. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name);
}

/** Files half written below a folder, whose writers are provably gone. */
export function leftHalfWritten(
  folder: string,
): { readonly path: string; readonly owner: string }[] {
  return [...walk(folder)].flatMap((entry) => {
    const owner = TEMPORARY.exec(entry.name)?.[1] ?? "";
    const isLeft = entry.isFile() && tagGone(owner);
    return isLeft ? [{ path: join(entry.parentPath, entry.name), owner }] : [];
  });
}

/** Like {@link writeWhole} for a JSON value, two-space indented with a final newline. */
export function writeJson(path: string, value: unknown): void {
  writeWhole(path, jsonText(value));
}

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Writes only when the bytes differ from what is there; returns whether it wrote. */
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
 * A fresh folder `<root>/.tmp/<owner>-<n>-<label>`. Folders whose owner is provably gone (a kill -9) are removed first,
 * so nothing piles up; those of machines and containers that we cannot look into stay.
 */
export function scratch(root: string, label: string): Scratch {
  const parent = join(root, ".tmp");
  mkdirSync(parent, { recursive: true });
  for (const { path } of leftScratch(parent)) removeFolder(path);
  const path = resolve(parent, `${ownerTag()}-${counter++}-${label}`);
  mkdirSync(path);
  return {
    path,
    // Beside other work: a sandbox's folder takes a busy disk a while.
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true }).catch(() => removeFolder(path));
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

/** A scratch folder on the disk for temporary files, for callers that may not write where they read. */
export function diskScratch(label: string): Scratch {
  return scratch(join(tmpdir(), `tandem-${userInfo().uid}`), label);
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

export type LeftScratch = {
  readonly path: string;
  /** As {@link ownerTag} makes it. */
  readonly owner: string;
  readonly label: string;
};

/** Scratch folders in a `.tmp` folder whose owners are provably gone. */
export function leftScratch(parent: string): LeftScratch[] {
  const own = `${ownerTag()}-`;
  const others = readdirSync(parent).filter((name) => !name.startsWith(own));
  return others.flatMap((name) => {
    const [, owner = "", label = ""] = SCRATCH.exec(name) ?? [];
    return tagGone(owner) ? [{ path: join(parent, name), owner, label }] : [];
  });
}

const SCRATCH = new RegExp(`^(${OWNER_TAG})-\\d+-(.*)$`, "s");

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
