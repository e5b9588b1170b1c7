// Owns what an attempt's story is made from, and what it is made of.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { FaultRow } from "../../db/schema.ts";
import type { ComparedMark, Policy, SuiteMark } from "../core/vocabulary.ts";
import type { FirstFailure } from "../eval/first-failure.ts";
import type { LostBrackets } from "../merge/lost.ts";

/** Text, or text that links to the part of the page with this id. */
export type Piece = string | { readonly text: string; readonly to: string };
/** A part of the sentence, between semicolons. */
export type Clause = readonly Piece[];

type Suite = AttemptPage["suites"][number];
export type StoryInput = {
  readonly row: Pick<
    OutcomeRow,
    "outcome" | "passed" | "cause" | "path" | "merge_status" | "fault" | "setting"
  >;
  readonly policy: Policy;
  readonly features: readonly number[];
  /** Undefined for an attempt that is not finished. */
  readonly page:
    | Pick<AttemptPage, "agents" | "merges" | "sides" | "suites" | "imported">
    | undefined;
  readonly faults: readonly Pick<FaultRow, "code" | "step" | "resolved_at">[];
  /** Paths that the naive merge left in conflict, as far as they are known. */
  readonly conflict_paths: readonly string[];
  /** Of the merge that was tested. */
  readonly lost: readonly LostBrackets[];
  readonly failureOf: (suite: Suite["suite"]) => FirstFailure | undefined;
  readonly marksOf: (suite: Suite["suite"]) => readonly (SuiteMark | ComparedMark)[];
};
