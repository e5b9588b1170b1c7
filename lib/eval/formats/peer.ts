// Owns the test counts as CooperBench 0.0.14 reads them, for comparison with its published results only.

type PeerCounts = { readonly passed: number; readonly failed: number };

const JEST = /Tests:\s*(?:(\d+)\s*failed,\s*)?(\d+)\s*passed/;

/**
 * Counts by the peer's rule, the first that matches: jest's `Tests:` line; the first `N passed`, `N failed` and `N
 * error` anywhere (errors are added to failed) unless all are 0; `--- PASS:` and `--- FAIL:`; Go's package lines (no
 * pass when any failed); cargo's result line; else zeros. It misreads what ./../counts.ts reads correctly; that is its
 * purpose.
 */
export function peerCounts(output: string): PeerCounts {
  const jest = JEST.exec(output);
  if (jest) return { passed: whole(jest[2]), failed: whole(jest[1]) };
  const words = {
    passed: numberBefore(output, " passed", 0)?.value ?? 0,
    failed:
      (numberBefore(output, " failed", 0)?.value ?? 0) +
      (numberBefore(output, " error", 0)?.value ?? 0),
  };
  if (words.passed > 0 || words.failed > 0) return words;
  const marks = {
    passed: occurrences(output, "--- PASS:"),
    failed: occurrences(output, "--- FAIL:"),
  };
  if (marks.passed > 0 || marks.failed > 0) return marks;
  const ok = packageLines(output, "ok");
  const failed = packageLines(output, "FAIL");
  if (ok > 0 || failed > 0) return { passed: failed === 0 ? ok : 0, failed };
  return cargoCounts(output) ?? words;
}

/** The first `(\d+)<word>` at or behind `from`, without a pattern that would be slow on long digit runs. */
function numberBefore(
  text: string,
  word: string,
  from: number,
): { readonly value: number; readonly end: number } | undefined {
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + 1)) {
    let start = at;
    while (start > from && isDigit(text.charCodeAt(start - 1))) start--;
    if (start < at) return { value: whole(text.slice(start, at)), end: at + word.length };
  }
  return undefined;
}

/** Digits as a number that stays exact when such numbers are added. */
function whole(digits = "0"): number {
  return Math.min(Number(digits), 10 ** 15);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function occurrences(text: string, part: string): number {
  let count = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count++;
  return count;
}

/** Matches of `^word\s+\S+` where only a newline starts a line, as in Python. */
function packageLines(output: string, word: string): number {
  return [...output.matchAll(new RegExp(`(?<![^\\n])${word}\\s+\\S+`, "g"))].length;
}

function cargoCounts(output: string): PeerCounts | undefined {
  for (const line of output.split("\n")) {
    const start = line.indexOf("test result:");
    if (start === -1) continue;
    const passed = numberBefore(line, " passed", start + "test result:".length);
    const failed = passed && numberBefore(line, " failed", passed.end);
    if (passed && failed) return { passed: passed.value, failed: failed.value };
  }
  return undefined;
}
