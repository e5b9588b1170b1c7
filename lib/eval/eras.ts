// Owns the table of CooperBench's eras: for each version that --compat reproduces, how its evaluation handles patches.
import type { Era } from "../core/vocabulary.ts";

/** The rules of one version. Every row is exact for its version, flaws and all. */
export type EraRules = {
  /** The policy that its verdicts are kept under. */
  readonly era: Era;
  /** Whether the block of a patch below this `diff --git` line is dropped as a test's. */
  readonly isTest: (header: string) => boolean;
  /** Whether patches that are the same text are tested once, unmerged. */
  readonly identical: boolean;
  /** Whether a tree with half-applied patches in it is tested, or agent1's patch alone in its place. */
  readonly tests_broken_sides: boolean;
  /** What is tested after a conflict: the union of both sides' lines, or agent1's patch alone. */
  readonly on_conflict: "union" | "agent1";
  /** Flags of `git clean` before each suite. */
  readonly clean: string;
};

/** Texts that make a header a test's in 0.0.14, wherever they stand. */
const MARKS = ["/test_", "/tests/", "_test.py", "/test/", "tests.py"];

/** What Python's `\S` is: JavaScript's own class differs in a few characters. */
const SOLID =
  "[^\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const SIDES = new RegExp(`[ab]/(${SOLID}+)`, "g");
const TEST_FOLDERS = ["test", "tests", "__tests__", "spec", "testdata"];
const TEST_NAMES = [
  /^test_./s,
  /._test\.[A-Za-z0-9]+$/s,
  /.\.(?:test|spec)\.[A-Za-z0-9]+$/s,
  /Tests?\.(?:java|kt|cs|scala)$/,
  /^tests?\.py$/,
];

/** A test by a folder on its path, or by its name. */
function isTestPath(path: string): boolean {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  return (
    folders.some((folder) => TEST_FOLDERS.includes(folder)) ||
    TEST_NAMES.some((pattern) => pattern.test(name))
  );
}

export const ERA_RULES: Readonly<Record<Era, EraRules>> = {
  "0.0.14": {
    era: "0.0.14",
    isTest: (header) => MARKS.some((mark) => header.includes(mark)),
    identical: false,
    tests_broken_sides: true,
    on_conflict: "union",
    clean: "-fdx",
  },
  "0.0.29": {
    era: "0.0.29",
    isTest: (header) => [...header.matchAll(SIDES)].some(([, path = ""]) => isTestPath(path)),
    identical: true,
    tests_broken_sides: false,
    on_conflict: "agent1",
    clean: "-fd",
  },
};
