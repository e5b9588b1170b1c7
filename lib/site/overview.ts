// Owns the overview page: what was run, how it ended, and what the numbers rest on.

import { CHAPTERS, type Chapter } from "../report/part.ts";
import type { ArmedSite } from "./arms.ts";
import { type Html, html } from "./html.ts";
import { count, percent, percentRange, plural } from "./numbers.ts";
import { provenanceSection } from "./overview-provenance.ts";
import { armsList, runsTable, type Section } from "./overview-runs.ts";
import { spentFigure } from "./overview-spent.ts";
import { effortSection, faultsSection, limitsSection } from "./overview-tables.ts";
import { timelineFigure } from "./overview-timeline.ts";
import { messagesFigure, sectionsFigure } from "./overview-within.ts";
import { type Figure, figure } from "./parts.ts";
import type { Kit } from "./plot.ts";
import { type MadePart, partSection } from "./report-parts.ts";

/** A report's parts, as the site shows them. */
export type OverviewParts = {
  readonly made: readonly MadePart[];
  readonly gap: Html;
  /** Work under way, in the live view. */
  readonly under_way?: Html | undefined;
};

/** The overview's content. */
export async function overview(site: ArmedSite, kit: Kit, parts: OverviewParts): Promise<Html> {
  const own: Readonly<Partial<Record<Chapter, readonly Html[]>>> = {
    Results: [parts.gap],
    Merging: [part(kit, sectionsFigure(site))],
    Talking: [part(kit, messagesFigure(site)), part(kit, timelineFigure(site))],
    Effort: [
      part(kit, spentFigure(site)),
      section(effortSection(site)),
      section(limitsSection(site)),
    ],
  };
  const ofReport = CHAPTERS.map((title) => ({
    title,
    parts: [
      ...parts.made.filter((one) => one.part.chapter === title).map((one) => partSection(kit, one)),
      ...(own[title] ?? []),
    ],
  }));
  const chapters = [
    ...ofReport.filter((chapter) => chapter.parts.length > 0),
    {
      title: "What this rests on",
      parts: [section(faultsSection(site)), section(provenanceSection(site))],
    },
  ];
  const contents = chapters.map(
    ({ title }) => html`<li><a href="#${anchor(title)}">${title}</a></li>`,
  );
  const body = chapters.map(
    ({ title, parts }) =>
      html`<section id="${anchor(title)}" aria-label="${title}"><h2>${title}</h2>${parts}</section>\n`,
  );
  return html`<h1>${heading(site)}</h1>
<p class="lead">${lead(site)}</p>
<nav class="contents" aria-label="Contents"><ul>${contents}</ul></nav>
<section id="runs" aria-label="Runs">${runsTable(site)}${site.arms && armsList(site.arms)}</section>
${parts.under_way}${body}`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

function heading({ rows, runs, arms }: ArmedSite): string {
  const all = arms === undefined ? runs : [...arms.values()].flat();
  const of = arms === undefined ? "" : ` of ${plural(arms.size, "arm")}`;
  return `${plural(rows.length, "attempt")} in ${plural(all.length, "run")}${of}`;
}

/** What the runs show, in two or three sentences. */
function lead({ runs, rows, policy, arms }: ArmedSite): Html {
  const tasks = new Set(rows.map(({ repo, task_id }) => `${repo} ${task_id}`)).size;
  const repos = new Set(rows.map(({ repo }) => repo)).size;
  const said = runs
    .filter(({ rate }) => rate.attempted > 0)
    .map(
      ({ name, rate }) =>
        html`<b>${name}</b> passes ${percent(rate.rate)} (95 %: ${percentRange(rate.wilson_low, rate.wilson_high)}) of ${plural(rate.attempted, "pair")}`,
    );
  const sentence =
    said.length === 0
      ? html`No pair is evaluated yet.`
      : html`Under the policy ${policy}, ${said.map((one, at) => html`${at === 0 ? "" : at === said.length - 1 ? " and " : ", "}${one}`)}.`;
  return html`${plural(tasks, "task")} of ${repos === 1 ? "one repository" : `${count(repos)} repositories`}. ${said.length > 6 ? "" : sentence}${arms !== undefined && " Runs of one setting, agent and model are shown together as an arm: where a figure says run, it is an arm."}`;
}

function part(kit: Kit, shown: Figure): Html {
  return figure(kit, shown);
}

function section({ id, title, body }: Section): Html {
  return html`<section class="part" id="${id}"><h3>${title}</h3><div>${body}</div></section>\n`;
}
