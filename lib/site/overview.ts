// Owns the overview page: what was run, how it ended, and what the numbers rest on.

import type { ArmedSite } from "./arms.ts";
import { forest } from "./charts.ts";
import { type Html, html } from "./html.ts";
import { count, percent, percentRange, plural } from "./numbers.ts";
import { difficultyFigures } from "./overview-difficulty.ts";
import { causesFigure, endingsFigure } from "./overview-endings.ts";
import { provenanceSection } from "./overview-provenance.ts";
import { publishedSections } from "./overview-published.ts";
import { conflictFigure, rateFigure } from "./overview-rates.ts";
import { armsList, comparisonSection, runsTable, type Section } from "./overview-runs.ts";
import { spentFigure } from "./overview-spent.ts";
import { effortSection, faultsSection, limitsSection } from "./overview-tables.ts";
import { timelineFigure } from "./overview-timeline.ts";
import { messagesFigure, placesFigures, sectionsFigure } from "./overview-within.ts";
import { type Column, cutTable, type Figure, figure } from "./parts.ts";
import type { Kit } from "./plot.ts";
import { type Source, sourceNote } from "./source.ts";

/** A part that another module adds by data alone: words, a table, and rates to draw. */
export type ExtraSection = {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly sources: readonly Source[];
  readonly table?: {
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
  /** Proportions with bounds, a row each; null where they are not known. */
  readonly rates?: readonly {
    readonly label: string;
    readonly rate: number | null;
    readonly low: number | null;
    readonly high: number | null;
  }[];
};

/** The overview's content. */
export async function overview(
  site: ArmedSite,
  kit: Kit,
  extra: readonly ExtraSection[] = [],
): Promise<Html> {
  const chapters = [
    {
      title: "Results",
      parts: [
        part(kit, rateFigure(site)),
        ...(await publishedSections(site)).map(section),
        section(await comparisonSection(site)),
        part(kit, endingsFigure(site)),
        part(kit, causesFigure(site)),
        ...difficultyFigures(site).map((one) => part(kit, one)),
      ],
    },
    { title: "Merging", parts: [part(kit, conflictFigure(site)), part(kit, sectionsFigure(site))] },
    { title: "Talking", parts: [part(kit, messagesFigure(site)), part(kit, timelineFigure(site))] },
    {
      title: "Effort",
      parts: [
        part(kit, spentFigure(site)),
        section(effortSection(site)),
        section(limitsSection(site)),
      ],
    },
    { title: "Repositories and tasks", parts: placesFigures(site).map((one) => part(kit, one)) },
    ...(extra.length === 0
      ? []
      : [{ title: "Further measures", parts: extra.map((one) => extraPart(kit, one)) }]),
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
${body}`;
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(" ", "-");
}

function heading({ rows, runs, arms }: ArmedSite): string {
  const all = arms === undefined ? runs : [...arms.values()].flat();
  const of = arms === undefined ? "" : ` of ${plural(arms.size, "arm")}`;
  return `${plural(rows.length, "attempt")} in ${plural(all.length, "run")}${of}`;
}

/** What the runs say, in two or three sentences. */
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

function extraPart(
  kit: Kit,
  { id, title, lead: words, sources, table: shown, rates }: ExtraSection,
): Html {
  if (rates === undefined)
    return section({
      id,
      title,
      body: html`<p>${words}</p>${shown && cutTable({ caption: title, ...shown })}${sourceNote(sources)}`,
    });
  const rows = rates.map((one) => ({
    ...one,
    color: "var(--coop)",
    note: `${one.label}: ${percent(one.rate)} (${percentRange(one.low, one.high)})`,
  }));
  return figure(kit, {
    id,
    title,
    caption: words,
    sources,
    missing: rows.length === 0 ? "Nothing to show." : undefined,
    draw: (drawing, width) => [forest(drawing, rows, width)],
    data: shown ?? {
      columns: [
        { title: "what" },
        { title: "rate", number: true },
        { title: "95 %", number: true },
      ],
      rows: rates.map(({ label, rate, low, high }) => [
        label,
        percent(rate),
        percentRange(low, high),
      ]),
    },
  });
}
