// Owns how raw output becomes clean lines: colours, carriage returns and endless lines are dealt with here.

/** No summary is longer; the readers see the two ends of a longer line, so that every pattern stays cheap. */
const KEPT = 500;

/** Of a line that comes in many pieces, no more than its two ends of this length is kept. */
const LONGEST = 32 * KEPT;

/**
 * Calls `visit` with every line of a text that comes in pieces: what a terminal would show after the last carriage
 * return, without escape sequences and without white space at its end. Time is linear in the text's length, and the
 * memory that it takes does not grow with it.
 */
export class LineReader {
  readonly #visit: (text: string, number: number) => void;
  #number = 0;
  #head = "";
  #tail = "";

  constructor(visit: (text: string, number: number) => void) {
    this.#visit = visit;
  }

  feed(text: string): void {
    let start = 0;
    for (let newline = text.indexOf("\n"); newline !== -1; newline = text.indexOf("\n", start)) {
      this.#add(text.slice(start, newline));
      this.#close();
      start = newline + 1;
    }
    if (start < text.length) this.#add(text.slice(start));
  }

  /** A last line without a newline also counts. */
  end(): void {
    if (this.#head !== "") this.#close();
  }

  #add(piece: string): void {
    if (this.#head.length + piece.length <= LONGEST && this.#tail === "") {
      this.#head += piece;
      return;
    }
    const free = Math.max(0, LONGEST - this.#head.length);
    this.#head += piece.slice(0, free);
    this.#tail = `${this.#tail}${piece.slice(free)}`.slice(-LONGEST);
  }

  #close(): void {
    const line = this.#tail === "" ? this.#head : `${this.#head}…${this.#tail}`;
    this.#head = "";
    this.#tail = "";
    this.#visit(cleanLine(line), this.#number++);
  }
}

/** As {@link LineReader}, for a complete string. */
export function forEachLine(output: string, visit: (text: string, number: number) => void): void {
  const lines = new LineReader(visit);
  lines.feed(output);
  lines.end();
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
