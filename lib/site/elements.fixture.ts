// Owns reading written pages in tests: their elements as a parser of HTML sees them, and what is inside scripts and styles.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { unpackPage } from "./packed.ts";

export type Element = {
  readonly tag: string;
  readonly attributes: readonly (readonly [string, string])[];
};

/** All elements as a parser of HTML sees them, and the text of scripts and styles. */
export function elementsOf(text: string) {
  const elements: Element[] = [];
  const inline: { tag: string; text: string }[] = [];
  new HTMLRewriter()
    .on("*", {
      element: (found) =>
        void elements.push({
          tag: found.tagName,
          attributes: [...found.attributes].map(([name, value]) => [name, value] as const),
        }),
    })
    .on("script", {
      element: () => void inline.push({ tag: "script", text: "" }),
      text: (chunk) => add(inline, chunk.text),
    })
    .on("style", {
      element: () => void inline.push({ tag: "style", text: "" }),
      text: (chunk) => add(inline, chunk.text),
    })
    .transform(text);
  return { elements, inline };
}

function add(inline: { text: string }[], text: string): void {
  const last = inline.at(-1);
  if (last) last.text += text;
}

/** The text of all pages below a folder, by path, as a browser shows them. */
export function pagesBelow(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const pages = paths.filter((path) => path.endsWith(".html"));
  return new Map(pages.map((path) => [path, unpackPage(readFileSync(join(folder, path), "utf8"))]));
}

/** An attribute's value as a browser reads it. */
export function unescaped(value: string): string {
  const signs: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };
  return value.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => signs[name] ?? "");
}
