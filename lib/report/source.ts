// Owns where a report's numbers come from: the file, and the function, view or query in it.

/** A file of the project and what in it gives the numbers. A test holds that both exist. */
export type Source = { readonly file: string; readonly names?: readonly string[] };

export const SOURCES = {
  outcomes: { file: "db/outcomes.ts", names: ["outcomeStore"] },
  measures: { file: "db/measures.ts", names: ["measureStore"] },
  rate: { file: "lib/report/rate.ts", names: ["passRate", "wilson"] },
  conflictRate: { file: "lib/report/rate.ts", names: ["conflictRate"] },
  report: { file: "lib/report/report.ts", names: ["makeReport"] },
  ceiling: { file: "lib/report/report.ts", names: ["goldVerdicts", "ceiling"] },
  clustered: { file: "lib/report/stats/cluster.ts", names: ["clusteredInterval"] },
  spread: { file: "lib/report/stats/quartiles.ts", names: ["spreadOf"] },
  anatomy: { file: "lib/merge/anatomy.ts", names: ["anatomyOf"] },
  causes: { file: "lib/eval/policy.ts", names: ["causeOf", "pathOf"] },
  retention: { file: "lib/report/stats/retention.ts", names: ["retentionReport"] },
  published: { file: "db/pages.ts", names: ["published"] },
} as const satisfies Record<string, Source>;
