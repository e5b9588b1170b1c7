// Owns packing the large parts of a page: compressed in its file, put in place by assets/page.js before other scripts read them.
import { type Html, html, trusted } from "./html.ts";

/** Escaped text holds no comment: nothing but {@link packed} writes these. */
const OPEN = "<!--packed-->";
const CLOSE = "<!--/packed-->";
const PART = new RegExp(`${OPEN}([\\s\\S]*?)${CLOSE}`, "g");
/** Below this, the block's own bytes are not worth it. Characters. */
const FEWEST = 6000;
/** Of libdeflate: higher levels take twice the time for a twentieth of the bytes. */
const LEVEL = 6;
/** Between parts; {@link html} shows it by its code, so that no part holds it. */
const BETWEEN = "\0";
const BLOCK = /<template id="packed">([^<]*)<\/template>\n/;
const PLACE =
  /<noscript class="packed">[\s\S]*?<\/noscript><template data-packed="(\d+)"><\/template>/g;

/**
 * Marks a part of a page as large: in a file it is compressed, and the browser puts it in the same place, without an
 * element around it. It must be allowed where a paragraph is. Scripts that look into it do so inside `whenReady`.
 */
export function packed(part: Html): Html {
  return trusted(`${OPEN}${withoutMarks(part.text)}${CLOSE}`);
}

/** The page with all marked parts compressed in one block at its end; as it is when they are small. */
export function packPage(page: string): string {
  const parts = [...page.matchAll(PART)].map(([, part = ""]) => part);
  if (parts.reduce((sum, { length }) => sum + length, 0) < FEWEST) return withoutMarks(page);
  const at = page.lastIndexOf("</footer>");
  let n = 0;
  const body = page.slice(0, at).replace(PART, () => placeOf(n++).text);
  return `${body}</footer>\n${blockOf(parts)}${page.slice(at + "</footer>\n".length)}`;
}

/** The page as the browser shows it: the inverse of {@link packPage}. */
export function unpackPage(page: string): string {
  const block = BLOCK.exec(page);
  if (block === null) return page;
  const bytes = Bun.inflateSync(Buffer.from(block[1] ?? "", "base64"));
  const parts = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes).split(BETWEEN);
  return page.replace(BLOCK, "").replace(PLACE, (_, n: string) => parts[Number(n)] ?? "");
}

function placeOf(n: number): Html {
  return html`<noscript class="packed"><p class="missing">This part is compressed: a browser with scripts shows it.</p></noscript><template data-packed="${n}"></template>`;
}

function blockOf(parts: readonly string[]): string {
  const bytes = Bun.deflateSync(Buffer.from(parts.join(BETWEEN)), {
    level: LEVEL,
    library: "libdeflate",
  });
  return `<template id="packed">${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")}</template>\n`;
}

function withoutMarks(text: string): string {
  return text.replaceAll(OPEN, "").replaceAll(CLOSE, "");
}
