// Owns the pages that every page leads to: one row per page, and which of them the reader is on.
import { type Html, html } from "./html.ts";
import { link, OVERVIEW, PAIRS } from "./links.ts";

type Entry = {
  readonly path: string;
  readonly title: string;
  /** A folder whose pages belong to it: they are reached from it. */
  readonly below?: string;
};

/** In the order in which they are shown. */
const ENTRIES: readonly Entry[] = [
  { path: OVERVIEW, title: "Overview" },
  { path: PAIRS, title: "Attempts", below: "pairs/" },
];

/** The links on top of the page at `path`; the page itself, or the one that it belongs to, is marked. */
export function navigation(path: string): Html {
  const links = ENTRIES.map(({ path: to, title, below }) => {
    const here = to === path ? "page" : below !== undefined && path.startsWith(below) && "true";
    return html`<a href="${link(path, to)}"${here && html` aria-current="${here}"`}>${title}</a>`;
  });
  return html`<span class="brand">Tandem</span>${links}`;
}
