// Owns saying where a number comes from: the file, and the function, view or query in it.
import { type Html, html, joined } from "./html.ts";

/** A file of the project and what in it gives the numbers. A test holds that both exist. */
export type Source = { readonly file: string; readonly names?: readonly string[] };

export const SOURCES = {
  rate: { file: "lib/report/rate.ts", names: ["passRate", "wilson"] },
  report: { file: "lib/report/report.ts", names: ["makeReport"] },
  ceiling: { file: "lib/report/report.ts", names: ["goldVerdicts", "ceiling"] },
  merging: { file: "lib/report/report.ts", names: ["merging"] },
  outcomes: { file: "db/outcomes.ts", names: ["outcomeStore"] },
  outcomesView: { file: "db/views.sql", names: ["outcomes"] },
  scoreboard: { file: "db/queries/pass-rate-by-run.sql" },
  conflictQuery: { file: "db/queries/conflict-rate-by-repo.sql" },
  outcomesQuery: { file: "db/queries/outcomes-by-run.sql" },
  pathsQuery: { file: "db/queries/passes-by-path.sql" },
  goldQuery: { file: "db/queries/gold-ceiling.sql" },
  hardest: { file: "db/queries/hardest-pairs.sql" },
  faultsQuery: { file: "db/queries/open-faults.sql" },
  limitsQuery: { file: "db/queries/limits-reached.sql" },
  firstMessages: { file: "db/queries/first-messages.sql" },
  anatomy: { file: "lib/merge/anatomy.ts", names: ["anatomyOf"] },
  messageTimes: { file: "db/pages.ts", names: ["messageTimes"] },
  agents: { file: "db/pages.ts", names: ["agents"] },
  attempt: { file: "db/pages.ts", names: ["attempt"] },
  runs: { file: "db/runs.ts", names: ["runStore"] },
  environments: { file: "db/provenance.ts", names: ["environments"] },
  spread: { file: "lib/report/stats/quartiles.ts", names: ["spreadOf"] },
  clustered: { file: "lib/report/stats/compare.ts", names: ["armRates"] },
  compare: { file: "lib/report/stats/compare.ts", names: ["compareArms"] },
  holm: { file: "lib/report/stats/holm.ts", names: ["holm"] },
  retention: { file: "lib/report/stats/retention.ts", names: ["retentionReport"] },
  published: { file: "db/pages.ts", names: ["published"] },
  prices: { file: "db/provenance.ts", names: ["prices"] },
  conflictRate: { file: "lib/report/rate.ts", names: ["conflictRate"] },
  rateOf: { file: "lib/site/data.ts", names: ["rateOf"] },
  clock: { file: "lib/site/clock.ts", names: ["agentTimes"] },
  scores: { file: "lib/eval/policy.ts" },
  conflicts: { file: "lib/site/conflicts.ts", names: ["conflictTexts"] },
  suites: { file: "db/pages.ts", names: ["suites"] },
  merges: { file: "db/merges.ts", names: ["byAttempt"] },
} as const satisfies Record<string, Source>;

/** The footnote under a table or chart. */
export function sourceNote(sources: readonly Source[]): Html {
  return html`<p class="source">Source: ${joined(sources.map(oneSource), html`; `)}</p>`;
}

function oneSource({ file, names = [] }: Source): Html {
  const called = names.map((name) => html` <code class="source-name">${name}</code>`);
  return html`<code class="source-file">${file}</code>${called}`;
}
