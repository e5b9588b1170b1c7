// Owns saying where a number comes from: the file, and the function, view or query in it.
import { SOURCES as REPORT, type Source } from "../report/source.ts";
import { type Html, html, joined } from "./html.ts";

export type { Source };

export const SOURCES = {
  ...REPORT,
  outcomesView: { file: "db/views.sql", names: ["outcomes"] },
  scoreboard: { file: "db/queries/pass-rate-by-run.sql" },
  faultsQuery: { file: "db/queries/open-faults.sql" },
  limitsQuery: { file: "db/queries/limits-reached.sql" },
  firstMessages: { file: "db/queries/first-messages.sql" },
  messageTimes: { file: "db/pages.ts", names: ["messageTimes"] },
  agents: { file: "db/pages.ts", names: ["agents"] },
  attempt: { file: "db/pages.ts", names: ["attempt"] },
  runs: { file: "db/runs.ts", names: ["runStore"] },
  environments: { file: "db/provenance.ts", names: ["environments"] },
  prices: { file: "db/provenance.ts", names: ["prices"] },
  clock: { file: "lib/site/clock.ts", names: ["agentTimes"] },
  scores: { file: "lib/eval/policy.ts" },
  conflicts: { file: "lib/site/conflicts.ts", names: ["conflictTexts"] },
  requests: { file: "lib/control/show.ts", names: ["lastRequests"] },
  underWay: { file: "lib/attempt/followed.ts", names: ["readSteps"] },
  annotations: { file: "db/annotations.ts", names: ["annotationStore"] },
  processes: { file: "lib/status/status.ts", names: ["readStatus"] },
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
