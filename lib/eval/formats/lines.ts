// Owns how raw output becomes clean lines: colours, carriage returns and endless lines are dealt with here.

/** No summary is longer; of a longer line the readers see its two ends, so that every pattern stays cheap. */
const KEPT = 500;

/**
 * Calls `visit` with every line: what a terminal would show after the last carriage return, without
 * escape sequences and without white space at its end. Time is linear in the output's length.
 */
export function forEachLine(output: string, visit: (text: string, number: number) => void): void {
  let number = 0;
  for (let start = 0; start < output.length; ) {
    const newline = output.indexOf("\n", start);
    const end = newline === -1 ? output.length : newline;
    visit(cleanLine(output.slice(start, end)), number++);
    start = end + 1;
  }
}

function cleanLine(raw: string): string {
  const ended = raw.trimEnd();
  const shown = ended.slice(ended.lastIndexOf("\r") + 1);
  if (shown.length <= 2 * KEPT) return plain(shown);
  // Escape sequences make a line longer than it looks, so cut generously, strip, then cut again.
  const text = shown.length <= 16 * KEPT ? plain(shown) : bothEnds(shown, 8 * KEPT, plain);
  return text.length <= 2 * KEPT ? text : bothEnds(text, KEPT, (part) => part);
}

function plain(text: string): string {
  return text.includes("\u001b") || text.includes("\u009b") ? Bun.stripANSI(text).trimEnd() : text;
}

function bothEnds(text: string, length: number, clean: (part: string) => string): string {
  return `${clean(text.slice(0, length))}…${clean(text.slice(-length))}`;
}
