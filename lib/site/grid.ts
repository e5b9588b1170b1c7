// Owns the page with the grid of pairs and arms: its heads, its filters and its data; assets/grid.js makes the rows.
import type { Ledger } from "../../db/ledger.ts";
import { CAUSES } from "../core/vocabulary.ts";
import type { ArmedSite } from "./arms.ts";
import { byStudy } from "./by-study.ts";
import type { RunData } from "./data.ts";
import { gridData } from "./grid-data.ts";
import type { PackedGrid } from "./grid-form.ts";
import type { SORTS } from "./grid-rules.ts";
import { type Html, html, type Slot, trusted } from "./html.ts";
import { GRID, link, PAIRS, tableState } from "./links.ts";
import { count, percent, percentRange, plural } from "./numbers.ts";
import { packed } from "./packed.ts";
import { SOURCES, sourceNote } from "./source.ts";

const READING = html`<p>In brackets: the 95 % Wilson interval. Comparisons of arms, and the filters for causes, conflicts and messages, look at the columns shown, without those of reference patches. Coop is compared with solo of the same agent and model where there is such a column, otherwise with every solo column.</p>`;

/** The page's content. Its rows are made by a script; without scripts it leads to the table of attempts. */
export function gridPage(ledger: Ledger, site: ArmedSite): Html {
  const data = gridData(ledger, site);
  const graded = data.pairs.some(([, , , , difficulty]) => difficulty !== -1);
  return html`<h1>Grid</h1>
<p>${plural(data.pairs.length, "pair")} in rows, ${plural(data.arms.length, "arm")} in columns, under the policy <b>${site.policy}</b>. A cell says what the attempt found, why, and its cost; it opens the attempt. Two marked cells of a row open side by side.</p>
<noscript><p>The rows of this page are made by its script. <a href="${link(GRID, PAIRS)}">The table of attempts</a> has the same verdicts without scripts.</p></noscript>
<form class="filters" id="filters" role="search" aria-label="Filter the grid" hidden>
<label>Filter <input type="search" name="q" autocomplete="off" spellcheck="false" placeholder="words of a row"></label>
${choices(data)}
${columnsChoice(site)}
<button type="button" id="clear">Clear filters</button>
<output id="shown" role="status"></output>
</form>
<p class="keys"><kbd>/</kbd> to filter, arrow keys to move, <kbd>Enter</kbd> to open, <kbd>x</kbd> to mark, <kbd>Esc</kbd> to clear.</p>
<div class="gridbox" id="box" tabindex="0" role="region" aria-label="Pairs and arms"><table id="grid" role="grid" aria-label="Pairs and arms"><caption>Verdicts of pairs by arm. Faults, and attempts without a verdict, are not counted in rates.</caption>
<thead><tr><th scope="col" class="pair">pair</th>${graded && html`<th scope="col" class="num" data-difficulty title="share of solo tries that failed, from 0 (easiest pair) to 1 (hardest)">difficulty</th>`}${site.runs.map((run, arm) => head(run, arm, site))}</tr></thead>
<tbody></tbody></table><div id="end"></div></div>
<p class="marked" id="marked" role="status" hidden></p>
${sourceNote([SOURCES.outcomes, SOURCES.rate, SOURCES.touched, SOURCES.difficulty], READING)}
${packed(html`<script type="application/json" id="grid-data">${trusted(jsonInHtml(data))}</script>`)}`;
}

/** JSON that no parser of HTML can end or begin anything in. */
function jsonInHtml(data: PackedGrid): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}

