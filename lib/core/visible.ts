// Owns what people see of text from strangers: whatever would hide, move, colour or reorder other text is shown by its code.

/**
 * Escape sequences of a terminal that end, within their line: settings such as colours (CSI), strings such as titles,
 * links and the clipboard (OSC, DCS, SOS, PM, APC), and short ones. Source: ECMA-48, sections 5.4 to 5.6 and 8.3.
 */
const ENDED =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\r\n]*(?:\u0007|\u001b\\)|[PX^_][^\u001b\r\n]*\u001b\\|[ -/]+[0-~]|[0-OQ-WYZ`-~\\])/g;
/**
 * Control characters, characters that are not seen by themselves, and those that turn the direction of text. What
 * chooses a picture's variant, or joins two pictures, is none of them.
 */
const MISLEADING =
  /(?:(?!\t|\n)\p{Cc}|(?!(?<=\p{Emoji})\ufe0f|(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic}))\p{Default_Ignorable_Code_Point}|[\u2028\u2029\ufff9-\ufffb])+/gu;
/** Marks over one letter; the languages that stack them need fewer. */
const MARKS = 6;
/**
 * A character that may be one of the above: any but those of the Latin, Greek and Cyrillic scripts, punctuation, signs,
 * kana and Chinese that are surely seen. Most texts have none, and are spared the patterns, which take a hundred times as long.
 */
const DOUBTFUL =
  /[^\t\n\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2070-\u20cf\u2100-\u2bff\u3041-\u3096\u30a1-\u30fa\u4e00-\u9fff]/;
const HEAP_OF_MARKS = new RegExp(String.raw`(\p{Mn}{${MARKS}})(\p{Mn}+)`, "gu");

/** Printable ASCII, line ends and tabs cannot mislead a reader. */
const PLAIN = /^[\t\n -~]*$/;

/** The text without ended escape sequences, and with what misleads shown as `␛` or `⟨U+202E⟩`. Lines and tabs stay. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return shownByCode(text.includes("\u001b") ? text.replace(ENDED, "") : text);
}

/** The same with every escape sequence shown: nothing is taken out of the text. */
export function shownByCode(text: string): string {
  if (PLAIN.test(text) || !DOUBTFUL.test(text)) return text;
  return text
    .toWellFormed()
    .replace(MISLEADING, symbolsOf)
    .replace(
      HEAP_OF_MARKS,
      (_, kept: string, more: string) => `${kept}⟨${[...more].length} marks⟩`,
    );
}

function symbolsOf(run: string): string {
  let shown = "";
  for (const char of run) shown += symbolOf(char);
  return shown;
}

function symbolOf(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** JSON that says the same, with what misleads on a terminal written as escapes: whoever parses it gets the text whole. */
export function visibleJson(json: string): string {
  return json.replace(MISLEADING, (run) => {
    let escaped = "";
    for (let at = 0; at < run.length; at++)
      escaped += `\\u${run.charCodeAt(at).toString(16).padStart(4, "0")}`;
    return escaped;
  });
}
