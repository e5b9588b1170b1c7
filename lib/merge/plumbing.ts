// Owns the batched git processes of merging: merge-tree, diff-tree and cat-file, fed and read in one go.

import { Fault } from "../core/fault.ts";
import { git, gitTry } from "../core/git.ts";
import type { Strategy } from "../core/vocabulary.ts";
import { pathBytes, pathText } from "../patch/quote.ts";
import { at, type Workshop } from "./repository.ts";
import { LAST } from "./strategies.ts";

/** Commits to merge: `ours` is the side checked out, `theirs` the one merged into it. */
export type MergeRequest = { readonly ours: string; readonly theirs: string };
export type MergeMessage = {
  readonly paths: readonly string[];
  /** git's stable name, such as "CONFLICT (contents)". */
  readonly type: string;
  readonly text: string;
};
/** `tree` holds conflict markers when `clean` is false; `conflicted` are the paths git left unmerged. */
export type TreeMerge = {
  readonly clean: boolean;
  readonly tree: string;
  readonly conflicted: readonly string[];
  readonly messages: readonly MergeMessage[];
};

/** git's exit status for an option it does not know. */
const USAGE_ERROR = 129;

/** Merges pairs of commits whose only merge base is their common parent. Throws Fault when git breaks. */
export async function mergeTrees(
  workshop: Workshop,
  strategy: Strategy,
  requests: readonly MergeRequest[],
): Promise<TreeMerge[]> {
  const input = requests.map(({ ours, theirs }) => `${ours} ${theirs}\n`).join("");
  const options = { ...at(workshop, strategy), input };
  const result = await gitTry(["merge-tree", "--write-tree", "--stdin", "--messages"], options);
  if (result.exit_code === USAGE_ERROR) return mergeSingly(workshop, strategy, requests);
  // Conflicts are no failure of the batch, whatever its exit status: each merge has its own flag.
  if (result.exit_code > 1) throw broken("merge-tree", result.stderr);
  const merges = parseMerges(result.stdout.toString("latin1"));
  if (merges.length !== requests.length) throw broken("merge-tree", result.stderr);
  return merges;
}

/** {@link mergeTrees} with a process for each merge: git 2.38 knows no `merge-tree --stdin`. */
export async function mergeSingly(
  workshop: Workshop,
  strategy: Strategy,
  requests: readonly MergeRequest[],
): Promise<TreeMerge[]> {
  const merges: TreeMerge[] = [];
  for (const { ours, theirs } of requests) {
    const args = ["merge-tree", "--write-tree", "-z", "--messages", ours, theirs];
    const { exit_code, stdout, stderr } = await gitTry(args, at(workshop, strategy));
    if (exit_code > 1) throw broken("merge-tree", stderr);
    // The same fields as in a batch, but for the flag in front and the empty one behind.
    merges.push(...parseMerges(`${1 - exit_code}\0${stdout.toString("latin1")}\0`));
  }
  return merges;
}

/** `git diff-tree -p --binary --full-index` of pairs of trees, as bytes. */
export async function diffTrees(
  workshop: Workshop,
  pairs: readonly { readonly from: string; readonly to: string }[],
): Promise<Uint8Array[]> {
  const heads = pairs.map(({ from, to }) => `${from} ${to}\n`);
  const flags = [
    "-p",
    "--binary",
    "--full-index",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
  ];
  const output = await git(["diff-tree", "--stdin", ...flags], {
    ...at(workshop, LAST),
    input: heads.join(""),
  });
  return splitDiffs(output, heads);
}

/** Contents by tree and path; undefined where there is no blob. */
export async function readBlobs(
  workshop: Workshop,
  places: readonly { readonly tree: string; readonly path: string }[],
): Promise<(Buffer | undefined)[]> {
  const asked = places.map(({ tree, path }) => `${tree}:${pathBytes(path)}\0`).join("");
  const output = await git(["cat-file", "--batch", "-z"], {
    ...at(workshop, LAST),
    input: Buffer.from(asked, "latin1"),
  });
  let position = 0;
  return places.map(({ tree, path }) => {
    const missing = `${tree}:${pathBytes(path)} missing\n`;
    if (output.subarray(position, position + missing.length).toString("latin1") === missing) {
      position += missing.length;
      return undefined;
    }
    const newline = output.indexOf(10, position);
    const [, type, size] = output.subarray(position, newline).toString("latin1").split(" ");
    if (newline < 0 || size === undefined) throw broken("cat-file", `no answer for ${path}`);
    position = newline + 1 + Number(size) + 1;
    return type === "blob" ? output.subarray(newline + 1, position - 1) : undefined;
  });
}

/**
 * The output of `merge-tree --stdin` (NUL separated): for each merge its flag, tree, unmerged entries
 * (`mode oid stage\tpath`), an empty field, messages (count, paths, type, text), an empty field.
 */
function parseMerges(output: string): TreeMerge[] {
  const fields = output.split("\0");
  const merges: TreeMerge[] = [];
  let next = 0;
  const take = () => fields[next++] ?? "";
  while (next < fields.length - 1) {
    const [clean, tree] = [take() === "1", take()];
    const conflicted = new Set<string>();
    for (let entry = take(); entry !== ""; entry = take())
      conflicted.add(pathText(entry.slice(entry.indexOf("\t") + 1)));
    const messages: MergeMessage[] = [];
    for (let count = take(); count !== ""; count = take()) {
      const paths = Array.from({ length: Number(count) }, () => pathText(take()));
      messages.push({ paths, type: take(), text: take() });
    }
    merges.push({ clean, tree, conflicted: [...conflicted], messages });
  }
  return merges;
}

/** Cuts the output at the heads, which diff-tree repeats; no line of a diff can look like one. */
function splitDiffs(output: Buffer, heads: readonly string[]): Uint8Array[] {
  let position = 0;
  return heads.map((head, index) => {
    if (output.subarray(position, position + head.length).toString("latin1") !== head)
      throw broken("diff-tree", `no answer for ${head.trim()}`);
    const start = position + head.length;
    const following = heads[index + 1];
    // From the newline before it, so that a head is found at the start of a line only.
    const found = following === undefined ? -1 : output.indexOf(`\n${following}`, start - 1);
    position = following === undefined || found < 0 ? output.length : found + 1;
    return output.subarray(start, position);
  });
}

function broken(command: string, stderr: string): Fault {
  return new Fault("git_failed", `git ${command} failed: ${stderr.trim()}`, {
    hint: "see git's message; `git --version` must be 2.38 or newer",
  });
}
