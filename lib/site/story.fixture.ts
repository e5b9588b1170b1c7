// Owns attempts for tests of stories: two agents whose patches apply, with the rows that a test names.
import { attemptRecord } from "../../db/ledger.fixture.ts";
import type { AttemptPage } from "../../db/pages.ts";
import type { MergeRow, SuiteResultRow } from "../../db/schema.ts";
import { mergeRow, sideRow, suiteRecord } from "../../db/verdicts.fixture.ts";
import type { SuiteOutcome, Tested } from "../core/vocabulary.ts";
import { storyOf, storyText } from "./story.ts";
import type { StoryInput } from "./story-input.ts";

type Page = NonNullable<StoryInput["page"]>;
export type Parts = Partial<Omit<StoryInput, "row" | "page">> & {
  readonly row?: Partial<StoryInput["row"]>;
  readonly page?: Partial<Page> | null;
};

export const KEY = "r/a_task/task1/features_1_2";
const keyOf = (agents: number) =>
  `r/a_task/task1/features_${Array.from({ length: agents }, (_, at) => at + 1).join("_")}`;

export function suite(
  tested: Tested,
  feature_id: number,
  outcome: SuiteOutcome = "passed",
  fields: Partial<SuiteResultRow> = {},
): AttemptPage["suites"][number] {
  const { result } = suiteRecord(`${tested}-${feature_id}`, { outcome });
  return {
    tested,
    suite: {
      ...{ exit_code: null, marks: [], limits: null, task_hash: null, ...result },
      ...{ tests: [], passed: 3, feature_id, ...fields },
    } as SuiteResultRow,
  };
}

/** An attempt of two agents whose patches apply, with the rows that a test names. */
export function input({ row, page, ...rest }: Parts, agents = 2): StoryInput {
  const record = attemptRecord(keyOf(agents));
  const features = record.agents.flatMap((agent) => agent.features);
  const made: Page = {
    agents: record.agents as AttemptPage["agents"],
    merges: [mergeRow(KEY) as MergeRow],
    sides: record.agents.map(({ agent_id }, position) =>
      sideRow(KEY, { agent_id, position, status: "applied", reason: null }),
    ),
    suites: [],
    imported: undefined,
    ...page,
  };
  return {
    row: {
      ...{ outcome: "passed", passed: true, cause: null, path: "clean", merge_status: "clean" },
      ...{ fault: null, setting: "coop" },
      ...row,
    },
    ...{ policy: "union", features, faults: [], conflict_paths: [], lost: [] },
    ...{ failureOf: () => undefined, marksOf: ({ marks }) => marks },
    ...rest,
    page: page === null ? undefined : made,
  };
}

export const told = (parts: Parts, agents?: number) => storyText(storyOf(input(parts, agents)));
export const CONFLICT = mergeRow(KEY, { status: "conflicts", sections: 2, files: 1, lines: 9 });
export const FAILED = { outcome: "failed", passed: false } as const;
export const PLACE = {
  test: null,
  says: "error: Unexpected end of file",
  path: "src/parse.ts",
  line: 52,
};
export const ASSERTION = {
  test: "adds",
  says: "expected 1 to be 2",
  path: "tests/a.test.ts",
  line: 7,
};
export const BRACE = { path: "src/parse.ts", side: "closing", name: "brace", missing: 1 } as const;
export const ALONE = [suite("alone", 1), suite("alone", 2)];

export function agentsWith(
  ...fields: readonly Partial<AttemptPage["agents"][number]>[]
): AttemptPage["agents"] {
  const { agents } = attemptRecord(KEY);
  return agents.map((agent, at) => ({ ...agent, ...fields[at] })) as AttemptPage["agents"];
}
