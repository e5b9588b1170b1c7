// Owns the page of a pair: all its attempts, of which assets/side.js shows two next to each other.
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { isGold } from "../core/gold.ts";
import { fileDiff, type HunkMark } from "./diff-file.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, PAIRS, pagePath, tableState } from "./links.ts";
import { plural } from "./numbers.ts";
import { packed } from "./packed.ts";
import { patchesOf } from "./pair-merge.ts";
import { factsTable, type SideAttempt, sideName, talkRows } from "./side-facts.ts";
import {
  alignedFiles,
  type SideCell,
  type SideFile,
  type SidePatches,
  type SideRow,
  sidePatches,
} from "./side-files.ts";
import { alsoChangedBy } from "./side-overlap.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** Files are open initially unless they have more lines than this. */
const OPEN_LINES = 200;

export type SideOptions = {
  readonly ledger: Ledger;
  /** Where the page lies in the site. */
  readonly path: string;
  /** All attempts of the pair, two or more. */
  readonly rows: readonly OutcomeRow[];
};

/** `go_chi_task, task 26, features 1 + 2`. */
export function pairTitle({ repo, task_id, features }: OutcomeRow): string {
  return `${repo}, task ${task_id}, features ${features.replaceAll(",", " + ")}`;
}

/** The two to begin with: a coop attempt that failed and a solo one that passed, or that differ otherwise; else the first two. */
export function firstChoice(rows: readonly OutcomeRow[]): readonly [number, number] {
  const judged = rows.flatMap((row, at) =>
    row.passed === null || row.fault !== null || isGold(row) ? [] : [{ ...row, at }],
  );
  const of = (setting: OutcomeRow["setting"]) => judged.filter((row) => row.setting === setting);
  const differing = of("coop").flatMap((coop) =>
    of("solo").flatMap((solo) => (coop.passed === solo.passed ? [] : [{ coop, solo }])),
  );
  const found = differing.find(({ solo }) => solo.passed) ?? differing[0];
  return found === undefined ? [0, 1] : [found.coop.at, found.solo.at];
}

/** The content of the page of a pair. */
export function sidePage({ ledger, path, rows }: SideOptions): Html {
  const attempts = rows.map(
    (row): SideAttempt => ({ row, page: ledger.pages.work(row.attempt_key) }),
  );
  const patches = attempts.map(({ page }) =>
    page === undefined ? NO_PATCHES : sidePatches(page, patchesOf(ledger, page)),
  );
  const [a, b] = firstChoice(rows);
  const [first] = rows;
  const block = (id: string, title: string, body: Slot) =>
    html`<section class="block" id="${id}"><h2>${title}</h2>${body}</section>\n`;
  return html`${way(path, rows)}
<h1>${first === undefined ? "No attempt" : pairTitle(first)}</h1>
<div id="side" data-a="${a}" data-b="${b}">
<p>Two of ${plural(rows.length, "attempt")} of this pair, side by side; the address says which two.</p>
${choice(rows, { a, b })}
${block("facts", "Verdicts", html`${factsTable(attempts, path)}${sourceNote([SOURCES.outcomes, SOURCES.attempt])}`)}${block("talks", "Messages", html`<p id="talks-note" role="status"></p>${packed(talkRows(attempts, path))}${sourceNote([SOURCES.attempt])}`)}${block("files", "Patches by file", html`<p id="files-note" role="status"></p>${packed(filesHtml(patches, rows))}${sourceNote([SOURCES.attempt, SOURCES.overlaps])}`)}</div>`;
}

const NO_PATCHES: SidePatches = { handed: [], merged: undefined, changes: new Map() };

function way(path: string, rows: readonly OutcomeRow[]): Html {
  const links = rows.map(
    (row) => html`<a href="${link(path, pagePath(row.attempt_key))}">${sideName(row)}</a>`,
  );
  const [first] = rows;
  const all = tableState({
    repo: first?.repo ?? "",
    q: first?.features.replaceAll(",", " + ") ?? "",
  });
  return html`<nav class="way" aria-label="Attempts of this pair"><a href="${link(path, PAIRS, all)}">all attempts</a>${links}</nav>`;
}

function choice(rows: readonly OutcomeRow[], { a, b }: { a: number; b: number }): Html {
  const select = (id: string, title: string, chosen: number) =>
    html`<label>${title} <select id="${id}">${rows.map((row, at) => html`<option value="${row.attempt_key}"${at === chosen && html` selected`}>${sideName(row)}: ${row.fault === null ? (row.outcome ?? "not scored") : "fault"}</option>`)}</select></label>`;
  return html`<form class="filters" id="choice" aria-label="What is shown">${select("side-a", "Left", a)}${select("side-b", "Right", b)}<button type="button" id="swap">Swap sides</button><label>Patches <select id="side-show"><option value="handed">as handed in</option><option value="merged">as merged</option></select></label></form>`;
}

function filesHtml(patches: readonly SidePatches[], rows: readonly OutcomeRow[]): Html {
  const names = rows.map(sideName);
  return html`${alignedFiles(patches).map((row) => fileRow(row, { patches, names }))}`;
}

type Shown = { readonly patches: readonly SidePatches[]; readonly names: readonly string[] };

function fileRow({ path, cells }: SideRow, shown: Shown): Html {
  return html`<section class="file-row" data-row><h3><code>${path}</code> <span class="row-words"></span></h3><div class="pairing">${cells.map((cell) => cellHtml(path, cell, shown))}</div></section>\n`;
}

function cellHtml(path: string, { attempt, handed, merged }: SideCell, shown: Shown): Html {
  const part = (file: SideFile, kind: string) =>
    html`<div class="${kind}"><h4>${file.of.name}</h4>${fileHtml(file, { path, attempt, shown })}</div>`;
  const own = handed.map((file) =>
    part(file, file.as_merged ? "as-handed as-merged" : "as-handed"),
  );
  // What the merge does with the file as an agent did it, is there once.
  const made = handed.some(({ as_merged }) => as_merged)
    ? []
    : merged.map((file) => part(file, "as-merged"));
  const lost =
    handed.every(({ as_merged }) => !as_merged) &&
    merged.length === 0 &&
    html`<p class="missing as-merged">Not in the merge.</p>`;
  return html`<div class="cell" data-attempt="${attempt}"><p class="cell-name">${shown.names[attempt]}</p>${own}${made}${lost}</div>`;
}

function fileHtml(
  { of, number }: SideFile,
  { path, attempt, shown }: { path: string; attempt: number; shown: Shown },
): Slot {
  const text = of.patch.files[number];
  const hunks = of.lines[number]?.hunks ?? [];
  if (text === undefined) return null;
  const attempts = shown.patches.map(({ changes }) => changes);
  const hunkMark = (at: number): HunkMark | undefined => {
    const also = alsoChangedBy(hunks[at] ?? [], { path, own: attempt, attempts });
    return also.length === 0 ? undefined : { with: also.join(" "), words: ALSO };
  };
  const open = text.lines.length <= OPEN_LINES;
  const where = `the patch of ${of.name} in ${shown.names[attempt]}`;
  return fileDiff(text.file, { ...text, where, open, mark: null, hunkMark }).shown;
}

const ALSO = html`<span class="also">⚠ the other attempt changes lines here too</span>`;
