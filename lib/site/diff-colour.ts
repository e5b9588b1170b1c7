// Owns syntax colours: which language a file is in by its name, and which stretches of a text have which colour.
import { createRequire } from "node:module";
import type { Emitter } from "highlight.js";
import hljs from "highlight.js/lib/core";

/** The colours that pages know, as classes of assets/diff.css. */
export type Colour = "ck" | "cs" | "cc" | "cn" | "cf" | "ct" | "ca" | "cm";
/** Stretches of a line, from its beginning to its end without a gap; `end` is where it ends, in UTF-16 units. */
export type Stretch = { readonly end: number; readonly colour: Colour | undefined };

/** More is not coloured: grammars are search patterns, and some take long over texts made to make them so. */
export const MOST_COLOURED = 24_000;
/** A longer line is data or made by a tool. */
const LONGEST_LINE = 400;

/**
 * By the name's ending, or by the whole name. Names of grammars are highlight.js's; those that take the square of a
 * text's length for texts made so (csharp, ini) are left out.
 */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ py: "python", pyi: "python", pyx: "python", js: "javascript", mjs: "javascript" },
  ...{ cjs: "javascript", jsx: "javascript", ts: "typescript", mts: "typescript" },
  ...{ cts: "typescript", tsx: "typescript", go: "go", rs: "rust", java: "java", kt: "kotlin" },
  ...{ c: "c", h: "c", cc: "cpp", cpp: "cpp", hpp: "cpp", rb: "ruby", php: "php" },
  ...{ swift: "swift", scala: "scala", lua: "lua", sql: "sql", sh: "bash", bash: "bash" },
  ...{ json: "json", yaml: "yaml", yml: "yaml" },
  ...{ css: "css", scss: "scss", html: "xml", xml: "xml", svg: "xml", vue: "xml", md: "markdown" },
  ...{ dockerfile: "dockerfile", makefile: "makefile", mk: "makefile" },
};

/** The name of the grammar for a file; undefined where none fits. */
export function languageOf(path: string | undefined): string | undefined {
  const name = path?.slice(path.lastIndexOf("/") + 1).toLowerCase() ?? "";
  const ending = name.slice(name.lastIndexOf(".") + 1);
  return Object.hasOwn(LANGUAGES, ending) ? LANGUAGES[ending] : undefined;
}

/** By the first part of the grammar's word for it; what is not here stays in the text's colour. */
const COLOURS: Readonly<Record<string, Colour>> = {
  ...{ keyword: "ck", literal: "cn", number: "cn", bullet: "cn", symbol: "cn" },
  ...{ string: "cs", regexp: "cs", char: "cs", code: "cs", link: "cs", formula: "cs" },
  ...{ comment: "cc", quote: "cc", doctag: "cc", title: "cf", section: "cf", function: "cf" },
  ...{ type: "ct", class: "ct", built_in: "ct", tag: "ct", name: "ct", attr: "ca" },
  ...{ attribute: "ca", property: "ca", variable: "ca", template: "ca", selector: "ca" },
  ...{ meta: "cm", operator: "cm" },
};

type Piece = { readonly text: string; readonly colour: Colour | undefined };

/** Collects what a grammar finds as pieces of the text itself, never as HTML. */
class Pieces implements Emitter {
  readonly all: Piece[] = [];
  private readonly open: (Colour | undefined)[] = [];
  private language: string | undefined;
  startScope(name: string): void {
    const word = /^[a-z_]+/.exec(name)?.[0] ?? "";
    this.open.push((Object.hasOwn(COLOURS, word) && COLOURS[word]) || this.open.at(-1));
  }
  endScope(): void {
    this.open.pop();
  }
  openNode(name: string): void {
    this.startScope(name);
  }
  closeNode(): void {
    this.endScope();
  }
  addText(text: string): void {
    if (text !== "") this.all.push({ text, colour: this.open.at(-1) });
  }
  __addSublanguage(other: Emitter, name: string): void {
    this.language = name;
    if (other instanceof Pieces) this.all.push(...other.all);
  }
  toHTML(): string {
    return this.language ?? "";
  }
  finalize(): void {
    this.open.length = 0;
  }
}

const load = createRequire(import.meta.url);
const core = hljs.newInstance();
core.configure({ __emitter: Pieces });

/** The colours of each line of a text; undefined where it is too long, or has no language. */
export function coloursOf(
  lines: readonly string[],
  language: string | undefined,
): readonly (readonly Stretch[])[] | undefined {
  if (language === undefined || lines.length === 0) return undefined;
  const text = lines.join("\n");
  if (text.length > MOST_COLOURED || lines.some(({ length }) => length > LONGEST_LINE))
    return undefined;
  return stretchesOf(piecesOf(text, language), lines.length);
}

function piecesOf(text: string, language: string): readonly Piece[] {
  if (core.getLanguage(language) === undefined)
    core.registerLanguage(language, load(`highlight.js/lib/languages/${language}`));
  const { _emitter } = core.highlight(text, { language, ignoreIllegals: true });
  return _emitter instanceof Pieces ? _emitter.all : [];
}

/** Pieces cut at line ends; neighbours of one colour become one. */
function stretchesOf(pieces: readonly Piece[], count: number): Stretch[][] {
  const lines: { end: number; colour: Colour | undefined }[][] = [[]];
  let at = 0;
  for (const { text, colour } of pieces)
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) {
        lines.push([]);
        at = 0;
      }
      if (part === "") continue;
      at += part.length;
      const last = lines.at(-1)?.at(-1);
      if (last !== undefined && last.colour === colour) last.end = at;
      else lines.at(-1)?.push({ end: at, colour });
    }
  return lines.length === count ? lines : [];
}
