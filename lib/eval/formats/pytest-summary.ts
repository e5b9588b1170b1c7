// Owns the counts in pytest's summaries: on one line, and listed by pytest-pretty and pytest-sugar.
import { type Counts, NO_TESTS, readParts, sumOf } from "./types.ts";

const TIMED = /^(.+) in \d+(?:\.\d+)?(?:s| seconds)(?: \([^()]*\))?$/;
const NONE_RUN = /^(?:no|\d+(?:\/\d+)?) tests? (?:ran|collected)(?: \([^()]*\))?(?:, |$)/;
const PART = /^ +(\d{1,9}) ([a-z][a-z ]*)$/;
const DETAIL = /^ +- /;

/** The counts of `1 failed, 5 passed in 0.12s`, without the rules around it; undefined for anything else. */
export function summaryOf(title: string): Counts | undefined {
  const [, list] = TIMED.exec(title) ?? [];
  if (list === undefined) return undefined;
  const ran = list.replace(NONE_RUN, "");
  if (ran === "") return NO_TESTS;
  const parts = readParts(ran, ", ");
  return parts && countsOf(parts);
}

/** Whatever a list summarizes. */
export type Listed = { summary: { readonly counts: Counts; readonly line: number } | undefined };

/** Takes one line of a list, a number and a word each, into the session's summary; false for any other line. */
export function readListed(
  list: { readonly parts: Map<string, number>; readonly session: Listed },
  text: string,
  line: number,
): boolean {
  const [, amount, word = ""] = PART.exec(text) ?? [];
  if (amount === undefined) return DETAIL.test(text);
  list.parts.set(word, Number(amount));
  list.session.summary = { counts: countsOf(list.parts), line };
  return true;
}

function countsOf(parts: ReadonlyMap<string, number>): Counts {
  return {
    passed: sumOf(parts, "passed", "xpassed"),
    failed: sumOf(parts, "failed", "subtests failed"),
    skipped: sumOf(parts, "skipped", "xfailed"),
    errors: sumOf(parts, "error", "errors"),
  };
}
