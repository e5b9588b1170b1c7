// Owns the section that compares solo with coop: the comparisons of a report, of runs of one agent and model.
import { armsOf, comparisonLines, couplesOf } from "../report/compare.ts";
import type { PartContext } from "../report/context.ts";
import { differingPairs } from "../report/editions.ts";
import { tableOf } from "../report/part.ts";
import { loadPart } from "../report/parts/registry.ts";
import { type Html, html } from "./html.ts";
import type { Kit } from "./plot.ts";
import { partSection } from "./report-parts.ts";

/** Every solo run against every coop run of the same agent and model, on the pairs that both have scored. */
export async function gapSection(kit: Kit, { rows }: PartContext): Promise<Html> {
  const part = await loadPart("comparisons");
  const byRun = Map.groupBy(rows, ({ run }) => run);
  const isApart = (a: string, b: string) =>
    differingPairs(byRun.get(a) ?? [], byRun.get(b) ?? []).length > 0;
  const gaps = couplesOf(armsOf(rows)).filter(
    ({ comparison, a }) => comparison === "coordination gap" && a.model !== null,
  );
  const apart = gaps.filter(({ a, b }) => isApart(a.run, b.run));
  const lines = await comparisonLines(gaps.filter((couple) => !apart.includes(couple)));
  const titled = { ...part, label: "Coordination gap" };
  const table = tableOf(titled, lines);
  const missing =
    lines.length === 0 &&
    html`<p class="missing">Missing: a solo and a coop run of the same agent and model with pairs in common that are scored in both.</p>`;
  const names = apart.map(({ a, b }) => `${a.run} and ${b.run}`).join("; ");
  const unlike =
    apart.length > 0 &&
    html`<p class="missing">Not compared, because task files differ between their editions of the dataset: ${names}.</p>`;
  const shown = lines.length > 0 && partSection(kit, { part: titled, table, who: () => "coop" });
  return html`<section id="gap" aria-label="Coordination gap">${missing !== false && html`<h3>Coordination gap</h3>`}${missing}${shown}${unlike}</section>\n`;
}
