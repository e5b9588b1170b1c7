// Owns finding the ledger that a path names, and saying what is there instead.
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  type Stats,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { Fault, UsageError } from "../lib/core/fault.ts";
import { near } from "../lib/core/nearest.ts";
import { DEFAULT_LEDGER } from "../lib/core/vocabulary.ts";

const ENDINGS = /\.(sqlite3?|db)$/i;
const LISTED = 8;

type Absent = "refused" | "new";

/**
 * The path when it names a file that may be a ledger. Undefined with `absent: "new"` for one that a call that works would
 * make: its folder is there, and no ledger of nearly the same name is. Throws UsageError otherwise, and Fault
 * `ledger_unreadable` for one that this user may not read; makes nothing.
 */
export function ledgerFile(path: string, { absent }: { absent: Absent }): string | undefined {
  const found = statOf(path);
  const none = (why: string) => new UsageError(`there is no ledger at ${path}${why}`);
  if (found === undefined) {
    if (absent === "new" && isNewName(path)) return undefined;
    throw none(
      isLink(path) ? `: it is a link to ${readlinkSync(path)}, which is not there` : instead(path),
    );
  }
  if (found.isDirectory()) throw none(`, which is a folder${inside(path)}`);
  if (!found.isFile()) throw none(", which is not a regular file");
  if (found.size > 0 || existsSync(`${path}-wal`)) return readable(path);
  if (absent === "new") return undefined;
  throw none(": the file is empty. Name another with --ledger");
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EACCES") throw shut(path, error);
    // A link to itself, or a path beneath a file: there is nothing there.
    if (code === "ELOOP" || code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** The path, when this user may read the file and the pages that wait in its WAL. */
function readable(path: string): string {
  for (const name of [path, `${path}-wal`]) {
    if (!existsSync(name)) continue;
    try {
      accessSync(name, constants.R_OK);
    } catch (error) {
      throw shut(name, error);
    }
  }
  return path;
}

function shut(path: string, cause: unknown): Fault {
  return new Fault("ledger_unreadable", `${path} cannot be read by this user: permission denied`, {
    hint: "ask its owner for the right to read it and to enter its folder",
    cause,
  });
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return false;
    throw error;
  }
}

function isNewName(path: string): boolean {
  if (isLink(path)) return false;
  // Nobody mistyped the default: its folder is made with it.
  if (path === DEFAULT_LEDGER && !existsSync(dirname(path))) return true;
  const folder = dirname(path);
  return (
    (statOf(folder)?.isDirectory() ?? false) &&
    near(basename(path), ledgersIn(folder)) === undefined
  );
}

/** What may have been meant. */
function instead(path: string): string {
  const folder = dirname(path);
  if (!existsSync(folder))
    return `: there is no folder ${folder} either. Name another with --ledger`;
  const best = near(basename(path), ledgersIn(folder));
  if (best !== undefined) return `: did you mean ${join(folder, best)}?`;
  return inside(folder);
}

function inside(folder: string): string {
  const names = ledgersIn(folder);
  if (names.length === 0 || names.length > LISTED) return ": name another with --ledger";
  const paths = names.map((name) => join(folder, name));
  return names.length === 1 ? `: did you mean ${paths[0]}?` : `: there are ${paths.join(", ")}`;
}

function ledgersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => ENDINGS.test(name))
      .sort();
  } catch {
    // A folder that may be entered but not listed tells no names.
    return [];
  }
}
