// Owns what a patch is as data: its files, their hunks, and what is wrong with it.
import type { BinaryData } from "./binary.ts";
import type { FileHead } from "./header.ts";
import type { Hunk } from "./hunks.ts";

/**
 * One file of a patch. Paths are text (see quoting.ts), undefined for /dev/null or when no name could be
 * read; modes are git's octal strings such as "100644". `binary` without `binary_data` is a
 * `Binary files … differ` line: made without --binary, it cannot be applied.
 */
export type PatchFile = Readonly<FileHead> & {
  readonly binary: boolean;
  readonly binary_data: BinaryData | undefined;
  readonly hunks: readonly Hunk[];
  /** Line of the patch at which the file's header begins, from 0. */
  readonly first_line: number;
};

/** `problems`: why git would refuse it or why we do, one line each, in the order found. Empty for a good patch. */
export type Patch = { readonly files: readonly PatchFile[]; readonly problems: readonly string[] };
