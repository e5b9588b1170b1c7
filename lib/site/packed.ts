// Owns packing the large parts of a page: compressed in its file, put in place by assets/page.js before other scripts read them.
import { type Html, html, trusted } from "./html.ts";

/** Escaped text holds no comment: nothing but {@link packed} writes these. */
const OPEN = "<!--packed-->";
const CLOSE = "<!--/packed-->";
/** Behind it the block stands, before the scripts. */
const END = "</footer>\n";
/** Below this, the block's own bytes are not worth it. Characters. */
const FEWEST = 6000;
/** Of libdeflate: level 6 takes twice the time for a tenth of the bytes. */
const LEVEL = 1;
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
  const [first = "", ...rest] = page.split(OPEN);
  const pieces = rest.map((piece) => piece.split(CLOSE));
  const parts = pieces.map(([part = ""]) => part);
  if (parts.reduce((sum, { length }) => sum + length, 0) < FEWEST) return withoutMarks(page);
  const body = [first, ...pieces.map(([, after = ""], n) => placeOf(n).text + after)].join("");
  const at = body.lastIndexOf(END) + END.length;
  return body.slice(0, at) + blockOf(parts) + body.slice(at);
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
  return `<template id="packed">${compressed(parts.join(BETWEEN))}</template>\n`;
}

/** Raw deflate in base64: what a browser's DecompressionStream reads. The same for the same text. */
export function compressed(text: string): string {
  const bytes = Bun.deflateSync(Buffer.from(text), { level: LEVEL, library: "libdeflate" });
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
}

/** The text with its parts as they are. */
export function withoutMarks(text: string): string {
  return text.replaceAll(OPEN, "").replaceAll(CLOSE, "");
}
