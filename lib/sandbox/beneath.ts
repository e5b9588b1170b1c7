// Owns reading and writing files below a folder whose contents belong to commands: no link of theirs is ever followed.
import {
  chmodSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

/** A file of more bytes than the reader takes. */
export class FileTooLarge extends RangeError {
  override readonly name = "FileTooLarge";
  readonly size_bytes: number;

  constructor(path: string, size_bytes: number) {
    super(`${path} has ${size_bytes} bytes`);
    this.size_bytes = size_bytes;
  }
}

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/** An open folder; names in it are resolved from there, whatever becomes of its path meanwhile (where there is a /proc). */
class Folder implements Disposable {
  readonly fd: number;
  private readonly place: string;

  constructor(path: string) {
    this.fd = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    this.place = process.platform === "linux" ? `/proc/self/fd/${this.fd}` : path;
  }

  at(name: string): string {
    return join(this.place, name);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/**
 * The bytes of the regular file at `parts` below `root`; undefined for anything else, for what lies behind a link, and
 * for what may not be read. Throws {@link FileTooLarge}.
 */
export function readBeneath(
  root: string,
  parts: readonly string[],
  most_bytes: number,
): Buffer | undefined {
  try {
    using folder = openBeneath(root, parts.slice(0, -1));
    const fd = openSync(folder.at(parts.at(-1) ?? "."), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      if (!fstatSync(fd).isFile()) return undefined;
      if (size > most_bytes) throw new FileTooLarge(parts.join("/"), size);
      return readAll(fd, size);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isObstacle(error) || hasCode(error, "EACCES", "EPERM")) return undefined;
    throw error;
  }
}

/** As much as there was when it was opened: who still writes to it must not keep us reading. */
function readAll(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const count = readSync(fd, bytes, length, size - length, null);
    if (count === 0) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/**
 * Writes a new file at `parts` below `root`, in place of whatever is there; links and files in the way of its folders are
 * replaced by folders. What is made belongs to `owner`, when there is one.
 */
export function writeBeneath(
  root: string,
  parts: readonly string[],
  { bytes, owner }: { readonly bytes: Uint8Array; readonly owner: number | undefined },
): void {
  using folder = makeBeneath(root, parts.slice(0, -1), owner);
  const target = folder.at(parts.at(-1) ?? ".");
  rmSync(target, { recursive: true, force: true });
  const fd = openSync(target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (owner !== undefined) fchownSync(fd, owner, owner);
  } finally {
    closeSync(fd);
  }
}

/** A folder below `root`, made when it is not there; links and files in its way are replaced. The caller closes it. */
export function makeBeneath(
  root: string,
  parts: readonly string[],
  owner: number | undefined,
): Disposable & { readonly at: (name: string) => string } {
  let folder = new Folder(root);
  for (const name of parts) {
    using parent = folder;
    folder = enter(parent.at(name), owner);
  }
  return folder;
}

function enter(path: string, owner: number | undefined): Folder {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found && !found.isDirectory()) rmSync(path);
  if (!found?.isDirectory()) {
    mkdirSync(path, 0o755);
    if (owner !== undefined) lchownSync(path, owner, owner);
  } else if ((found.mode & 0o700) !== 0o700) chmodSync(path, found.mode | 0o700);
  return new Folder(path);
}

function openBeneath(root: string, parts: readonly string[]): Folder {
  let folder = new Folder(root);
  for (const name of parts) {
    using parent = folder;
    folder = new Folder(parent.at(name));
  }
  return folder;
}

function isObstacle(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "EMLINK", "ENXIO");
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(`${error.code}`);
}
