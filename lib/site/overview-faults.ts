// Owns the overview's tables of how agents' own work ended, and of open faults: equal ones in one line.
import type { SiteData } from "./data.ts";
import { html, joined } from "./html.ts";
import { link, OVERVIEW, PAIRS, pagePath, tableState } from "./links.ts";
import { count, moment, percent } from "./numbers.ts";
import type { Section } from "./overview-runs.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** How agents' own work ended, and where their patches came from. */
export function limitsSection({ agents, runs }: SiteData): Section {
  const kinds = Map.groupBy(agents, ({ run, agent }) =>
    JSON.stringify([
      run,
      agent.limit_reached === null ? agent.outcome : `limit of ${agent.limit_reached} reached`,
      agent.patch_source,
    ]),
  );
  const order = new Map(runs.map(({ name }, at) => [name, at]));
  const rows = [...kinds.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { agent, run } = first;
    return [
      [
        run,
        agent.limit_reached === null ? agent.outcome : `limit of ${agent.limit_reached} reached`,
        agent.patch_source,
        count(own.length),
      ],
    ];
  });
  rows.sort(
    (a, b) =>
      (order.get(a[0] ?? "") ?? 0) - (order.get(b[0] ?? "") ?? 0) ||
      (a[1] ?? "").localeCompare(b[1] ?? ""),
  );
  const body = table({
    caption: "Agents by the end of their own work",
    columns: [
      { title: "run" },
      { title: "ended" },
      { title: "patch from" },
      { title: "agents", number: true },
    ],
    rows,
  });
  return {
    id: "limits",
    title: "Limits and patches",
    body: html`${body}${sourceNote([SOURCES.agents, SOURCES.limitsQuery])}`,
  };
}

/** Faults that differ only in where and when they happened, as one: the first unit, how many, the last time. */
function equalFaults(faults: SiteData["faults"]) {
  const alike = Map.groupBy(faults, ({ step, code, message, hint }) =>
    JSON.stringify([step, code, message, hint]),
  );
  return [...alike.values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    const { unit, step, code, message, hint } = first;
    const last =
      own
        .map(({ happened_at }) => happened_at)
        .sort()
        .at(-1) ?? null;
    const units = new Set(own.map((one) => one.unit)).size;
    return [{ unit, units, times: own.length, step, code, message, hint, last }];
  });
}

/** The rows of the table of attempts that met a fault. */
const ALL_FAULTS = link(OVERVIEW, PAIRS, tableState({ outcome: "fault" }));

/** Open faults, with the effect that they could have. */
export function faultsSection({ faults, runs }: SiteData): Section {
  const bounds = runs.filter(({ rate }) => rate.faults > 0);
  const body =
    faults.length === 0
      ? html`<p>No fault is open: no failure of the laboratory affects these rates.</p>`
      : html`<p>A fault is the laboratory's failure: never scored, tried again on the next run. ${joined(
          bounds.map(
            ({ name, rate }) =>
              html`<b>${name}</b>: between ${percent(rate.rate_if_faults_fail)} (all faults failed) and ${percent(rate.rate_if_faults_pass)} (all passed).`,
          ),
          " ",
        )}</p>${table({
          caption: "Open faults, equal ones counted in one row",
          columns: [
            { title: "unit" },
            { title: "faults", number: true },
            { title: "step" },
            { title: "code" },
            { title: "what broke", words: true },
            { title: "what to do", words: true },
            { title: "last" },
          ],
          rows: equalFaults(faults).map(
            ({ unit, units, times, step, code, message, hint, last }) => [
              html`<a href="${link(OVERVIEW, pagePath(unit))}">${unit}</a>${units > 1 && html` <a href="${ALL_FAULTS}">and ${units - 1} more</a>`}`,
              count(times),
              step,
              code,
              message,
              hint,
              moment(last),
            ],
          ),
        })}`;
  return {
    id: "faults",
    title: "Faults",
    body: html`${body}${sourceNote([SOURCES.rate, SOURCES.faultsQuery])}`,
  };
}
