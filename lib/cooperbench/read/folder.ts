// Owns reading an attempt's folder as it is: the bytes of every file that is in a form, and the kinds of the others.

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../core/files.ts";
import { sumOf } from "../../core/lists.ts";
import { redactBytes } from "../../core/redact.ts";
import { isAgentFolder, type KnownFile, knownFile, strangeKind } from "../forms.ts";
import { readBounded } from "./bytes.ts";
import type { Place } from "./walk.ts";

/** Raised when the same files would be read differently: they are then imported again. */
const READING_RULES = 3;
export const MOST_FILES = 500;

export type Sighting = KnownFile & {
  readonly path: string;
  readonly bytes: Buffer;
  readonly hash: string;
};
/** A file that is too large to be read. */
export type Oversized = KnownFile & { readonly size_bytes: number };
/** An attempt's folder as it is: every known file's bytes, not yet interpreted. */
export type Sighted = {
  readonly place: Place;
  readonly files: readonly Sighting[];
  readonly oversized: readonly Oversized[];
  /** SHA-256 over all its files. */
  readonly content_sha256: string;
  readonly size_bytes: number;
  readonly problems: readonly string[];
  /** Kinds of the files that no form has, one entry a file. */
  readonly strangers: readonly string[];
};

/** Reads the bytes of everything in the folder that is in a form. Never throws because of its content. */
export function sightAttempt(place: Place): Sighted {
  const problems: string[] = [];
  const strangers: string[] = [];
  const oversized: Oversized[] = [];
  const files = filesOf(place.folder, { problems, strangers, oversized });
  const lines = files.map(({ path, hash }) => `${path} ${hash}`);
  return {
    place,
    files,
    oversized,
    // Files that could not be read are in it as their problems.
    content_sha256: sha256(JSON.stringify([READING_RULES, lines.sort(), problems])),
    size_bytes: sumOf(files, ({ bytes }) => bytes.length),
    problems,
    strangers,
  };
}

/** Every known file with its bytes, by name; links, pipes and what is too large are problems. */
function filesOf(
  folder: string,
  {
    problems,
    strangers,
    oversized,
  }: {
    readonly problems: string[];
    readonly strangers: string[];
    readonly oversized: Oversized[];
  },
): Sighting[] {
  const found: Sighting[] = [];
  const look = (inside: string) => {
    const entries = readdirSync(join(folder, inside), { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = inside === "" ? entry.name : `${inside}/${entry.name}`;
      const nested = inside === "" && isAgentFolder(entry.name);
      if (nested && entry.isDirectory()) look(path);
      else if (nested && entry.isSymbolicLink())
        problems.push(`${path} is a symbolic link: not followed`);
      const known = knownFile(path);
      if (known === undefined && !nested && !entry.name.startsWith("."))
        strangers.push(strangeKind(entry.isDirectory() ? `${entry.name}/` : entry.name));
      if (known === undefined || found.length >= MOST_FILES) continue;
      const read = readBounded(join(folder, path));
      const { value: bytes, problem } = read;
      if (problem !== undefined) problems.push(`${path} ${problem}`);
      if ("size_bytes" in read && read.size_bytes !== undefined)
        oversized.push({ ...known, size_bytes: read.size_bytes });
      // Redacted before any hash is taken: what is written passes the same filter.
      if (bytes === undefined) continue;
      const clean = redactBytes(bytes);
      const kept = clean === bytes ? bytes : Buffer.from(clean);
      found.push({ ...known, path, bytes: kept, hash: sha256(kept) });
    }
  };
  try {
    look("");
  } catch (error) {
    problems.push(`the folder cannot be read: ${error instanceof Error ? error.message : error}`);
  }
  return found;
}
