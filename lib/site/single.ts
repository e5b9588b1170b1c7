// Owns a site as one file: every page compressed in it, put in place by assets/single.js when the address names it.
import { createHash } from "node:crypto";
import { html, trusted } from "./html.ts";
import { frame, singleScript } from "./layout.ts";
import { compressed, withoutMarks } from "./packed.ts";

/** A page as layout.ts makes it, by its path in the site. */
export type SitePage = { readonly path: string; readonly text: string };

/** Pages are added one by one; `text` is the file. The same bytes for the same pages. */
export function singleFile() {
  const shared: string[] = [];
  const blocks: string[] = [];
  const numberOf = (text: string) => {
    const at = shared.indexOf(text);
    return at < 0 ? shared.push(text) - 1 : at;
  };
  return {
    add({ path, text }: SitePage): void {
      const { style, scripts, ...parts } = partsOf(text);
      const page = { ...parts, style: numberOf(style), scripts: scripts.map(numberOf) };
      const data = compressed(JSON.stringify(page));
      blocks.push(html`<template data-page="${path}">${data}</template>\n`.text);
    },
    text(): string {
      const data = html`<template id="shared">${compressed(JSON.stringify(shared))}</template>\n`;
      return frame({
        title: "Tandem",
        hashes: { styles: shared.map(hashOf), scripts: [...shared, singleScript()].map(hashOf) },
        body: html`<main id="main"><h1>Tandem</h1><p id="note"></p><noscript><p>This file holds a whole site, compressed: a browser with scripts shows it.</p></noscript></main>
${trusted(blocks.join(""))}${data}<script>${trusted(singleScript())}</script>\n`,
      });
    },
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

/** What differs between pages. Throws RangeError for a text that layout.ts did not make. */
function partsOf(text: string) {
  const title = /<title>([^<]*)<\/title>/.exec(text)?.[1];
  const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1];
  const opening = /<body(?: class="([^"]*)")?>/.exec(text);
  const end = text.lastIndexOf("</footer>\n") + "</footer>\n".length;
  if (title === undefined || style === undefined || opening === null)
    throw new RangeError("this is no page of a site");
  const scripts = [...text.slice(end).matchAll(/<script>([\s\S]*?)<\/script>/g)];
  return {
    title: unescaped(title),
    style,
    class: opening[1] ?? "",
    body: withoutMarks(text.slice(opening.index + opening[0].length, end)),
    scripts: scripts.map(([, code = ""]) => code),
  };
}

const SIGNS: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&amp;": "&",
};
function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (sign) => SIGNS[sign] ?? sign);
}
