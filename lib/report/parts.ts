// Owns the names of a report's parts: what each is called, which columns say what a row is about, which come by default.
import { MEASURE_PARTS } from "./measures/columns.ts";

type PartWords = {
  readonly title: string;
  /** Columns that say what a row is about; shown again when a table goes on beside itself. */
  readonly labels: readonly string[];
  /** What a reader must know to read the table. */
  readonly note?: string;
  /** Why a ledger may have nothing to say here. */
  readonly empty?: string;
};

const RATES =
  "pass_rate is passed over scored tries; brackets are 95 % intervals: by_task and by_repo take whole tasks and repositories for the unit, wilson takes tries for independent.";

const NO_CURVE =
  "no run of a model has scored solo attempts, and no table of published outcomes has";

export const PARTS = {
  runs: { title: "Pass rate by run", labels: ["run"], note: RATES },
  outcomes: { title: "Outcomes", labels: ["run", "outcome"] },
  paths: { title: "How the passes came about", labels: ["run", "path"] },
  causes: { title: "Where failures began", labels: ["run", "cause"] },
  repos: { title: "By repository", labels: ["run", "repo"] },
  tasks: { title: "By task", labels: ["run", "repo", "task"] },
  checks: {
    title: "Checks of the dataset: tests alone must fail, gold and combined must pass",
    labels: ["repo", "task", "check"],
    empty: "check-dataset has not looked at these tasks",
  },
  marks: {
    title: "What is to be known beside verdicts",
    labels: ["run", "key", "feature", "mark"],
    note: "Marks decide nothing. A pass `unlike gold` lacks tests that pass with the reference patch.",
    empty:
      "no verdict has a mark; check-dataset finds out what gold patches pass, and what is flaky",
  },
  repeats: {
    title: "Several tries: one of k passes, all of k pass",
    labels: ["run", "k"],
    note: "Means over the pairs with k scored tries.",
    empty: "no pair has two scored tries",
  },
  splits: {
    title: "Passes by path, failures by beginning, and what has no verdict",
    labels: ["run", "verdict", "kind"],
    note: "share is of all the run's attempts, share_of_verdict of those with the same verdict.",
  },
  conflict: {
    title: "Naive merges that conflict, and what kept others from merging",
    labels: ["run"],
    empty: "no run is coop",
  },
  anatomy: {
    title: "How large conflicts are",
    labels: ["run", "measure"],
    note: "score = 20 sections + 2 lines; lines are those between the markers.",
    empty: "no naive merge conflicts",
  },
  cost: {
    title: "Cost and time of agents and attempts",
    labels: ["run", "unit", "measure"],
    note: "Quartiles, mean and total; summaries made by compaction are in all of them.",
  },
  ...MEASURE_PARTS,
  judged: {
    title: "What a model said of conversations",
    labels: ["run", "measure", "label", "model"],
    note: "A label is what a model says: see judge --agreement. paper_share is of failed coop runs in the CooperBench paper (arXiv 2601.13295 v2).",
    empty: "nothing was judged: see judge",
  },
  comparisons: {
    title: "Runs side by side, on the pairs that both have scored",
    labels: ["run_a", "run_b"],
    note: "difference is rate_a less rate_b. by_task is the clustered t interval, bootstrap draws whole tasks; sign_flip_p turns whole tasks' signs, holm_p is corrected over the comparisons of this table; by_repo is the check with repositories for tasks; McNemar takes pairs for independent.",
    empty: "no two runs have scored the same pair",
  },
  difficulty: {
    title: "Area under the pass rate over difficulty, and what coop retains of it",
    labels: ["source", "version", "model"],
    note: "plain is circular: difficulty comes from the solo runs that are measured. leave-one-out takes each model's difficulty from the others alone. The area is over bucket midpoints, so .9 is the most.",
    empty: NO_CURVE,
  },
  curves: {
    title: "Pass rate over difficulty, ten equal buckets",
    labels: ["source", "version", "model", "setting", "difficulty"],
    empty: NO_CURVE,
  },
  published: {
    title: "Outcomes that others published as a table",
    labels: ["source", "setting", "model"],
    note: "conflict_rate is over the pairs whose merge the table tells of. Of no run: shown where no run is named.",
    empty: "no table of published outcomes is imported, or a run is named",
  },
  agreement: {
    title: "Verdicts of the imported logs and ours: how many agree",
    labels: ["finding"],
  },
  differences: {
    title: "Imported attempts whose verdict or merge differs from ours",
    labels: ["key"],
    empty: "no verdict or merge differs",
  },
  provenance: { title: "What the numbers rest on", labels: ["run", "fact"] },
} as const satisfies Record<string, PartWords>;

export type PartName = keyof typeof PARTS;

/** In the order in which they are shown. */
export const PART_NAMES = Object.keys(PARTS).filter((name): name is PartName =>
  Object.hasOwn(PARTS, name),
);
/** What needs neither random draws nor all rows of a large table. */
export const DEFAULT_PARTS = [
  "runs",
  "outcomes",
  "paths",
  "causes",
  "repos",
  "checks",
  "marks",
  "repeats",
  "published",
] as const satisfies readonly PartName[];

/** One cell of a report: numbers are exact here, and rounded where people read them. */
export type ReportCell = string | number | boolean | null;
export type ReportLine = Readonly<Record<string, ReportCell>>;
/** Rows of one part, ready for any format. A part's name is also its file's. */
export type ReportTable = {
  readonly name: string;
  readonly title: string;
  readonly labels: readonly string[];
  readonly notes: readonly string[];
  readonly rows: readonly ReportLine[];
};

/** A part with its rows; `notes` come behind the part's own. */
export function tableOf(
  name: PartName,
  rows: readonly ReportLine[],
  notes: readonly string[] = [],
): ReportTable {
  const { title, labels, note }: PartWords = PARTS[name];
  return { name, title, labels, notes: [...(note === undefined ? [] : [note]), ...notes], rows };
}

/** Why a part has no rows, for those who asked for it. */
export function whyEmpty(name: PartName): string {
  const { empty }: PartWords = PARTS[name];
  return `${name}: ${empty ?? "there is nothing to show"}`;
}
