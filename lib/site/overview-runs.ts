// Owns the table of runs, and the list of those of an arm.

import { sumText } from "../core/money.ts";
import { costOf } from "../report/report.ts";
import type { ArmedSite } from "./arms.ts";
import type { RunData } from "./data.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, OVERVIEW, PAIRS, tableState } from "./links.ts";
import { count, percent, percentRange, plural, usd } from "./numbers.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** A part of the overview that is not a figure. */
export type Section = { readonly id: string; readonly title: string; readonly body: Html };

/** What each run is, and its numbers. */
export function runsTable({ runs, policy, arms }: ArmedSite): Html {
  return html`${table({
    caption: `${arms === undefined ? "Runs" : "Runs by arm: those of one setting, agent and model together"}, under the policy ${policy}`,
    columns: [
      { title: arms === undefined ? "run" : "arm" },
      { title: "who" },
      { title: "attempts", number: true },
      { title: "passed", number: true },
      { title: "pass rate", number: true },
      { title: "95 %", number: true, hint: "Wilson interval" },
      { title: "gold ceiling", number: true },
      { title: "conflict rate", number: true },
      { title: "faults", number: true },
      { title: "pending", number: true },
      { title: "cost", number: true },
    ],
    rows: runs.map((run) => [
      arms === undefined ? runLink(run) : run.name,
      arms === undefined ? who(run) : plural(arms.get(run.name)?.length ?? 0, "run"),
      count(run.rows.length),
      count(run.rate.passed),
      percent(run.rate.rate),
      percentRange(run.rate.wilson_low, run.rate.wilson_high),
      percent(run.ceiling),
      run.kind === "solo" ? "–" : percent(run.conflict.rate),
      count(run.rate.faults),
      count(run.rate.pending),
      run.run.model === null ? "–" : costText(run),
    ]),
  })}${sourceNote([SOURCES.rate, SOURCES.ceiling, SOURCES.conflictRate, SOURCES.scoreboard])}`;
}

function runLink({ name }: RunData): Html {
  return html`<a href="${link(OVERVIEW, PAIRS, tableState({ run: name }))}">${name}</a>`;
}

/** The runs of each arm, folded: how many passed of those scored. */
export function armsList(arms: ReadonlyMap<string, readonly RunData[]>): Html {
  const lists = [...arms].map(([arm, runs]) => {
    const items = runs.map(
      (run) => html`<li>${runLink(run)} ${run.rate.passed}/${run.rate.attempted}</li>\n`,
    );
    return html`<details><summary>${arm}: ${plural(runs.length, "run")}</summary><ul>${items}</ul></details>`;
  });
  return html`${lists}`;
}

function who({ run, kind }: RunData): Slot {
  return html`<span class="key k-${kind}"></span>${kind === "gold" ? "reference patches" : `${run.setting}, ${run.agent}${run.model === null ? "" : `, ${run.model}`}`}`;
}

function costText({ rows }: RunData): string {
  const { cost_usd: known, cost_unknown: unknown } = costOf(rows);
  return sumText({ known, unknown }, usd);
}
