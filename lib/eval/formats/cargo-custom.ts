// Owns how test binaries with their own harness (`harness = false`) report their tests.
import { type Counts, readParts, sumOf, type TestStatus } from "./types.ts";

const BEFORE = /^(?:test )?(?:results?|summary): *(?:(?:ok|failed|passed)[.,:;])? */i;
const BEHIND = /[;,]? *(?:finished )?in \d+(?:\.\d+)? ?m?s(?:econds)?\.?$|[.;]$/;
const SCENARIOS = /^\d+ scenarios? \((.+)\)$/;
const PASSED = ["passed", "passing", "ok", "succeeded"];
const FAILED = ["failed", "failing", "failures", "failure"];
const SKIPPED = ["skipped", "ignored", "pending", "todo"];
const ERRORS = ["errors", "error"];
const OTHER = ["filtered out", "filtered", "measured"];
const KNOWN = new Set([PASSED, FAILED, SKIPPED, ERRORS, OTHER].flat());
const MARKS: Record<string, TestStatus> = {
  "❌": "failed",
  "✗": "failed",
  "✘": "failed",
  "✅": "passed",
  "✓": "passed",
  "✔": "passed",
};
const MARKED = /^(❌|✗|✘|✅|✓|✔) {1,2}(\S.*)$/u;

/**
 * A line that says how many tests passed and, unless it starts by saying that it is the result, how many failed, and
 * nothing else: `2 passed, 0 failed, 2352 skipped`, `test result: ok. 5 passed; 1 filtered out`.
 */
export function readCustomSummary(text: string): Counts | undefined {
  const scenarios = SCENARIOS.exec(text)?.[1];
  const titled = scenarios !== undefined || BEFORE.test(text);
  const list = (scenarios ?? text).replace(BEFORE, "").replace(BEHIND, "");
  const parts = readParts(list.replaceAll(/ tests? /g, " ").replaceAll(/ *[;|] */g, ", "), ", ");
  if (!parts || [...parts.keys()].some((word) => !KNOWN.has(word))) return undefined;
  const has = (words: readonly string[]) => words.some((word) => parts.has(word));
  if (!has(PASSED) && !(titled && has(FAILED))) return undefined;
  if (!titled && !has(FAILED)) return undefined;
  const of = (words: readonly string[]) => sumOf(parts, ...words);
  return { passed: of(PASSED), failed: of(FAILED), skipped: of(SKIPPED), errors: of(ERRORS) };
}

/** A test named after a mark at the line's start: `❌ name`. */
export function readMarked(text: string): { name: string; status: TestStatus } | undefined {
  const [, mark = "", name = ""] = MARKED.exec(text) ?? [];
  const status = MARKS[mark];
  return status && { name, status };
}
