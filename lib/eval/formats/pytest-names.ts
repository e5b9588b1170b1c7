// Owns the lines in which pytest reports a test's outcome: by name, or by a letter.
import { type Counts, NO_TESTS, setTest, type TestStatus } from "./types.ts";

const PARALLEL = /^\[gw\d+\](?: \[ *\d+%\])? ([A-Z]+) (\S.*)$/;
const SHORT = /^(?:PASSED|FAILED|ERROR|XFAIL|XPASS) /;
const PERCENT = / *\[ *\d+%\]$/;
/** pytest-sugar's `-v`: name, mark, share of the whole, bar. */
const SUGAR = /^ (\S+::.+) ([✓⨯sxXE]) +\d+% /;
const SUGAR_WORDS: Record<string, string> = {
  ...{ "✓": "PASSED", "⨯": "FAILED", s: "SKIPPED", x: "XFAIL", X: "XPASS", E: "ERROR" },
};
const PROGRESS = /^(?:\S+ )?([.FEsxXR]+) +\[ *\d+%\]$/;
const DOTS: Record<string, keyof Counts> = {
  ...{ ".": "passed", X: "passed", F: "failed", E: "errors", s: "skipped", x: "skipped" },
};
const UNFINISHED = /^(\S+::\S+)(?: |$)/;

/** JUnit's reading of pytest's six outcomes: an expected failure is a skip, an unexpected pass a pass. */
const STATUSES: Record<string, TestStatus> = {
  PASSED: "passed",
  XPASS: "passed",
  FAILED: "failed",
  ERROR: "error",
  SKIPPED: "skipped",
  XFAIL: "skipped",
};

/** Where names go: the tests so far, and the one whose line has begun but has no status yet. */
type Names = { readonly tests: Map<string, TestStatus>; open_name: string };

/** A `-v` line: the name first, or, from parallel workers, the status first. */
export function readVerbose(session: Names, text: string): void {
  const [, word = "", name = ""] = PARALLEL.exec(text) ?? [];
  if (word !== "") {
    setStatus(session, name, word);
    return;
  }
  const [, sugared = "", mark = ""] = (text.startsWith(" ") && SUGAR.exec(text)) || [];
  if (sugared !== "") {
    setStatus(session, sugared, SUGAR_WORDS[mark] ?? "");
    return;
  }
  const result = text.endsWith("%]") ? text.replace(PERCENT, "") : text;
  // With -s the status stands alone behind what the test printed.
  if (Object.hasOwn(STATUSES, result)) {
    setStatus(session, session.open_name, result);
    return;
  }
  if (!result.includes("::")) return;
  const test = splitStatus(result);
  if (test) setStatus(session, test.name, test.word);
  else session.open_name = UNFINISHED.exec(text)?.[1] ?? session.open_name;
}

/** `path::name STATUS` or `path::name STATUS (reason)`; searched from the end, as names hold anything. */
function splitStatus(text: string): { name: string; word: string } | undefined {
  for (const word of Object.keys(STATUSES)) {
    const at = text.lastIndexOf(` ${word}`);
    if (at === -1) continue;
    const rest = text.slice(at + word.length + 1);
    const ends = rest === "" || (rest.startsWith(" (") && rest.endsWith(")"));
    if (ends) return { name: text.slice(0, at), word };
  }
  return undefined;
}

/** A line of the short summary; what `-v` said of the same test is not overwritten. */
export function readShort(session: Names, text: string): void {
  if (!SHORT.test(text)) return;
  const space = text.indexOf(" ");
  const dash = text.indexOf(" - ", space);
  const name = text.slice(space + 1, dash === -1 ? undefined : dash);
  if (!session.tests.has(name)) setStatus(session, name, text.slice(0, space));
}

function setStatus(session: Names, name: string, word: string): void {
  const status = STATUSES[word];
  if (status && name !== "") setTest(session.tests, name, status);
}

/** The outcomes of a line of progress; undefined for any other line. */
export function readDots(text: string): Counts | undefined {
  const dots = PROGRESS.exec(text)?.[1];
  if (dots === undefined) return undefined;
  const counts = { ...NO_TESTS };
  for (const dot of dots) {
    const word = DOTS[dot];
    if (word) counts[word]++;
  }
  return counts;
}
