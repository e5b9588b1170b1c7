// Owns what of an answer's text is said, and what is reasoning that a server left in it, of which nothing is to be run.

const NAME = "(?:\\w+:)?(?:think|thinking|thoughts?|reasoning|scratchpad)";
/** `</think>`, `</seed:think>`, `[/THINK]`, `◁/think▷`, `<|end_of_thought|>`, `<|END_THINKING|>`. */
const END = new RegExp(
  `</\\s*${NAME}\\s*>|\\[/${NAME}\\]|◁/${NAME}▷|<\\|end_(?:of_)?${NAME}\\|>`,
  "gi",
);
const BEGIN = new RegExp(
  `^\\s*(?:<\\s*${NAME}\\s*>|\\[${NAME}\\]|◁${NAME}▷|<\\|(?:begin|start)_(?:of_)?${NAME}\\|>)`,
  "i",
);
/** The channels of gpt-oss, with their marks and with what is left when a server drops those. */
const FINAL = /<\|channel\|>\s*final\b[^<]*<\|message\|>/gi;
const CHANNEL = /<\|channel\|>/i;
const BARE_FINAL = /^\s*analysis[\s\S]*assistantfinal/i;

/** What follows the last end of thoughts; nothing of an answer that never left its thinking channel. */
export function spoken(text: string): string {
  if (CHANNEL.test(text)) {
    const final = [...text.matchAll(FINAL)].at(-1);
    if (final === undefined) return "";
    return behind(text, final).split(/<\|(?:end|return|start|call)\|>/, 1)[0] ?? "";
  }
  const bare = BARE_FINAL.exec(text);
  const said = bare === null ? text : text.slice(bare[0].length);
  const last = [...said.matchAll(END)].at(-1);
  return last === undefined ? said : behind(said, last);
}

/** Whether thoughts begin with this line, which have no end then. */
export function beginsThoughts(line: string): boolean {
  return BEGIN.test(line);
}

function behind(text: string, found: RegExpExecArray): string {
  return text.slice(found.index + found[0].length);
}
