// Owns breaking text into lines of a terminal: between words, and a word only where it is longer than a line.

/** The text in lines of at most `width` columns, broken between words; a longer word has a line of its own. Lines of the text stay apart, and keep their indentation. */
export function wrapped(text: string, width: number): string[] {
  return text.split("\n").flatMap((line) => wrappedLine(line, width));
}

/** The same, with words that are longer than a line broken within: no line is wider, and nothing is cut off. */
export function broken(text: string, width: number): string[] {
  return wrapped(text.replaceAll("\t", " "), width).flatMap((line) => pieces(line, width));
}

/** The width of the longest word, in columns of a terminal. */
export function longestWord(text: string): number {
  return Math.max(0, ...text.split(/\s+/).map((word) => Bun.stringWidth(word)));
}

function wrappedLine(text: string, width: number): string[] {
  if (Bun.stringWidth(text) <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? "";
  const lines: string[] = [];
  let line = "";
  for (const word of text.slice(indent.length).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    const isFull = line !== "" && indent.length + Bun.stringWidth(longer) > width;
    if (isFull) lines.push(line);
    line = isFull ? word : longer;
  }
  return [...lines, line].map((one) => indent + one);
}

function pieces(line: string, width: number): string[] {
  const found: string[] = [];
  let rest = line;
  while (Bun.stringWidth(rest) > width) {
    const long = Bun.sliceAnsi(rest, 0, width);
    // A wide letter across the end is kept whole by sliceAnsi.
    const piece = Bun.stringWidth(long) > width ? Bun.sliceAnsi(rest, 0, width - 1) : long;
    if (piece === "" || !rest.startsWith(piece)) break;
    found.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...found, rest];
}
