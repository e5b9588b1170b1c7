// Owns how messages name files, folders and globs, and which of the known files a name means. Pure.
import { isPath } from "../../labels/mentions.ts";

const LONGEST_NAME = 200;
/** Longer paths fit no glob, so that matching stays quick. */
const LONGEST_PATH = 1000;
/** After a path, as compilers and editors write it: `parser.py:12-30`, `parser.go#L12`. */
const PLACE = /(?::|#L)\d+(?:[:–-]L?\d+)?:?$/;
const BARE = /^(?:Makefile|Dockerfile|README|CHANGELOG|LICENSE|Justfile|Gemfile|Rakefile)$/;
const HAS_ENDING = /[^./]\.[a-z]\w{0,5}$/i;

/** The files that are known by their whole path, ready to be asked. */
export type KnownPaths = {
  readonly has: (path: string) => boolean;
  readonly byName: ReadonlyMap<string, readonly string[]>;
  readonly folders: ReadonlySet<string>;
};

export function knownPaths(paths: readonly string[]): KnownPaths {
  const all = new Set(paths);
  const byName = Map.groupBy(all, nameOf);
  for (const path of all)
    if (BARE.test(stemOf(path)))
      byName.set(stemOf(path), [...(byName.get(stemOf(path)) ?? []), path]);
  return { has: (path) => all.has(path), byName, folders: new Set([...all].flatMap(foldersOf)) };
}

/**
 * The paths that one word of a message names, as the repository spells them where exactly one known file ends like the word,
 * else as the word does; none where it names no file. `a.ts/b.ts` names two. Brackets and stars count as parts of names.
 */
export function pathsNamed(word: string, known: KnownPaths): readonly string[] {
  if (word.length > LONGEST_NAME || !/[./A-Z]/.test(word)) return [];
  const bare = trimmed(word);
  if (BARE.test(bare)) return (known.byName.get(bare) ?? []).slice(0, 1);
  const both = bare.split("/");
  if (both.length > 1 && !known.has(bare) && both.every((one) => HAS_ENDING.test(one)))
    return both.flatMap((one) => pathsNamed(one, known));
  if (known.has(bare) || known.folders.has(bare)) return [asFolder(bare, known)];
  if (!isPath(bare.replaceAll(/[*()[\]]/g, "x")) && !isGlob(bare)) return [];
  return [resolved(bare, known)];
}

/** Whether a path of a message means a file: the same, a folder above it, a glob that fits, or its last segments. */
export function isMeant(named: string, path: string): boolean {
  if (named === path || path.endsWith(`/${named}`)) return true;
  if (named.endsWith("/")) return path.startsWith(named) || path.includes(`/${named}`);
  return named.includes("*") && globFits(named, path);
}

/** The word as a path: without dots and signs around it, line numbers, `./`, and the sides of a diff. */
function trimmed(word: string): string {
  const name = word
    .replace(/'s$/, "")
    .replace(/^[.:!?@]{1,5}(?=[^./])/, "")
    .replace(/[.:!?]{1,5}$/, "")
    .replace(PLACE, "");
  return name.replace(/^(?:\.\/)+/, "");
}

function resolved(name: string, known: KnownPaths): string {
  if (name.includes("*") || name.endsWith("/")) return name;
  const same = known.byName.get(nameOf(name)) ?? [];
  // `/workspace/repo/src/a.ts` and `a/src/a.ts` of a diff are longer than what the repository has.
  const fitting = same.filter((path) => path.endsWith(`/${name}`) || name.endsWith(`/${path}`));
  return fitting.length === 1 ? (fitting[0] ?? name) : name;
}

function asFolder(name: string, known: KnownPaths): string {
  return known.folders.has(name) && !name.endsWith("/") && !known.has(name) ? `${name}/` : name;
}

function isGlob(name: string): boolean {
  return /^[\w@.+~*/-]+$/.test(name) && name.includes("*") && /[/.]/.test(name) && /\w/.test(name);
}

/** A star stays within a folder, two cross folders; braces are not known. In time of one length by the other. */
function globFits(glob: string, path: string): boolean {
  if (glob.length > LONGEST_NAME || path.length > LONGEST_PATH) return false;
  // A glob may begin below the root, as a path of a message may.
  const tokens = ["**/", ...(glob.match(/\*\*\/|\*+|[^*]/g) ?? [])];
  let at = reached(tokens, [0]);
  for (const character of path)
    at = reached(
      tokens,
      at.flatMap((place) => steps(tokens[place], character).map((by) => place + by)),
    );
  return at.includes(tokens.length);
}

/** How far a token gets with one more character. */
function steps(token: string | undefined, character: string): readonly number[] {
  if (token === character) return [1];
  if (token === "**/") return character === "/" ? [0, 1] : [0];
  return token?.startsWith("**") || (token === "*" && character !== "/") ? [0] : [];
}

/** These places, and those behind stars that stand for nothing; each once. */
function reached(tokens: readonly string[], places: readonly number[]): number[] {
  const all = new Set(places);
  for (const place of all) if (tokens[place]?.startsWith("*")) all.add(place + 1);
  return [...all];
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function stemOf(path: string): string {
  return nameOf(path).replace(/\.\w{1,6}$/, "");
}

function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.flatMap((_, at) => {
    const folder = parts.slice(0, at + 1).join("/");
    return [folder, `${folder}/`];
  });
}
