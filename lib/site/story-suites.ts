// Owns what an attempt's story tells of the suites on the tree that counts.
import type { Tested } from "../core/vocabulary.ts";
import { ERAS } from "../core/vocabulary.ts";
import type { FirstFailure } from "../eval/first-failure.ts";
import { TESTED_TREES } from "../eval/policies/registry.ts";
import type { LostBrackets } from "../merge/lost.ts";
import { duration, firstLine, plural } from "./numbers.ts";
import type { Clause, Piece, StoryInput } from "./story-input.ts";
import { SUITE_VERBS } from "./story-words.ts";

type Suite = NonNullable<StoryInput["page"]>["suites"][number];
type Tree = { readonly tested: Tested; readonly words: string; readonly to: string };

const MOST_SAID = 160;
const MOST_NAMED = 90;

/** The tree whose suites decide, in words; undefined where none was tested here. */
export function treeOf({ page, policy, row }: StoryInput): Tree | undefined {
  if (page === undefined || policy === "imported") return undefined;
  const isEra = ERAS.some((era) => era === policy);
  const clean = !isEra && page.suites.some(({ tested }) => tested === "naive");
  const tested: Tested = clean ? "naive" : policy;
  if (!page.suites.some((suite) => suite.tested === tested)) return undefined;
  const [first] = page.agents;
  const left = page.sides.filter(({ status }) => status === "applied");
  const patch = (agent_id = "the agent") => ({
    tested,
    words: `${agent_id}'s patch`,
    to: "patches",
  });
  if (row.setting === "solo") return patch(first?.agent_id);
  if (row.merge_status === "empty" && left.length === 1) return patch(left[0]?.agent_id);
  if (row.path === "one patch") return patch(first?.agent_id);
  if (row.path === "identical")
    return { tested, words: "the patch that all agents handed in alike", to: "patches" };
  if (isEra) return { tested, words: TESTED_TREES[tested], to: "merge" };
  return { tested, words: clean ? "the clean merge" : `the ${tested} merge`, to: "merge" };
}

/** What the suites on that tree say, the worst first; nothing where there is no such tree. */
export function suiteClauses(input: StoryInput): Clause[] {
  const tree = treeOf(input);
  if (tree === undefined) return importedSuites(input);
  const own = (input.page?.suites ?? []).filter(({ tested }) => tested === tree.tested);
  const bad = own.filter(({ suite }) => suite.outcome !== "passed");
  if (bad.length === 0) return [passing(tree, own)];
  const failures = bad.map((one) => ({ ...one, failure: input.failureOf(one.suite) }));
  const shown = failures.toSorted((a, b) => rank(a) - rank(b));
  const [worst, ...others] = shown;
  if (worst === undefined) return [];
  const lost = input.lost.length > 0 && worst.suite.outcome !== "tests timed out";
  const head = lost ? lostClause(tree, input.lost, worst) : failing(tree, worst);
  return [head, ...others.map((other) => too(other, worst)), ...stillPassing(own, bad)];
}

/** A failure with a place says most. */
function rank({ suite, failure }: Suite & { failure: FirstFailure | undefined }): number {
  const place = failure?.path === null || failure === undefined ? 1 : 0;
  return (suite.outcome === "failed" ? 0 : 2) + place;
}

type Failing = Suite & { readonly failure: FirstFailure | undefined };
const nameOf = ({ tested, suite }: Suite): Piece => ({
  text: `feature ${suite.feature_id}'s suite`,
  to: `suite-${tested}-${suite.feature_id}`,
});

function failing(tree: Tree, one: Failing): Clause {
  const { suite, failure } = one;
  const limit = suite.outcome === "tests timed out" ? suite.limits?.timeout_ms : undefined;
  return [
    nameOf(one),
    ` ${SUITE_VERBS[suite.outcome]} `,
    { text: tree.words, to: tree.to },
    ...(limit === undefined ? [] : [` (${duration(limit)})`]),
    ...toldOf(one, failure),
  ];
}

