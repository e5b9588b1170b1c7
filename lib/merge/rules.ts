// Owns the number of the rules that patches are merged by, and by which of them a stored merge was made.
import type { MergeRow } from "../../db/schema.ts";
import { sha256 } from "../core/files.ts";
import type { MergeInputs } from "./inputs.ts";

/** Raised when the same inputs would merge differently: older rows are then merged again. CHANGELOG.md says what changed. */
export const MERGE_RULES = 3;

type Inputs = Omit<MergeInputs, "inputs_hash">;

/** What a merge rests on, in one hash; `tree` is that of the task's repository, undefined for a base made from patches. */
export function mergeHash(inputs: Inputs, tree: string | undefined, rules = MERGE_RULES): string {
  const base = tree === undefined ? "patches" : `repository ${tree}`;
  const patches = inputs.attempt.agents.map(({ patch }) => patch);
  return sha256(JSON.stringify([rules, base, inputs.context, patches, inputs.tests]));
}

/** The version of the rules by which a merge was made of the same; undefined where it was made of something else. */
export function mergeRules(row: MergeRow, inputs: Inputs): number | undefined {
  return versionsTo(MERGE_RULES).find(
    (rules) => row.inputs_hash === mergeHash(inputs, treeOf(row), rules),
  );
}

/** What changed since a merge that is not current: the rules, what it was made on, or what it was made of. */
export function mergeChange([row]: readonly MergeRow[], inputs: MergeInputs): string {
  const rules = row && mergeRules(row, inputs);
  if (rules !== undefined && rules !== MERGE_RULES)
    return `the rules of merging changed ${rules} → ${MERGE_RULES}`;
  const { base } = inputs;
  if (base && row?.base_kind === "patches") return "the task's repository is here now";
  if (base && row?.base_tree !== base.tree) return "the task's repository changed";
  return "the patches or the tests changed";
}

/** The tree of the repository that a merge was made on; undefined for a base made from patches. */
export function treeOf({ base_kind, base_tree }: MergeRow): string | undefined {
  return base_kind === "repository" ? base_tree : undefined;
}

/** Newest first. */
export function versionsTo(newest: number): number[] {
  return Array.from({ length: newest }, (_, index) => newest - index);
}
