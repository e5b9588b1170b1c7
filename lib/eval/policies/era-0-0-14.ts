// Owns the policy `0.0.14`: how that version of CooperBench handles patches.
import type { EraRules } from "./types.ts";

/** Texts that make a header a test's in 0.0.14, wherever they stand. */
const MARKS = ["/test_", "/tests/", "_test.py", "/test/", "tests.py"];

export const era0014: EraRules = {
  name: "0.0.14",
  era: "0.0.14",
  made: "evaluated",
  meaning: "what CooperBench 0.0.14 makes of the patches: the naive merge, then the union merge",
  tested: "what CooperBench 0.0.14 makes of the patches",
  differs: "nothing should differ: `eval --compat 0.0.14` reproduces its evaluation, flaws and all",
  isTest: (header) => MARKS.some((mark) => header.includes(mark)),
  identical: false,
  tests_broken_sides: true,
  on_conflict: "union",
  clean: "-fdx",
};
