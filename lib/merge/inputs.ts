// Owns what the merge of an attempt depends on.
import type { Attempt } from "../../db/attempts.ts";
import type { LeftOut, Marked } from "../patch/left-out.ts";
import type { Base } from "../sandbox/sandbox.ts";

/** An attempt with the inputs its merge depends on. */
export type MergeInputs = {
  readonly attempt: Attempt;
  readonly base: Base | undefined;
  /** Gold patches of the task: context for a base made from patches, and what tells source from tests. */
  readonly context: readonly string[];
  /** Hidden tests patches of the pair's features: files they touch stay out of the merge. */
  readonly tests: readonly string[];
  readonly inputs_hash: string;
};
/** The same with the patches as they are merged. */
export type PreparedInputs = MergeInputs & {
  readonly patches: readonly {
    readonly patch: Uint8Array;
    readonly left_out: readonly LeftOut[];
    readonly marked: readonly Marked[];
  }[];
};