/** ` at “a test” (tests/x.ts:13: error: …)`. */
function toldOf(one: Failing, failure: FirstFailure | undefined): Piece[] {
  const { suite, tested } = one;
  const to = `suite-${tested}-${suite.feature_id}`;
  const failed = suite.tests.filter(({ status }) => status !== "passed" && status !== "skipped");
  const test = failure?.test ?? failed[0]?.name;
  const place = failure?.path ? `${failure.path}:${failure.line}` : undefined;
  const says = failure?.says ? firstLine(failure.says, MOST_SAID) : undefined;
  const details = [place, says].flatMap((part) => part ?? []).join(": ");
  return [
    ...(test === undefined ? [] : [" at ", { text: `“${firstLine(test, MOST_NAMED)}”`, to }]),
    ...(details === "" ? [] : [" (", { text: details, to }, ")"]),
    ...(suite.outcome === "failed" && test === undefined && details === ""
      ? [", and its output names no test"]
      : []),
  ];
}

/** `the union merge lost a closing brace at src/parse.ts:52, where feature 3's suite fails (…)`. */
function lostClause(tree: Tree, lost: readonly LostBrackets[], worst: Failing): Clause {
  const { failure } = worst;
  const to = `suite-${worst.tested}-${worst.suite.feature_id}`;
  const [first] = lost;
  const at = lost.find(({ path }) => path === failure?.path) ?? first;
  if (at === undefined) return failing(tree, worst);
  const what = `${at.missing === 1 ? (at.side === "opening" ? "an" : "a") : at.missing} ${at.side} ${nameOfBrackets(at)}`;
  const met = at.path === failure?.path;
  const place: Piece = met
    ? { text: `${at.path}:${failure?.line}`, to }
    : { text: at.path, to: "merge" };
  const more =
    lost.length > 1
      ? ` (and ${plural(lost.length - 1, "more such loss", "more such losses")})`
      : "";
  const says = met && failure?.says ? ` (“${firstLine(failure.says, MOST_SAID)}”)` : "";
  return [
    { text: tree.words, to: tree.to },
    ` lost ${what} ${met ? "at" : "in"} `,
    place,
    `${more}, `,
    met ? "where " : "and ",
    nameOf(worst),
    ` ${met ? "fails" : SUITE_VERBS[worst.suite.outcome].replace(/ on$/, "")}${says}`,
    ...(met ? [] : toldOf(worst, failure)),
  ];
}

function nameOfBrackets({ name, missing }: LostBrackets): string {
  if (missing === 1) return name;
  return name === "parenthesis" ? "parentheses" : `${name}s`;
}

function too(other: Failing, worst: Failing): Clause {
  const same = other.suite.outcome === worst.suite.outcome;
  const verb = SUITE_VERBS[other.suite.outcome].replace(/ (?:on|to)$/, "");
  return [nameOf(other), ` ${verb} there${same ? " too" : ""}`];
}

function stillPassing(own: readonly Suite[], bad: readonly Suite[]): Clause[] {
  const good = own.filter((one) => !bad.includes(one));
  const names = good.flatMap((one, at): Piece[] => [
    ...(at === 0 ? [] : [at === good.length - 1 ? " and " : ", "]),
    nameOf(one),
  ]);
  return good.length === 0 ? [] : [[...names, ` ${good.length === 1 ? "passes" : "pass"} there`]];
}

function passing(tree: Tree, own: readonly Suite[]): Clause {
  const tests = own.reduce((sum, { suite }) => sum + suite.passed, 0);
  const suites =
    own.length === 1 ? "its suite" : own.length === 2 ? "both suites" : `all ${own.length} suites`;
  return [
    { text: tree.words, to: tree.to },
    " passes ",
    { text: suites, to: "suites" },
    ` (${plural(tests, "test")})`,
  ];
}

/** What imported logs say in place of suites. */
function importedSuites({ page, policy, row }: StoryInput): Clause[] {
  const imported = page?.imported;
  if (policy !== "imported" || imported === undefined) return [];
  const strategy = imported.strategy === null ? "" : `, by its strategy ${imported.strategy}`;
  const verdict = row.passed === true ? "passed" : "failed";
  return [
    [
      "the ",
      { text: "imported logs", to: "further" },
      ` say ${verdict}${strategy}, and not which test decided`,
    ],
  ];
}
