// Owns what a driver and its workers must have in common: versions and rules. Who differs meets nothing of the other's.
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { sha256, walk } from "../core/files.ts";
import { once } from "../core/once.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import { EVAL_RULES } from "../eval/rules.ts";
import { MERGE_RULES } from "../merge/rules.ts";

export const termsOf = z.object({
  tandem: z.string(),
  /** Numbers of the rules that trees are judged by, and that patches are merged by. */
  eval_rules: z.number(),
  merge_rules: z.number(),
  /** SHA-256 over the program's own files. */
  code: z.string(),
});
export type Terms = z.infer<typeof termsOf>;

/** Of this process. */
export const ownTerms = once(
  (): Terms => ({
    tandem: TANDEM_VERSION,
    eval_rules: EVAL_RULES,
    merge_rules: MERGE_RULES,
    code: codeHash(),
  }),
);

/** Names terms in keys. */
export function termsTag(terms: Terms): string {
  return sha256(JSON.stringify(terms)).slice(0, 12);
}

/** What differs between a worker's terms and those of the driver, on one line; undefined where nothing does. */
export function difference(mine: Terms, theirs: Terms): string | undefined {
  const names = Object.keys(mine) as (keyof Terms)[];
  const differing = names.filter((name) => mine[name] !== theirs[name]);
  if (differing.length === 0) return undefined;
  // Other rules come with another version: the first that differs says enough.
  const [name = "code"] = differing;
  const said = (terms: Terms) => String(terms[name]).slice(0, 12);
  return `${NAMES[name]} here ${said(mine)}, of the study ${said(theirs)}`;
}

const NAMES: Readonly<Record<keyof Terms, string>> = {
  tandem: "the version of Tandem is",
  eval_rules: "the number of the rules of evaluation is",
  merge_rules: "the number of the rules of merging is",
  code: "the SHA-256 of Tandem's files begins with",
};

const ROOT = join(import.meta.dir, "../..");

function codeHash(): string {
  const files = ["lib", "db"].flatMap((folder) =>
    [...walk(join(ROOT, folder))]
      .filter((entry) => entry.isFile() && !/\.(test|fixture)\.|\.sqlite/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const lines = files.map((path) => `${relative(ROOT, path)} ${sha256(readFileSync(path))}`).sort();
  return sha256(lines.join("\n"));
}
