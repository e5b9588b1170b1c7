// Owns where a report's numbers come from: the file, and the function, view or query in it.

/** A file of the project and what in it gives the numbers. A test holds that both exist. */
export type Source = {
  readonly file: string;
  readonly names?: readonly string[];
  /** What is done there, in a sentence for people who do not read code. */
  readonly meaning?: string;
};

export const SOURCES = {
  outcomes: {
    file: "db/outcomes.ts",
    names: ["outcomeStore"],
    meaning:
      "An attempt counts under the chosen policy once its suites have run; one that met a fault of the laboratory, or waits for its verdict, counts in no rate.",
  },
  measures: {
    file: "db/measures.ts",
    names: ["measureStore"],
    meaning:
      "Measures are counted from what the ledger keeps of each attempt: steps, calls, messages, patches.",
  },
  rate: {
    file: "lib/report/rate.ts",
    names: ["passRate", "wilson"],
    meaning:
      "The pass rate is passed over scored attempts. Conflicts, empty patches, limits and timeouts are scored as failures. Its 95 % interval is Wilson’s, which takes attempts as independent.",
  },
  conflictRate: {
    file: "lib/report/rate.ts",
    names: ["conflictRate"],
    meaning:
      "The conflict rate is the naive merges that conflict, over attempts whose patches all apply and are not empty.",
  },
  report: {
    file: "lib/report/report.ts",
    names: ["makeReport"],
    meaning: "Attempts are counted by run, with their share of the run’s attempts.",
  },
  ceiling: {
    file: "lib/report/report.ts",
    names: ["goldVerdicts", "ceiling"],
    meaning:
      "The gold ceiling is the pass rate of the merged reference patches of the same pairs; it is unknown unless each of these pairs has one.",
  },
  clustered: {
    file: "lib/report/stats/cluster.ts",
    names: ["clusteredInterval"],
    meaning:
      "Clustered intervals take a whole task as the unit, since pairs of one task share features: 95 % t intervals with as many degrees of freedom as tasks less one. One task alone shows no error.",
  },
  spread: {
    file: "lib/report/stats/quartiles.ts",
    names: ["spreadOf"],
    meaning:
      "Medians and quartiles are over the values that are known; unknown values are counted beside them.",
  },
  anatomy: {
    file: "lib/merge/anatomy.ts",
    names: ["anatomyOf"],
    meaning:
      "A conflict’s sections are the places that conflict in one naive merge; its score is 20 · sections + 2 · lines between the markers.",
  },
  causes: {
    file: "lib/eval/policy.ts",
    names: ["causeOf", "pathOf"],
    meaning:
      "A failure’s cause and a pass’s path follow from the merges and suites of the attempt, by the rules of the policy.",
  },
  retention: {
    file: "lib/report/stats/retention.ts",
    names: ["retentionReport"],
    meaning:
      "A pair’s difficulty is the share of solo attempts at it that fail; rates are taken within ten equal buckets of it.",
  },
  published: {
    file: "db/pages.ts",
    names: ["published"],
    meaning: "Outcomes that others published are shown as they were published.",
  },
} as const satisfies Record<string, Source>;
