// Owns saying where a number comes from: the file, and the function, view or query in it.
import { SOURCES as REPORT, type Source } from "../report/source.ts";
import { type Html, html, joined, type Slot } from "./html.ts";

export type { Source };

export const SOURCES = {
  ...REPORT,
  outcomesView: {
    file: "db/views.sql",
    names: ["outcomes"],
    meaning: "Attempts with their verdicts are read from one view of the ledger.",
  },
  scoreboard: {
    file: "db/queries/pass-rate-by-run.sql",
    meaning: "The same rates can be had by a query of the ledger.",
  },
  faultsQuery: {
    file: "db/queries/open-faults.sql",
    meaning: "A fault is open until the unit that met it is done.",
  },
  limitsQuery: {
    file: "db/queries/limits-reached.sql",
    meaning: "A limit is reached when an agent’s own work ends by it.",
  },
  firstMessages: {
    file: "db/queries/first-messages.sql",
    meaning: "Messages are counted as they were sent, by all agents of an attempt together.",
  },
  messageTimes: {
    file: "db/pages.ts",
    names: ["messageTimes"],
    meaning:
      "A message’s time is when it was sent, as a share of the time from its attempt’s start to its end.",
  },
  agents: {
    file: "db/pages.ts",
    names: ["agents"],
    meaning:
      "What an agent used is the sum over its calls; an amount is unknown as soon as one of its parts is.",
  },
  attempt: {
    file: "db/pages.ts",
    names: ["attempt"],
    meaning: "Everything is as the ledger holds it of this attempt.",
  },
  runs: {
    file: "db/runs.ts",
    names: ["runStore"],
    meaning: "A run’s configuration is frozen when it is made.",
  },
  environments: {
    file: "db/provenance.ts",
    names: ["environments"],
    meaning: "An environment is named by its image’s digest, or by the hash that stands for it.",
  },
  prices: {
    file: "db/provenance.ts",
    names: ["prices"],
    meaning: "Costs are made by the price table that was in force when the call was made.",
  },
  clock: {
    file: "lib/site/clock.ts",
    names: ["agentTimes"],
    meaning: "All agents of an attempt share one clock, which starts with the attempt.",
  },
  scores: {
    file: "lib/eval/policy.ts",
    meaning: "A verdict follows from suites on the trees that its policy tests.",
  },
  conflicts: {
    file: "lib/site/conflicts.ts",
    names: ["conflictTexts"],
    meaning: "The text of a conflict is made again by merging the same patches on the same base.",
  },
  requests: {
    file: "lib/control/show.ts",
    names: ["lastRequests"],
    meaning: "A request is taken once a process that works on what it is about obeys it.",
  },
  underWay: {
    file: "lib/attempt/followed.ts",
    names: ["readSteps"],
    meaning:
      "Steps are noted as the model answers; results of commands come with the call after them.",
  },
  annotations: {
    file: "db/annotations.ts",
    names: ["annotationStore"],
    meaning:
      "Annotations are as people wrote them; a later label of theirs replaces an earlier one.",
  },
  processes: {
    file: "lib/status/status.ts",
    names: ["readStatus"],
    meaning: "Processes say what they work on, and are taken for gone when they no longer do.",
  },
  touched: {
    file: "db/grid.ts",
    names: ["gridStore"],
    meaning: "A pair’s files are those that any patch of its attempts touches.",
  },
  difficulty: {
    file: "lib/report/difficulty.ts",
    names: ["difficultyOfPairs"],
    meaning:
      "A pair is as difficult as solo tries at it fail, over all models, from 0 (the easiest pair) to 1 (the hardest).",
  },
  overlaps: {
    file: "lib/site/side-overlap.ts",
    names: ["alsoChangedBy"],
    meaning:
      "Changes meet where they take away the same line of the base, or add lines in a gap that the other fills or beside a line that it takes away.",
  },
  suites: {
    file: "db/pages.ts",
    names: ["suites"],
    meaning: "A suite’s tests are read from its output.",
  },
  merges: {
    file: "db/merges.ts",
    names: ["byAttempt"],
    meaning: "Patches are merged on the base tree without a work tree.",
  },
} as const satisfies Record<string, Source>;

/** The sign under a table or chart: what was done, for people, and then where in the code. */
export function sourceNote(sources: readonly Source[], reading: Slot = null): Html {
  const meanings = new Set(sources.flatMap(({ meaning }) => meaning ?? []));
  const told = [...meanings].map((meaning) => html`<li>${meaning}</li>`);
  return html`<details class="how"><summary>How this is computed</summary>${reading}${told.length > 0 && html`<ul>${told}</ul>`}<p class="source">In the code: ${joined(sources.map(oneSource), html`; `)}</p></details>`;
}

function oneSource({ file, names = [] }: Source): Html {
  const called = names.map((name) => html` <code class="source-name">${name}</code>`);
  return html`<code class="source-file">${file}</code>${called}`;
}
