// Owns the tables that compare runs: their rates side by side, and solo against coop on the same pairs.

import { sumText } from "../core/money.ts";
import { differingPairs } from "../report/editions.ts";
import { costOf, tryRow } from "../report/report.ts";
import { type ArmComparison, compareArms, holm } from "../report/stats/index.ts";
import type { ArmedSite } from "./arms.ts";
import type { RunData, SiteData } from "./data.ts";
import { type Html, html, type Slot } from "./html.ts";
import { link, OVERVIEW, PAIRS, tableState } from "./links.ts";
import { count, percent, percentRange, plural, usd } from "./numbers.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** A part of the overview that is no figure. */
export type Section = { readonly id: string; readonly title: string; readonly body: Html };

/** What each run is, and its numbers. */
export function runsTable({ runs, policy, arms }: ArmedSite): Html {
  return html`${table({
    caption: `${arms === undefined ? "Runs" : "Runs by arm, those of one setting, agent and model together"}, under the policy ${policy}`,
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

/** The runs of each arm, folded: how many passed of those that are scored. */
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

/** Every solo run against every coop run of the same agent and model. */
export async function comparisonSection({ runs }: SiteData): Promise<Section> {
  const solos = runs.filter(({ kind, run }) => kind === "solo" && run.model !== null);
  const pairs = solos.flatMap((solo) =>
    runs
      .filter(
        (coop) =>
          coop.kind === "coop" &&
          coop.run.agent === solo.run.agent &&
          coop.run.model === solo.run.model,
      )
      .map((coop) => ({ solo, coop })),
  );
  const isApart = ({ solo, coop }: (typeof pairs)[number]) =>
    differingPairs(solo.rows, coop.rows).length > 0;
  const apart = pairs.filter(isApart).map(({ solo, coop }) => `${solo.name} and ${coop.name}`);
  const compared = await Promise.all(
    pairs
      .filter((one) => !isApart(one))
      .map(async ({ solo, coop }) => ({
        solo,
        coop,
        ...(await compareArms(solo.rows.map(tryRow), coop.rows.map(tryRow))),
      })),
  );
  const known = compared.filter(({ pairs: common }) => common > 0);
  const adjusted = holm(known.map(({ by_task }) => by_task.sign_flip.p));
  const lines = known.map((one, at) => comparisonRow(one, adjusted[at] ?? null));
  const body =
    lines.length === 0
      ? html`<p class="missing">Missing: a solo and a coop run of the same agent and model with pairs in common that are scored in both.</p>`
      : table({
          caption: "Solo minus coop on the pairs scored in both, in percentage points",
          columns: [
            { title: "solo − coop" },
            { title: "pairs", number: true },
            { title: "solo", number: true },
            { title: "coop", number: true },
            { title: "gap", number: true },
            { title: "bootstrap 95 %", number: true, hint: "paired, tasks resampled" },
            { title: "sign-flip p", number: true, hint: "by task, two-sided" },
            { title: "p, Holm", number: true },
            { title: "McNemar p", number: true, hint: "exact, unclustered" },
            { title: "said", words: true },
          ],
          rows: lines,
        });
  return {
    id: "gap",
    title: "Coordination gap",
    body: html`${body}${apart.length > 0 && html`<p class="missing">Not compared, because task files differ between their editions of the dataset: ${apart.join("; ")}.</p>`}${sourceNote([SOURCES.compare, SOURCES.holm])}`,
  };
}

function comparisonRow(
  one: ArmComparison & { solo: RunData; coop: RunData },
  adjusted: number | null,
): Slot[] {
  const { low, high } = one.by_task.bootstrap;
  const interval =
    low === null || high === null
      ? (one.by_task.bootstrap.reason ?? "–")
      : `${points(low)} … ${points(high)}`;
  return [
    `${one.solo.name} − ${one.coop.name}`,
    count(one.pairs),
    percent(one.rate_a),
    percent(one.rate_b),
    points(one.difference),
    interval,
    pValue(one.by_task.sign_flip.p),
    pValue(adjusted),
    pValue(one.mcnemar.p),
    one.equivalence.verdict,
  ];
}

function points(share: number | null): string {
  if (share === null) return "–";
  const rounded = (100 * Math.abs(share)).toFixed(1);
  return `${share < 0 && rounded !== "0.0" ? "−" : ""}${rounded}`;
}

function pValue(p: number | null): string {
  if (p === null) return "–";
  return p < 0.001 ? "< .001" : p.toFixed(3).replace(/^0/, "");
}
