// Owns the policy `0.0.29`: how that version of CooperBench handles patches.
import type { EraRules } from "./types.ts";

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

export const era0029: EraRules = {
  name: "0.0.29",
  era: "0.0.29",
  made: "evaluated",
  meaning:
    "what CooperBench 0.0.29 makes of the patches: identical patches once, the naive merge, then agent1's patch alone",
  tested: "what CooperBench 0.0.29 makes of the patches",
  differs: "nothing should differ: `eval --compat 0.0.29` reproduces its evaluation, flaws and all",
  isTest: (header) => [...header.matchAll(SIDES)].some(([, path = ""]) => isTestPath(path)),
  identical: true,
  tests_broken_sides: false,
  on_conflict: "agent1",
  clean: "-fd",
};
