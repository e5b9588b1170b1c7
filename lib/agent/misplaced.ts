// Owns comparing what patch.txt does to the base with what the agent's work tree holds.

/** One changed file: `state` is its mode and blob afterwards (a mode of zeros where it is gone). */
export type Change = { readonly path: string; readonly state: string };

/** Reads `git diff-index --raw -z --no-abbrev --no-renames`. Paths are bytes, as a latin1 text. */
export function readChanges(raw: Uint8Array): Change[] {
  const fields = Buffer.from(raw).toString("latin1").split("\0");
  const changes: Change[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, , blob] = (fields[at] ?? "").split(" ");
    changes.push({ path: fields[at + 1] ?? "", state: `${mode} ${blob}` });
  }
  return changes;
}

export type Comparison = {
  /** Files that differ between the two. */
  readonly differ: number;
  /** A file that the patch changes where the work tree left it alone, and the one it was meant for. */
  readonly misplaced: { readonly path: string; readonly meant: string } | undefined;
};

/**
 * A patch is misplaced when it changes a file that the work tree left alone, while the work tree changed one that the
 * patch leaves alone and whose path is the other's with folders more or less in front: written without prefixes,
 * relative to a folder, or with a longer prefix.
 */
export function compare(patch: readonly Change[], work: readonly Change[]): Comparison {
  const [inPatch, inWork] = [statesOf(patch), statesOf(work)];
  const all = new Set([...inPatch.keys(), ...inWork.keys()]);
  const differ = [...all].filter((path) => inPatch.get(path) !== inWork.get(path)).length;
  const stray = patch.filter(({ path }) => !inWork.has(path));
  const lost = work.filter(({ path }) => !inPatch.has(path));
  const meantFor = byName(lost);
  for (const { path } of stray) {
    const meant = meantFor.get(nameOf(path))?.find((other) => isBelow(path, other));
    if (meant !== undefined) return { differ, misplaced: { path, meant } };
  }
  return { differ, misplaced: undefined };
}

function statesOf(changes: readonly Change[]): ReadonlyMap<string, string> {
  return new Map(changes.map(({ path, state }) => [path, state]));
}

function byName(changes: readonly Change[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { path } of changes)
    found.set(nameOf(path), [...(found.get(nameOf(path)) ?? []), path]);
  return found;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function isBelow(one: string, other: string): boolean {
  return one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}
