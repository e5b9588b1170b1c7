// Owns the page with the table of all attempts; assets/table.js sorts and filters it.
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { SiteData } from "./data.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, PAIRS, pagePath } from "./links.ts";
import { count, duration, plural, usd } from "./numbers.ts";
import { verdict } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

const COLUMNS = [
  { key: "run", title: "run" },
  { key: "repo", title: "repository" },
  { key: "task", title: "task", number: true },
  { key: "features", title: "features" },
  { key: "outcome", title: "outcome" },
  { key: "path", title: "path" },
  { key: "cause", title: "cause" },
  { key: "merge", title: "merge" },
  { key: "sections", title: "sections", number: true },
  { key: "messages", title: "messages", number: true },
  { key: "steps", title: "steps", number: true },
  { key: "cost", title: "cost", number: true },
  { key: "wall", title: "time", number: true },
] as const;

/**
 * The page's content. Without scripts it is the whole table; with them it sorts, filters and keeps its state after `#`.
 */
export function pairsPage(site: SiteData): Html {
  const { rows, policy } = site;
  const heads = COLUMNS.map(
    (column) =>
      html`<th scope="col" data-key="${column.key}"${"number" in column && html` class="num" data-number`}>${column.title}</th>`,
  );
  return html`<h1>Attempts</h1>
<p>${plural(rows.length, "attempt")}, a row each, under the policy <b>${policy}</b>. <span class="keys"><kbd>/</kbd> to filter, <kbd>↑</kbd> <kbd>↓</kbd> to move, <kbd>Enter</kbd> to open, <kbd>Esc</kbd> to clear.</span></p>
<form class="filters" role="search" aria-label="Filter the table" hidden>
<label>Filter <input type="search" name="q" autocomplete="off" spellcheck="false" placeholder="words of a row"></label>
${select(
  "run",
  "Run",
  unique(rows, ({ run }) => run),
)}
${select(
  "repo",
  "Repository",
  unique(rows, ({ repo }) => repo),
)}
${select("outcome", "Outcome", unique(rows, outcomeOf))}
${select(
  "path",
  "Path",
  unique(rows, ({ path }) => path ?? ""),
)}
${select(
  "merge",
  "Merge",
  unique(rows, ({ merge_status }) => merge_status ?? ""),
)}
<output id="shown" role="status">${plural(rows.length, "row")}</output>
</form>
<div class="scroll" tabindex="0" role="region" aria-label="Attempts"><table id="pairs"><caption>All attempts; the features open the attempt's page</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map((row) => line(site, row))}</tbody></table></div>
${sourceNote([SOURCES.outcomes, SOURCES.outcomesView, SOURCES.merges])}`;
}

/** How a row ended, as one value for filters. */
function outcomeOf({ fault, outcome }: OutcomeRow): string {
  if (fault !== null) return "fault";
  return outcome ?? "not scored";
}

function line({ merges }: SiteData, row: OutcomeRow): Html {
  const naive = merges.get(row.attempt_key)?.find(({ strategy }) => strategy === "naive");
  const sections = naive?.status === "conflicts" ? naive.sections : null;
  const tries = row.try > 1 ? ` ~${row.try}` : "";
  const first = Number.parseInt(row.features, 10);
  const sort = row.features.split(",").reduce((sum, feature) => sum * 1000 + Number(feature), 0);
  return html`<tr><td>${row.run}</td><td>${row.repo}</td><td class="num">${row.task_id}</td><th scope="row" data-v="${Number.isNaN(first) ? 0 : sort}"><a href="${link(PAIRS, pagePath(row.attempt_key))}">${row.features.replaceAll(",", " + ")}${tries}</a></th><td>${shownOutcome(row)}</td><td>${row.path}</td><td>${row.cause}</td><td>${row.merge_status}</td>${number(sections, count)}${number(row.messages, count)}${number(row.steps, count)}${number(row.cost_usd, usd)}${number(row.wall_ms, duration)}</tr>\n`;
}

function shownOutcome(row: OutcomeRow): Html {
  if (row.fault !== null)
    return html`<span class="verdict v-none">fault</span> <span class="tag">${row.fault}</span>`;
  return verdict(row.outcome, row.passed);
}

function number(value: number | null, write: (value: number) => string): Html {
  return value === null
    ? html`<td class="num">–</td>`
    : html`<td class="num" data-v="${value}">${write(value)}</td>`;
}

function unique(rows: readonly OutcomeRow[], of: (row: OutcomeRow) => string): string[] {
  return [...new Set(rows.map(of))].filter((value) => value !== "").sort();
}

function select(name: string, title: string, values: readonly string[]): Slot {
  const options = values.map((value) => html`<option value="${value}">${value}</option>`);
  return html`<label>${title} <select name="${name}"><option value="">all</option>${options}</select></label>`;
}
