// Owns how specific a message is: which file paths and lines it mentions. Pure.

/** How often a message names a file path, and how often a line or a range of lines of the code. */
export type Mentions = { readonly paths: number; readonly lines: number };

const ENDINGS =
  /\.(?:[cm]?[jt]sx?|pyi?|go|rs|rb|java|kt|swift|php|cs|c|cc|cpp|h|hpp|typ|vue|svelte|html?|s?css|less|md|mdx|rst|txt|json|toml|ya?ml|ini|cfg|conf|lock|xml|sql|sh|bash|snap|patch|diff|proto|ipynb|gradle|mod|sum)$/i;
/** Names of programs and libraries that end like file names. */
const PRODUCT = /^(?:node|next|nuxt|vue|react|express|three|d3|ember|backbone|chart)\.js$/i;
const SEGMENT = /^[\w@.+~-]*$/;
/**
 * After a path, as compilers and editors write it: `parser.py:12`, `parser.py:12:5`, `parser.py:12-30`,
 * `parser.go#L12-L30`.
 */
const PLACE = /(?::|#L)\d+(?:[:–-]L?\d+)?$/;
/** `line 12`, `lines 12-30`, `lines 12 and 30`; a range or a list is one mention. */
const LINES = /\blines?\s{1,3}~?\d+/gi;
const SHORT_LINES = /^L\d+(?:[–-]L?\d+)?$/;
const LONGEST_WORD = 200;

/**
 * Counts the mentions in a text. A path is a word with a slash or a known file ending: `src/a.py`, `a.py`, `./run`,
 * `lib/merge/`, `a/b/c`; `and/or` and web addresses are not. A mention of the same place twice counts twice.
 */
export function mentionsIn(text: string): Mentions {
  let paths = 0;
  let lines = text.match(LINES)?.length ?? 0;
  for (const raw of text.split(/[\s,;()[\]{}<>"'`|=*]+/)) {
    if (raw.length > LONGEST_WORD || !/[./]|^L\d/.test(raw)) continue;
    const word = raw.replace(/[.:!?]{1,5}$/, "");
    if (SHORT_LINES.test(word)) lines++;
    const name = word.replace(PLACE, "");
    if (!isPath(name)) continue;
    paths++;
    if (name !== word) lines++;
  }
  return { paths, lines };
}

/** Whether one word names a file or folder. */
export function isPath(word: string): boolean {
  if (!/[./]/.test(word) || word.includes("://") || PRODUCT.test(word)) return false;
  const segments = word.split("/");
  if (!segments.every((segment) => SEGMENT.test(segment)) || !/[a-z]/i.test(word)) return false;
  const last = segments.at(-1) ?? "";
  if (ENDINGS.test(last) && last.search(/[^.]/) < last.lastIndexOf(".")) return true;
  if (segments.length === 1) return false;
  if (last === "" || /^\.{1,2}$/.test(segments[0] ?? "")) return true;
  return segments.length > 2 && segments.slice(1).every((segment) => /[a-z]/i.test(segment));
}
