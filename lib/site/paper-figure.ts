// Owns a chart as a drawing that stands alone, for papers: light colours, its legend, one font, nothing of the page around it.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { once } from "../core/once.ts";
import type { Html } from "./html.ts";

/** The font of a PDF, whose widths place nothing: other fonts do as well. */
export const FONT = "DejaVu Sans";
const FONTS = `${FONT}, Verdana, Helvetica, Arial, sans-serif`;
const FONT_SIZE = 10;
const LEGEND = { row: 18, square: 10, gap: 22, character: 6, left: 8 };

/** Light colours of assets/colours.css by name; a paper's paper is white. */
const colours = once((): ReadonlyMap<string, string> => {
  const css = readFileSync(join(import.meta.dir, "assets/colours.css"), "utf8");
  const found = css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}),/g);
  return new Map(
    [...found].map(([, name = "", hex = ""]) => [name, name === "paper" ? "#ffffff" : hex]),
  );
});

/** The drawing as an SVG document; `legend` is the page's list of colours. The same bytes for the same drawing. */
export function paperSvg(drawing: Html, legend: Html | undefined): string {
  const text = drawing.text;
  const number = (name: string) => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(text)?.[1] ?? 0);
  const [width, height] = [number("width"), number("height")];
  const keys = legendRows(legend, width);
  const rows = keys.length * LEGEND.row;
  const label = / aria-label="([^"]*)"/.exec(text)?.[1] ?? "";
  const inner = text.slice(text.indexOf(">") + 1, text.lastIndexOf("</svg>"));
  const head = `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" width="${width}" height="${height + rows}" viewBox="0 0 ${width} ${height + rows}" font-family="${FONTS}" font-size="${FONT_SIZE}" text-anchor="middle" fill="currentColor">`;
  const body = `${keys.join("")}<g transform="translate(0,${rows})">${inner}</g>`;
  return `${coloured(`${head}${plainText(body)}`)}</svg>\n`;
}

/** Halos around words are for pages, where words stand on lines: not every program draws them behind the words. */
function plainText(svg: string): string {
  return svg.replace(/<g [^>]*paint-order="stroke"[^>]*>/g, (tag) =>
    tag.replace(/ (?:paint-order|stroke|stroke-width|stroke-linejoin)="[^"]*"/g, ""),
  );
}

function coloured(svg: string): string {
  return svg
    .replace(/<g [^>]*class="grid"[^>]*>/g, (tag) =>
      tag
        .replace("currentColor", "var(--rule)")
        .replace(/stroke-opacity="[^"]*"/, 'stroke-opacity="1"'),
    )
    .replaceAll(/ class="[^"]*"/g, "")
    .replaceAll("currentColor", "var(--soft)")
    .replace(/var\(--([\w-]+)\)/g, (_, name: string) => colours().get(name) ?? "#000000");
}

/** Squares with their words, in as many rows as they need. */
function legendRows(legend: Html | undefined, width: number): string[] {
  const found = legend?.text.matchAll(/<span class="key k-([\w-]+)"><\/span>([^<]*)<\/li>/g) ?? [];
  const rows: string[] = [];
  let at = LEGEND.left;
  for (const [, key = "", words = ""] of found) {
    const wide = LEGEND.square + 5 + words.length * LEGEND.character + LEGEND.gap;
    if (rows.length === 0 || at + wide > width) {
      rows.push("");
      at = LEGEND.left;
    }
    const top = (rows.length - 1) * LEGEND.row + 4;
    const colour = colours().has(`k-${key}`) ? `k-${key}` : key;
    rows[rows.length - 1] +=
      `<rect x="${at}" y="${top}" width="${LEGEND.square}" height="${LEGEND.square}" fill="var(--${colour})"/><text x="${at + LEGEND.square + 5}" y="${top + 9}" text-anchor="start" fill="var(--ink)">${words}</text>`;
    at += wide;
  }
  return rows;
}
