// Owns the names in the headers of a patch, read as `git apply` reads them: where one begins and where it ends.
import { unquote, unquoteLines } from "./quote.ts";

/** Number of leading components that are not part of a name: 1 for `a/` and `b/`; 0 in a patch whose names turn out to have none. */
export type Strip = 0 | 1;

/** What stands behind a word of a header; `quoted` is the name in it when it begins with a quote that is closed. */
export type Value = { readonly text: string; readonly quoted: string | undefined };

/** The value in a line behind its first `from` characters. */
export function valueAt(lines: readonly string[], line: number, from: number): Value {
  const text = (lines[line] ?? "").slice(from);
  return { text, quoted: unquoteLines(lines, { line, from })?.name };
}

const TIMESTAMP =
  /(?:\d\d)?\d\d-\d\d-\d\d(?: \d\d:\d\d:\d\d(?:\.\d+)?)?(?: [+-]\d\d(?:\d\d|:\d\d))?$/;
const EPOCH =
  /^(1969-12-31|1970-01-01) ([0-2]\d):([0-5]\d):00(?:\.0+)? ([+-])([0-2]\d):?([0-5]\d)$/;

/** Whether a `---` or `+++` line says that there is no file on this side. */
export function isDevNull({ text }: Value): boolean {
  return /^\/dev\/null(?:[ \t\r]|$)/.test(text);
}

/** The name on a `---` or `+++` line below `diff --git`; a tab ends it (git adds one after names with spaces). */
export function sideName(value: Value, strip: Strip): string | undefined {
  return squashed(quotedName(value, strip) ?? plainName(upTo(value.text, /[\t\r]/), strip));
}

/** The name on a `rename` or `copy` line, which has no prefix. */
export function wholeName(value: Value): string | undefined {
  return squashed(quotedName(value, 0) ?? plainName(upTo(value.text, /\r/), 0));
}

/**
 * The name on a `---` or `+++` line on its own, where a date may stand behind it. Where `first`, the other side's name,
 * is its beginning (`file` and `file.orig`), or it is none, that one is meant.
 */
export function traditionalName(value: Value, strip: Strip, first?: string): string | undefined {
  const quoted = quotedName(value, strip);
  if (quoted !== undefined) return squashed(quoted);
  const dated = withoutTimestamp(upTo(value.text, /\0/));
  const name = plainName(dated ?? upTo(value.text, /[\t\r]/), strip);
  const varies = first !== undefined && name?.startsWith(first);
  return name === undefined || varies ? first : squashed(name);
}

/** Whether the date behind a name is the epoch's begin, by which diff says that the file was not there. */
export function isEpoch({ text }: Value): boolean {
  const [, day, ...numbers] = EPOCH.exec(text.slice(text.lastIndexOf("\t") + 1)) ?? [];
  if (day === undefined || !text.includes("\t")) return false;
  const [hour = "", minute = "", sign, zoneHour = "", zoneMinute = ""] = numbers;
  const zone = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -1 : 1);
  return Number(hour) * 60 + Number(minute) - zone === (day === "1969-12-31" ? 24 * 60 : 0);
}

/** A name without a slash shows that the names of a patch have no prefix. */
export function hasNoPrefix(value: Value): boolean {
  return !isDevNull(value) && traditionalName(value, 0)?.includes("/") === false;
}

/** The name of a `diff --git` line, which is there only when both sides are the same. */
export function commonName(value: string, strip: Strip): string | undefined {
  if (value.startsWith('"')) return commonOfQuoted(value, strip);
  const start = prefixEnd(value, strip);
  if (start === undefined || value.includes("\0")) return undefined;
  const name = value.slice(start);
  const quote = name.indexOf('"');
  return quote < 0 ? commonOfPlain(name, strip) : commonWithQuoted(name, quote, strip);
}

function commonOfQuoted(value: string, strip: Strip): string | undefined {
  const quoted = unquote(value);
  const name = quoted && bare(quoted.name, strip);
  if (!quoted || name === undefined) return undefined;
  const second = quoted.rest.trimStart();
  const other = bare(second.startsWith('"') ? (unquote(second)?.name ?? "") : second, strip);
  return name === other ? name : undefined;
}

function commonWithQuoted(name: string, quote: number, strip: Strip): string | undefined {
  const second = unquote(name.slice(quote));
  const other = second && bare(second.name, strip);
  if (other === undefined || other.length >= quote || !name.startsWith(other)) return undefined;
  return /\s/.test(name[other.length] ?? "") ? other : undefined;
}

/** `x b/x`: any space or tab may be the one between them. The second name ends the line, so its length is known. */
function commonOfPlain(name: string, strip: Strip): string | undefined {
  for (const { index } of name.matchAll(/[ \t]/g)) {
    const start = name.length - index;
    const fits =
      start > index && start < name.length && isPrefix(name, { from: index + 1, to: start }, strip);
    if (fits && name.startsWith(name.slice(0, index), start)) return name.slice(0, index);
  }
  return undefined;
}

/** Whether what stands there is one component and its slash; nothing at all where names have no prefix. */
function isPrefix(line: string, { from, to }: { from: number; to: number }, strip: Strip): boolean {
  if (strip === 0) return from === to && line[to] !== "/";
  return line[to - 1] === "/" && line[from] !== "/" && line.indexOf("/", from) === to - 1;
}

function quotedName({ quoted }: Value, strip: Strip): string | undefined {
  return quoted === undefined ? undefined : plainName(quoted, strip);
}

function plainName(text: string, strip: Strip): string | undefined {
  const name = strip === 0 ? text : text.slice(text.indexOf("/") + 1);
  return name === "" || (strip === 1 && !text.includes("/")) ? undefined : name;
}

/** Slashes in a row count as one; a NUL ends what git takes for a name. */
function squashed(name: string | undefined): string | undefined {
  return name === undefined ? undefined : upTo(name, /\0/).replace(/\/{2,}/g, "/");
}

function bare(name: string, strip: Strip): string | undefined {
  const start = prefixEnd(name, strip);
  return start === undefined ? undefined : upTo(name.slice(start), /\0/);
}

/** Where the name behind the prefix begins; an absolute path has none. */
function prefixEnd(name: string, strip: Strip): number | undefined {
  const slash = name.indexOf("/");
  if (slash === 0 || (strip === 1 && slash < 0)) return undefined;
  return strip === 0 ? 0 : slash + 1;
}

/** The text without a date at its end and the white space before that; undefined when there is none. */
function withoutTimestamp(value: string): string | undefined {
  const date = TIMESTAMP.exec(value);
  const before = value[(date?.index ?? 0) - 1];
  if (!date || (before !== "\t" && before !== " ")) return undefined;
  let end = date.index - 1;
  while (before === " " && value[end - 1] === " ") end--;
  return value.slice(0, end);
}

function upTo(text: string, end: RegExp): string {
  const at = text.search(end);
  return at < 0 ? text : text.slice(0, at);
}
