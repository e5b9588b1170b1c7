// Owns gathering what the sentence on top of an attempt's page is made from.
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { FaultRow, Policy } from "../../db/schema.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import { firstFailure } from "../eval/first-failure.ts";
import { DERIVED_RULES } from "../eval/policies/registry.ts";
import { type LostBrackets, lostBrackets } from "../merge/lost.ts";
import type { ConflictText } from "./conflicts.ts";
import type { Html } from "./html.ts";
import { storyHtml, storyOf } from "./story.ts";
import type { StoryInput } from "./story-input.ts";
import { treeOf } from "./story-suites.ts";

export type StorySources = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly row: OutcomeRow;
  readonly page: AttemptPage | undefined;
  readonly faults: readonly FaultRow[];
  readonly conflict: ConflictText | undefined;
};

/** The sentence, its words linked to their places on the page. */
export function storySection(sources: StorySources): Html {
  return storyHtml(storyOf(storyInput(sources)));
}

/** What the ledger holds of an attempt, as its story needs it. */
export function storyInput(sources: StorySources): StoryInput {
  const { ledger, policy, row, page, faults, conflict } = sources;
  const compared = ledger.marks.comparing();
  const input: StoryInput = {
    ...{ row, policy, page, faults, lost: [] },
    features: page?.attempt.features ?? row.features.split(",").map(Number),
    conflict_paths: conflict?.files.map(({ path }) => path) ?? [],
    marksOf: (suite) => [...suite.marks, ...compared(suite)],
    failureOf(suite) {
      const output = ledger.scores.output(suite.output);
      const failed = suite.tests.filter(({ status }) => status !== "passed");
      const names = failed.map(({ name }) => name);
      return output && firstFailure(new TextDecoder().decode(output), names);
    },
  };
  return row.passed === false ? { ...input, lost: lostOf(input, sources) } : input;
}

/** Brackets that the tested merge lost of the patches that went into it. */
function lostOf(input: StoryInput, { ledger, page }: StorySources): readonly LostBrackets[] {
  const tested = treeOf(input)?.tested;
  const policy = DERIVED_POLICIES.find((name) => name === tested);
  const strategy = policy && DERIVED_RULES[policy].strategy;
  const diff = page?.merges.find((merge) => merge.strategy === strategy)?.diff ?? undefined;
  const sides = page?.sides.filter(({ status }) => status === "applied") ?? [];
  if (diff === undefined || sides.length < 2) return [];
  const bytes = ledger.dataset.patchBytes([...sides.map(({ patch }) => patch), diff]);
  const merged = bytes.get(diff);
  const patches = sides.flatMap(({ patch }) => bytes.get(patch) ?? []);
  return merged === undefined || patches.length < sides.length ? [] : lostBrackets(patches, merged);
}
