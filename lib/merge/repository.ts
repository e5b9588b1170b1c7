// Owns the scratch repositories of a batch of merges: objects in, trees and commits out, never a checkout.
import { appendFileSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { type GitOptions, git, gitText, gitTry } from "../core/git.ts";
import { STRATEGIES, type Strategy } from "../core/vocabulary.ts";
import { pathBytes, quoted } from "../patch/quote.ts";
import type { BaseTree } from "./base.ts";
import { type IndexEntries, indexChanges, readIndex } from "./index-file.ts";
import { byStrategy, FIRST, STRATEGY_ROWS } from "./strategies.ts";

/** A commit and its tree, as object ids. */
export type Snapshot = { readonly commit: string; readonly tree: string };
/**
 * A bare repository a strategy in `scratch`, with its attributes for every file; each reads the objects of the one before
 * through alternates.
 */
export type Workshop = {
  readonly scratch: string;
  readonly signal: AbortSignal | undefined;
  readonly dirs: Readonly<Record<Strategy, string>>;
};
/** A root commit of a whole tree (its id, or its files), or a child: of a whole tree, or of changes to its parent. */
export type NewCommit =
  | { readonly parent?: undefined; readonly tree: string | BaseTree }
  | { readonly parent: string; readonly tree: string }
  | { readonly parent: string; readonly changes: ReadonlyMap<string, string | undefined> };

/** Objects to be thrown away soon: no fsync, little compression, one call to put a file in its place. */
const CONFIG = `[core]
	fsync = none
	looseCompression = 1
	compression = 1
	createObject = rename
[index]
	version = 2
`;
const IDENTITY = "committer tandem <tandem@localhost> 1700000000 +0000";

/** Makes the repositories of a batch. `objects`: object folders of other repositories to read from. */
export async function openWorkshop(
  scratch: string,
  objects: readonly string[],
  signal: AbortSignal | undefined,
): Promise<Workshop> {
  const dirs = byStrategy((strategy) => join(scratch, `${strategy}.git`));
  const workshop = { scratch, signal, dirs };
  let alternates = objects;
  for (const strategy of STRATEGIES) {
    const dir = dirs[strategy];
    const { attributes } = STRATEGY_ROWS[strategy];
    await git(
      ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", dir],
      at(workshop),
    );
    appendFileSync(join(dir, "config"), CONFIG);
    mkdirSync(join(dir, "objects", "info"), { recursive: true });
    mkdirSync(join(dir, "info"), { recursive: true });
    writeAlternates(dir, alternates);
    if (attributes !== null) writeFileSync(join(dir, "info", "attributes"), attributes);
    alternates = [join(dir, "objects")];
  }
  return workshop;
}

/** Options of a git call in the workshop. */
export function at(workshop: Workshop, strategy?: Strategy): GitOptions {
  return {
    cwd: workshop.scratch,
    ...(strategy === undefined ? {} : { git_dir: workshop.dirs[strategy] }),
    ...(workshop.signal === undefined ? {} : { signal: workshop.signal }),
  };
}

/** The tree that a tree-ish names in a repository, and where its objects lie. The repository is only read. Throws Fault. */
export async function locateTree(git_dir: string, treeish: string, options: GitOptions) {
  const read = { ...options, git_dir };
  const tree = await gitText(
    ["rev-parse", "--verify", "--quiet", "--end-of-options", `${treeish}^{tree}`],
    read,
  );
  if (!/^[0-9a-f]{40}$/.test(tree))
    throw new Fault("git_failed", `${git_dir}: "${treeish}" is not a SHA-1 tree`, {
      hint: "only repositories with SHA-1 objects can be merged",
    });
  const objects = await gitText(
    ["rev-parse", "--path-format=absolute", "--git-path", "objects"],
    read,
  );
  return { tree, objects };
}

/** Writes commits (fixed author and date, so equal input gives equal ids) in one process, and tells their trees. */
export async function importCommits(
  workshop: Workshop,
  strategy: Strategy,
  commits: readonly NewCommit[],
): Promise<Snapshot[]> {
  if (commits.length === 0) return [];
  const marks = join(workshop.scratch, `marks-${crypto.randomUUID()}`);
  const input = Buffer.concat(commits.flatMap((commit, index) => importStream(commit, index + 1)));
  const options = at(workshop, strategy);
  await git(["fast-import", "--quiet", "--force", `--export-marks=${marks}`], {
    ...options,
    input,
  });
  const ids = readMarks(marks, commits.length);
  rmSync(marks);
  const asked = ids.map((id) => `${id}^{tree}\n`).join("");
  const trees = await gitText(["cat-file", "--batch-check=%(objectname)"], {
    ...options,
    input: asked,
  });
  const lines = trees.split("\n");
  return ids.map((commit, index) => ({ commit, tree: lines[index] ?? "" }));
}

/** An index file that holds a base tree, and its entries. */
export type BaseIndex = { readonly path: string; readonly entries: IndexEntries };

/** Reads a tree into an index file, for patches to be applied to. */
export async function makeIndex(workshop: Workshop, tree: string): Promise<BaseIndex> {
  const path = join(workshop.scratch, `${crypto.randomUUID()}.index`);
  await git(["read-tree", tree], { ...at(workshop, FIRST), env: { GIT_INDEX_FILE: path } });
  return { path, entries: readIndex(readFileSync(path)) };
}

/** What `git apply --cached` made of a patch: changed index entries by path, or git's reason in one line. */
export type Applied =
  | { readonly changes: ReadonlyMap<string, string | undefined>; readonly reason?: undefined }
  | { readonly changes?: undefined; readonly reason: string };

/** Applies a patch to a copy of the index with git's own strictness. Throws Fault when git itself breaks. */
export async function applyPatch(
  workshop: Workshop,
  base: BaseIndex,
  patch: Uint8Array,
): Promise<Applied> {
  const index = join(workshop.scratch, `${crypto.randomUUID()}.index`);
  // A link is enough of a copy: git writes a new file and renames it over this name.
  linkSync(base.path, index);
  try {
    const applied = await gitTry(["apply", "--cached", "--whitespace=nowarn", "-"], {
      ...at(workshop, FIRST),
      env: { GIT_INDEX_FILE: index },
      input: patch,
    });
    if (applied.exit_code === 0)
      return { changes: indexChanges(base.entries, readIndex(readFileSync(index))) };
    if (isBreakdown(applied.exit_code, applied.stderr))
      throw new Fault("git_failed", `git apply failed: ${applied.stderr.trim()}`, {
        hint: "see git's message; check free disk space and memory first",
      });
    return { reason: reasonOf(applied.stderr) };
  } finally {
    rmSync(index, { force: true });
    rmSync(`${index}.lock`, { force: true });
  }
}

/** git died, was killed or could not write: nothing that the patch has done. */
function isBreakdown(exit_code: number, stderr: string): boolean {
  const broken =
    /^(?:fatal: |error: (?:unable to (?:write|create|open|append)|insufficient permission|inflate|object file|bad object|unable to read|failed to read))/m;
  return exit_code > 128 || broken.test(stderr);
}

function reasonOf(stderr: string): string {
  const lines = stderr.split("\n").filter((line) => line.startsWith("error: "));
  const text = lines.map((line) => line.slice("error: ".length).trim()).join("; ");
  return (text === "" ? stderr.trim().replaceAll("\n", " ") : text).slice(0, 500);
}

function importStream(commit: NewCommit, mark: number): Buffer[] {
  const from = commit.parent === undefined ? "" : `from ${commit.parent}\n`;
  const head = `reset refs/tandem/tip\ncommit refs/tandem/tip\nmark :${mark}\n${IDENTITY}\ndata 0\n${from}`;
  return [Buffer.from(head), ...contentStream(commit), Buffer.from("\n")];
}

function contentStream(commit: NewCommit): Buffer[] {
  if ("changes" in commit) {
    const changes = [...commit.changes].map(([path, entry]) =>
      entry === undefined ? `D ${quoted(path)}\n` : `M ${entry} ${quoted(path)}\n`,
    );
    return [Buffer.from(changes.join(""))];
  }
  if (typeof commit.tree === "string") return [Buffer.from(`M 040000 ${commit.tree} ""\n`)];
  return [...commit.tree.files].flatMap(([path, { mode, content }]) => [
    Buffer.from(`M ${mode} inline ${quoted(pathBytes(path))}\ndata ${content.byteLength}\n`),
    Buffer.from(content),
    Buffer.from("\n"),
  ]);
}

function readMarks(path: string, count: number): string[] {
  const ids = new Map(
    readFileSync(path, "latin1")
      .split("\n")
      .map((line) => [line.slice(1).split(" ")[0], line.split(" ")[1]] as const),
  );
  return Array.from({ length: count }, (_, index) => ids.get(String(index + 1)) ?? "");
}

function writeAlternates(dir: string, objects: readonly string[]): void {
  const lines = objects.map((path) => `${quoted(Buffer.from(path).toString("latin1"))}\n`);
  writeFileSync(join(dir, "objects", "info", "alternates"), lines.join(""));
}
