// Owns the overview page: what was found, then its chapters, each a tab where scripts run.

import type { Findings } from "../report/findings.ts";
import { CHAPTERS, type Chapter } from "../report/part.ts";
import type { ArmedSite } from "./arms.ts";
import { type Html, html } from "./html.ts";
import { count, plural } from "./numbers.ts";
import { effortSection } from "./overview-effort.ts";
import { faultsSection, limitsSection } from "./overview-faults.ts";
import { gapSection } from "./overview-gap.ts";
import { provenanceSection } from "./overview-provenance.ts";
import { armsList, runsTable, type Section } from "./overview-runs.ts";
import { timelineFigure } from "./overview-timeline.ts";
import { messagesFigure, sectionsFigure } from "./overview-within.ts";
import { figure } from "./parts.ts";
import type { Kit } from "./plot.ts";
import { isLong, type MadePart, partSection } from "./report-parts.ts";

/** A report's parts and findings, as the site shows them. */
export type OverviewParts = {
  readonly made: readonly MadePart[];
  readonly findings: Findings;
  /** Work under way, in the live view. */
  readonly under_way?: Html | undefined;
};

/** What the page itself adds to a chapter: around the report's drawings, and after the first of them; tables come last. */
type Own = { readonly [Place in "before" | "amid" | "after"]?: readonly Html[] };

/** The overview's content. */
export async function overview(site: ArmedSite, kit: Kit, parts: OverviewParts): Promise<Html> {
  const { made, findings, under_way } = parts;
  const own: Readonly<Partial<Record<Chapter, Own>>> = {
    Results: { before: [runsSection(site)], amid: [await gapSection(findings)] },
    Merging: { after: [figure(kit, sectionsFigure(site))] },
    Talking: { before: [figure(kit, messagesFigure(site)), figure(kit, timelineFigure(site))] },
    Effort: { after: [section(effortSection(made)), section(limitsSection(site))] },
    Provenance: { before: [section(faultsSection(site)), section(provenanceSection(site))] },
  };
  const sections = (some: readonly MadePart[]) => some.map((one) => partSection(kit, one));
  const chapters = CHAPTERS.map((title) => {
    const { before = [], amid = [], after = [] } = own[title] ?? {};
    const ofReport = made.filter((one) => one.part.chapter === title);
    const drawn = ofReport.filter(({ part }) => part.chart !== undefined);
    const tables = ofReport.filter(({ part }) => part.chart === undefined);
    tables.sort((a, b) => Number(isLong(a.table)) - Number(isLong(b.table)));
    const [first, rest] = [sections(drawn.slice(0, 1)), sections(drawn.slice(1))];
    return { title, parts: [...before, ...first, ...amid, ...rest, ...after, ...sections(tables)] };
  });
  return html`<p class="scope">${scope(site)}</p>
<h1>${findings.headline}</h1>
${findingSection(findings)}
${under_way}${tabs(chapters)}`;
}

/** As links to sections where no script runs; assets/tabs.js makes them tabs. */
function tabs(chapters: readonly { readonly title: Chapter; readonly parts: readonly Html[] }[]) {
  const links = chapters.map(
    ({ title }) =>
      html`<li><a href="#${anchor(title)}" id="tab-${anchor(title)}">${title}</a></li>`,
  );
  const sections = chapters.map(
    ({ title, parts }) =>
      html`<section class="panel" id="${anchor(title)}" aria-labelledby="tab-${anchor(title)}"><h2>${title}</h2>${parts}</section>\n`,
  );
  return html`<nav class="tabs" aria-label="Chapters"><ul>${links}</ul></nav>
${sections}`;
}

function findingSection({ sentences, items, notes }: Findings): Html {
  const list = items.map((item) => html`<li>${item}</li>`);
  const shown = list.slice(0, MOST_ITEMS);
  const more = list.slice(MOST_ITEMS);
  const folded =
    more.length > 0 &&
    html`<details><summary>${plural(more.length, "more comparison")}</summary><ul>${more}</ul></details>`;
  return html`<div class="finding">${sentences.length > 0 && html`<p class="lead">${sentences.join(" ")}</p>`}${shown.length > 0 && html`<ul>${shown}</ul>`}${folded}${notes.length > 0 && html`<p class="notes">${notes.join(" ")}</p>`}</div>`;
}

/** Findings that are read at one glance. */
const MOST_ITEMS = 4;

function anchor(title: Chapter): string {
  return title.toLowerCase();
}

/** What was run, in one line. */
function scope({ rows, runs, arms, policy }: ArmedSite): Html {
  const all = arms === undefined ? runs : [...arms.values()].flat();
  const of = arms === undefined ? "" : ` of ${plural(arms.size, "arm")}`;
  const tasks = new Set(rows.map(({ repo, task_id }) => `${repo} ${task_id}`)).size;
  const repos = new Set(rows.map(({ repo }) => repo)).size;
  const where = `${plural(tasks, "task")} of ${repos === 1 ? "one repository" : `${count(repos)} repositories`}`;
  return html`${plural(rows.length, "attempt")} in ${plural(all.length, "run")}${of}${rows.length > 0 && `, at ${where}`}. Under the policy ${policy}.`;
}

function runsSection(site: ArmedSite): Html {
  return html`<section id="runs" aria-label="Runs">${runsTable(site)}${site.arms && armsList(site.arms)}</section>\n`;
}

function section({ id, title, body }: Section): Html {
  return html`<section class="part" id="${id}"><h3>${title}</h3><div>${body}</div></section>\n`;
}
