// Owns the parts that pages are made of: figures, tables, lists of facts, texts of verdicts.
import { Html, html, type Slot } from "./html.ts";
import type { Kit } from "./plot.ts";
import { type Source, sourceNote } from "./source.ts";

export const WIDE = 760;
export const NARROW = 344;

/** A column of a table. */
export type Column = {
  readonly title: string;
  readonly number?: boolean;
  readonly hint?: string;
  readonly words?: boolean;
};
export type TableOptions = {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Slot[])[];
  readonly id?: string;
  /** Rows of a group have a head of their own: its title and its rows, in this order; `rows` then has none of them. */
  readonly groups?: readonly {
    readonly title: Slot;
    readonly rows: readonly (readonly Slot[])[];
  }[];
};

/** A table with a caption; its first column heads the rows. It scrolls by itself where it is too wide. */
export function table({ caption, columns, rows, id, groups = [] }: TableOptions): Html {
  const heads = columns.map(
    ({ title, number, hint }) =>
      html`<th scope="col"${number && html` class="num"`}${hint !== undefined && html` title="${hint}"`}>${title}</th>`,
  );
  const lineOf = (cells: readonly Slot[]) => {
    const line = cells.map((cell, at) => {
      if (at === 0) return html`<th scope="row">${cell}</th>`;
      if (columns[at]?.number) return html`<td class="num">${cell}</td>`;
      return columns[at]?.words ? html`<td class="words">${cell}</td>` : html`<td>${cell}</td>`;
    });
    return html`<tr>${line}</tr>\n`;
  };
  const grouped = groups.map(
    (
      group,
    ) => html`<tbody><tr class="group"><th scope="rowgroup" colspan="${columns.length}">${group.title}</th></tr>
${group.rows.map(lineOf)}</tbody>`,
  );
  return html`<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table${id !== undefined && html` id="${id}"`}><caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
${(rows.length > 0 || groups.length === 0) && html`<tbody>${rows.map(lineOf)}</tbody>`}${grouped}</table></div>`;
}

/** Rows of a table of numbers: the rest is only in a file. */
const MOST_ROWS = 80;

/** A table of numbers that may be very long: then only its beginning, and where all of it is. */
export function cutTable({ rows, ...about }: TableOptions): Html {
  const more = rows.length - MOST_ROWS;
  return html`${table({ ...about, rows: rows.slice(0, MOST_ROWS) })}${more > 0 && html`<p>and ${more} more rows: <code>report --parts all --format csv -o folder/</code> has them all.</p>`}`;
}

/** A figure: what it shows, drawn for a wide and for a narrow page, the same as a table, and where it comes from. */
export type Figure = {
  readonly id: string;
  readonly title: string;
  /** How to read the drawing. */
  readonly caption: Slot;
  /** What else must be known of the numbers, in sentences; behind the sign. */
  readonly notes?: readonly string[];
  readonly sources: readonly Source[];
  readonly legend?: Html | undefined;
  /** The drawings, one below another; none when there is nothing to draw. */
  readonly draw: (kit: Kit, width: number) => readonly Html[];
  readonly data: {
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly Slot[])[];
  };
  /** Why there is nothing to draw. */
  readonly missing?: string | undefined;
};

export function figure(kit: Kit, shown: Figure): Html {
  const { id, title, caption, sources, legend, data, notes } = shown;
  const drawn = shown.missing === undefined ? drawnOnce(kit, shown) : undefined;
  const missing = drawn === TOO_LARGE && data.rows.length > 0 ? TOO_LARGE : shown.missing;
  const drawings =
    missing === undefined && drawn instanceof Html
      ? drawn
      : html`<p class="missing">${missing}</p>`;
  const numbers =
    data.rows.length > 0 &&
    html`<details class="data"${missing === TOO_LARGE && html` open`}><summary>Numbers</summary>${cutTable({ caption: title, ...data })}</details>`;
  return html`<figure id="${id}"><figcaption><h3>${title}</h3>${missing === undefined && html`<p>${caption}</p>${legend}`}</figcaption>
<div class="drawing">${drawings}<div class="folds">${numbers}${sourceNote(sources, notesText(notes))}</div></div></figure>\n`;
}

/** Sentences as a paragraph. */
export function notesText(notes: readonly string[] = []): Html | undefined {
  return notes.length === 0 ? undefined : html`<p>${notes.join(" ")}</p>`;
}

/** Characters of a drawing: beyond it no one can tell its parts apart, and the page grows too large. */
const MOST_DRAWN = 100_000;
/** A larger drawing is made for one width only, and scrolls where there is less room. */
const MOST_DRAWN_TWICE = 30_000;
const TOO_LARGE = "There is too much to draw: here it is as a table.";

function drawnOnce(kit: Kit, { draw, title }: Figure): Html | typeof TOO_LARGE {
  const wide = html`${draw(kit, WIDE)}`;
  if (wide.text.length > MOST_DRAWN) return TOO_LARGE;
  if (wide.text.length > MOST_DRAWN_TWICE)
    return html`<div class="once" tabindex="0" role="group" aria-label="${title}">${wide}</div>`;
  return html`<div class="wide">${wide}</div><div class="narrow">${draw(kit, NARROW)}</div>`;
}

/** Colours by their class, with their labels. */
export function legendOf(
  entries: readonly { readonly key: string; readonly label: string }[],
): Html {
  const items = entries.map(
    ({ key, label }) => html`<li><span class="key k-${key}"></span>${label}</li>`,
  );
  return html`<ul class="legend">${items}</ul>`;
}

/** Facts as pairs of a name and its value; empty ones are left out. */
export function facts(entries: readonly (readonly [string, Slot])[]): Html {
  const shown = entries.filter(
    ([, value]) => value !== null && value !== undefined && value !== false && value !== "",
  );
  return html`<dl class="facts">${shown.map(([word, value]) => html`<div><dt>${word}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** An outcome, as a word in its colour: never by colour alone. */
export function verdict(outcome: string | null, passed?: boolean | null): Html {
  const kind =
    passed === true || outcome === "passed"
      ? "pass"
      : outcome === "conflict" || outcome === "conflicts"
        ? "warn"
        : "fail";
  if (outcome === null) return html`<span class="verdict v-none">not scored</span>`;
  return html`<span class="verdict v-${kind}">${outcome}</span>`;
}

/** A neutral word in a box. */
export function tag(word: string): Html {
  return html`<span class="tag">${word}</span>`;
}

/** Text with its middle left out, as preformatted text; `where` says where all of it is. */
export function pre(clipped: { head: string; omitted: number; tail: string }, where: string): Html {
  if (clipped.omitted === 0) return html`<pre tabindex="0">${clipped.head}</pre>`;
  return html`<pre tabindex="0">${clipped.head}<span class="omitted">\n⋯ ${clipped.omitted} characters left out here; all of it is in ${where} ⋯\n</span>${clipped.tail}</pre>`;
}
