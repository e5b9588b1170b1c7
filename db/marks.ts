// Owns what is known besides verdicts: the marks of their suites, and how these compare with what check-dataset found.
import { and, eq, inArray, sql } from "drizzle-orm";
import { once } from "../lib/core/once.ts";
import {
  type ComparedMark,
  DERIVED_POLICIES,
  type DerivedPolicy,
  type SuiteMark,
} from "../lib/core/vocabulary.ts";
import { attemptSuites, checks, type SuiteResultRow, suiteResults } from "./schema.ts";
import type { Tables } from "./tables.ts";

/** One mark of one feature's suite. */
export type VerdictMark = { readonly feature_id: number; readonly mark: SuiteMark | ComparedMark };
type Suite = Pick<
  SuiteResultRow,
  | "repo"
  | "task_id"
  | "feature_id"
  | "environment"
  | "tests_patch"
  | "outcome"
  | "tree"
  | "passed"
  | "tests"
>;
type Gold = Pick<Suite, "tree" | "passed"> & {
  readonly flaky: boolean;
  /** Names of the tests that pass with the reference patch, as far as its output names them. */
  readonly names: ReadonlySet<string>;
};

const COLUMNS = {
  repo: suiteResults.repo,
  task_id: suiteResults.task_id,
  environment: suiteResults.environment,
  tests_patch: suiteResults.tests_patch,
  outcome: suiteResults.outcome,
  tree: suiteResults.tree,
  passed: suiteResults.passed,
  tests: suiteResults.tests,
};

export function markStore(db: Tables) {
  /** What check-dataset found of the reference patches, by feature, surroundings and tests. */
  const checked = once(() =>
    db
      .select({ ...COLUMNS, feature_id: checks.feature_id, flaky: checks.flaky })
      .from(checks)
      .innerJoin(suiteResults, eq(suiteResults.suite_key, checks.suite_key))
      .where(
        and(
          eq(checks.repo, sql.placeholder("repo")),
          eq(checks.task_id, sql.placeholder("task_id")),
          eq(checks.kind, "gold"),
        ),
      )
      .prepare(),
  );
  const goldOf = (repo: string, task_id: number): ReadonlyMap<string, Gold> =>
    new Map(
      checked()
        .all({ repo, task_id })
        .map(({ tests, ...row }) => [featureIn(row), { ...row, names: passedNames(tests) }]),
    );
  const comparing = () => {
    const known = new Map<string, ReturnType<typeof goldOf>>();
    return (suite: Suite): ComparedMark[] => {
      const task = `${suite.repo} ${suite.task_id}`;
      const gold = known.get(task) ?? goldOf(suite.repo, suite.task_id);
      known.set(task, gold);
      return comparedMarks(suite, gold.get(featureIn(suite)));
    };
  };
  return {
    /** The marks that comparison with the reference patch's check gives, for any number of suites. */
    comparing,

    /** The marks of the suites that verdicts on attempts under one of Tandem's policies are based on, by attempt key. */
    byAttempt(policy: DerivedPolicy, keys: readonly string[]): Map<string, VerdictMark[]> {
      const compared = comparing();
      const rows = db
        .select({
          ...COLUMNS,
          marks: suiteResults.marks,
          key: attemptSuites.attempt_key,
          tested: attemptSuites.tested,
          feature_id: attemptSuites.feature_id,
        })
        .from(attemptSuites)
        .innerJoin(suiteResults, eq(suiteResults.suite_key, attemptSuites.suite_key))
        .where(
          and(
            inArray(attemptSuites.tested, [...DERIVED_POLICIES]),
            sql`${attemptSuites.attempt_key} IN (SELECT value FROM json_each(${JSON.stringify(keys)}))`,
          ),
        )
        .all();
      const found = [...Map.groupBy(rows, ({ key }) => key)].map(([key, own]) => {
        const naive = own.filter(({ tested }) => tested === "naive");
        const suites = naive.length > 0 ? naive : own.filter(({ tested }) => tested === policy);
        const marks = suites.flatMap((suite) =>
          [...suite.marks, ...compared(suite)].map((mark) => ({
            feature_id: suite.feature_id,
            mark,
          })),
        );
        return [key, marks] as const;
      });
      return new Map(found.filter(([, marks]) => marks.length > 0));
    },
  };
}

const featureIn = (suite: Omit<Suite, "outcome" | "tree" | "passed" | "tests">): string =>
  `${suite.repo} ${suite.task_id} ${suite.feature_id} ${suite.environment} ${suite.tests_patch}`;

function passedNames(tests: Suite["tests"]): Set<string> {
  return new Set(tests.flatMap(({ name, status }) => (status === "passed" ? [name] : [])));
}

/** A pass is like the reference patch's when all tests pass that pass there: by name, or by number where none is named. */
function comparedMarks(suite: Suite, gold: Gold | undefined): ComparedMark[] {
  if (gold === undefined) return [];
  const flaky: ComparedMark[] = gold.flaky ? ["flaky feature"] : [];
  if (suite.outcome !== "passed" || suite.tree === gold.tree) return flaky;
  const names = passedNames(suite.tests);
  const lacks =
    gold.names.size > 0
      ? ![...gold.names].every((name) => names.has(name))
      : suite.passed < gold.passed;
  return lacks ? ["unlike gold", ...flaky] : flaky;
}
