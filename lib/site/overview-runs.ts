// Owns the table of runs, and the list of those of an arm.

import { sumText } from "../core/money.ts";
import { costOf } from "../report/report.ts";
import type { ArmedSite } from "./arms.ts";
import { byStudy } from "./by-study.ts";
import type { RunData } from "./data.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, OVERVIEW, PAIRS, tableState } from "./links.ts";
import { count, percent, percentRange, plural, share, usd } from "./numbers.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** A part of the overview that is not a figure. */
export type Section = { readonly id: string; readonly title: string; readonly body: Html };

/** What each run is, and its numbers; those of a study under its name. */
export function runsTable(site: ArmedSite): Html {
  const { runs, policy, arms, studies } = site;
  const groups = byStudy(runs, ({ name }) => studies.get(name));
  const isStudied = groups.some(({ title }) => title !== undefined);
  const grouped = groups.map(({ title, runs: own }) => ({
    title: title === undefined ? "No study" : `Study ${title}`,
    rows: own.map((run) => line(run, arms)),
  }));
  if (runs.length === 0) return html`<p class="missing">No run has an attempt yet.</p>`;
  return html`${table({
    caption: `${arms === undefined ? "Runs" : "Runs by arm: those of one setting, agent and model together, each named where a figure says run"}, under the policy ${policy}`,
    columns: [
      { title: arms === undefined ? "run" : "arm" },
      { title: arms === undefined ? "who" : "runs" },
      { title: "attempts", number: true },
      { title: "passed", number: true, hint: "of the scored ones; a rate where these are many" },
      { title: "95 %", number: true, hint: "Wilson interval of the pass rate" },
      { title: "gold ceiling", number: true, hint: "merged reference patches of the same pairs" },
      { title: "conflicts", number: true, hint: "of the naive merges" },
      { title: "faults", number: true },
      { title: "pending", number: true },
      { title: "cost", number: true },
    ],
    rows: isStudied ? [] : runs.map((run) => line(run, arms)),
    groups: isStudied ? grouped : [],
  })}${sourceNote([SOURCES.rate, SOURCES.ceiling, SOURCES.conflictRate, SOURCES.scoreboard])}`;
}

function line(run: RunData, arms: ArmedSite["arms"]): Slot[] {
  const { rate, conflict } = run;
  return [
    arms === undefined ? runLink(run) : run.name,
    arms === undefined ? who(run) : runsOf(arms, run),
    count(run.rows.length),
    share(rate.passed, rate.attempted),
    percentRange(rate.wilson_low, rate.wilson_high),
    percent(run.ceiling),
    run.kind === "solo" ? "–" : share(conflict.conflicts, conflict.merged),
    ...[count(rate.faults), count(rate.pending)],
    run.run.model === null ? "–" : costText(run),
  ];
}

function runLink({ name }: RunData): Html {
  return html`<a href="${link(OVERVIEW, PAIRS, tableState({ run: name }))}">${name}</a>`;
}

/** The runs of arms that have several, folded: how many passed of those scored. */
export function armsList(arms: ReadonlyMap<string, readonly RunData[]>): Html | undefined {
  const several = [...arms].filter(([, runs]) => runs.length > 1);
  if (several.length === 0) return undefined;
  const lists = several.map(([arm, runs]) => {
    const items = runs.map(
      (run) => html`<li>${runLink(run)} ${run.rate.passed} of ${run.rate.attempted}</li>\n`,
    );
    return html`<dt>${arm}</dt><dd><ul>${items}</ul></dd>`;
  });
  return html`<details class="data"><summary>Runs of each arm</summary><dl class="arms">${lists}</dl></details>`;
}

/** The run itself where it is alone in its arm. */
function runsOf(arms: ReadonlyMap<string, readonly RunData[]>, { name }: RunData): Slot {
  const [first, ...more] = arms.get(name) ?? [];
  return first === undefined || more.length > 0 ? plural(more.length + 1, "run") : runLink(first);
}

function who({ run, kind }: RunData): Slot {
  return html`<span class="key k-${kind}"></span>${kind === "gold" ? "reference patches" : `${run.setting}, ${run.agent}${run.model === null ? "" : `, ${run.model}`}`}`;
}

function costText({ rows }: RunData): string {
  const { cost_usd: known, cost_unknown: unknown } = costOf(rows);
  return sumText({ known, unknown }, usd);
}