function head({ name, kind, rate }: RunData, arm: number, { arms, studies }: ArmedSite): Html {
  const runs = arms?.get(name)?.length;
  const title =
    runs === undefined
      ? html`<a href="${link(GRID, PAIRS, tableState({ run: name }))}">${name}</a>`
      : html`${name} <span class="size">${plural(runs, "run")}</span>`;
  const left_out = [
    rate.faults > 0 && plural(rate.faults, "fault"),
    rate.pending > 0 && `${count(rate.pending)} not scored`,
  ].filter((part) => part !== false);
  return html`<th scope="col" data-arm="${arm}"><span class="arm"><span class="key k-${kind}"></span>${title}${kind === "gold" && html` <span class="tag">reference patches</span>`}</span>${studies.has(name) && html`<span class="of">study ${studies.get(name)}</span>`}
<span class="rate" title="pass rate with its 95 % Wilson interval"><b>${percent(rate.rate)}</b>${rate.rate !== null && html` (${percentRange(rate.wilson_low, rate.wilson_high)})`}</span>
<span class="of">${count(rate.passed)} of ${count(rate.attempted)} passed${left_out.length > 0 && html`<br>not counted: ${left_out.join(", ")}`}</span>
<span class="among"></span></th>`;
}

function choices({ arms, pairs, words }: PackedGrid): Html {
  const kinds = new Set(arms.map(({ kind }) => kind));
  const attempts = pairs.flatMap(([, , , , , , own]) => own);
  const causes = new Set(attempts.flatMap(([, , , ending, , why]) => (ending === 1 ? why : [])));
  const repos = [...new Set(pairs.map(([, repo]) => words[repo] ?? ""))].sort();
  return html`<fieldset><legend>Only where</legend>${check("differ", "verdicts differ", "arms do not have the same verdict")}${
    kinds.has("coop") &&
    kinds.has("solo") &&
    html`${check("coop-lost", "coop lost", "a coop arm failed what solo passed")}${check("solo-lost", "solo lost", "a solo arm failed what coop passed")}`
  }</fieldset>
${select("repo", "Repository", repos)}
${select(
  "cause",
  "Cause",
  CAUSES.filter((cause) => causes.has(words.indexOf(cause))),
)}
<label>File <input type="search" name="file" list="files" autocomplete="off" spellcheck="false" placeholder="touched by a patch"></label>
<datalist id="files"></datalist>
${select("conflict", "Conflict", ["yes", "no"])}
${select("messages", "Messages", ["sent", "none"])}
${sorting(pairs.some(([, , , , difficulty]) => difficulty !== -1))}`;
}

function check(name: string, label: string, meaning: string): Html {
  return html`<label class="check" title="${meaning}"><input type="checkbox" name="${name}" value="yes"> ${label}</label>`;
}

function select(name: string, title: string, values: readonly string[]): Slot {
  const options = values.map((value) => html`<option value="${value}">${value}</option>`);
  return html`<label>${title} <select name="${name}"><option value="">all</option>${options}</select></label>`;
}

const ORDERS: Readonly<Record<keyof typeof SORTS, string>> = {
  repo: "repository",
  pair: "task and features",
  hardest: "hardest first",
  easiest: "easiest first",
  fewest: "fewest passes first",
  most: "most passes first",
};

function sorting(graded: boolean): Html {
  const options = Object.entries(ORDERS).filter(
    ([name]) => graded || (name !== "hardest" && name !== "easiest"),
  );
  return html`<label>Order <select name="sort">${options.map(([name, title]) => html`<option value="${name === "repo" ? "" : name}">${title}</option>`)}</select></label>`;
}

/** Which columns are shown, by study where there are studies. */
function columnsChoice({ runs, studies }: ArmedSite): Slot {
  if (runs.length < 2) return false;
  const groups = byStudy(runs, ({ name }) => studies.get(name)).map(({ title, runs: own }) => {
    const boxes = own.map(
      ({ name }) =>
        html`<label class="check"><input type="checkbox" name="arm" value="${name}"> ${name}</label>`,
    );
    return html`<fieldset><legend>${title === undefined ? "Arms" : `Arms of the study ${title}`}</legend>${boxes}</fieldset>`;
  });
  return html`<details class="columns"><summary>Columns</summary>${groups}</details>`;
}
