// Owns the steps that only read, as functions: the pairs there are, and the report on what was done.
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { UsageError } from "../fault.ts";
import {
  DEFAULT_PARTS,
  type PartName,
  type ReportLine,
  type ReportTable,
  tableOf,
} from "../report/parts.ts";
import { goldVerdicts, makeReport, type Report } from "../report/report.ts";
import { type Places, placesOf } from "./places.ts";
import { type Selection, selectPairs, selectRows, type Unit } from "./select.ts";

type Filters = Omit<Selection, "dataset_dir">;
type Under = { readonly policy?: Policy | undefined };
export type TablesOptions = Filters &
  Under & {
    /** Which parts, in the order in which they come back; those that are quick to make when absent. */
    readonly parts?: readonly PartName[] | undefined;
    /** Comparisons: the difference that counts as none, a proportion; .05 when absent. */
    readonly margin?: number | undefined;
    readonly signal?: AbortSignal | undefined;
  };

/** The pairs that filters or keys choose. Throws UsageError for what the dataset does not know, naming the nearest. */
export function pairs(places: Places, select: Omit<Filters, "run"> = {}): Unit[] {
  const { ledger, dataset_dir } = placesOf(places);
  return selectPairs(ledger, { ...select, dataset_dir });
}

/** Rates with intervals, outcomes, paths and causes under one policy (`union` when absent). Throws UsageError when nothing was run. */
export function report(
  places: Places,
  { policy = "union", ...select }: Filters & Under = {},
): Report {
  return baseOf(contextOf(places, { ...select, policy }));
}

/**
 * The parts of a report as tables for any format, clustered intervals and comparisons among them. Throws UsageError when
 * nothing was run, RangeError for a margin that is none, and the signal's reason once it is aborted.
 */
export async function reportTables(
  places: Places,
  { policy = "union", parts = DEFAULT_PARTS, margin, signal, ...select }: TablesOptions = {},
): Promise<ReportTable[]> {
  const context = { ...contextOf(places, { ...select, policy }), margin, signal };
  const tables: ReportTable[] = [];
  for (const part of parts) {
    signal?.throwIfAborted();
    tables.push(tableOf(part, await MAKERS[part](context)));
  }
  return tables;
}

type Context = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly rows: readonly OutcomeRow[];
  /** Names of the runs that the rows are of. */
  readonly runs: readonly string[];
  readonly base: () => Report;
  readonly margin?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};
type Maker = (context: Context) => Promise<readonly ReportLine[]>;

/** Modules of parts come with the first table that needs them: a plain report loads no random numbers. */
const MAKERS: Readonly<Record<PartName, Maker>> = {
  runs: async ({ base, rows }) =>
    (await intervals()).withIntervals(base().runs, {
      rows,
      labelsOf: ({ run, setting }) => ({ run, setting }),
      by_repo: true,
    }),
  repos: async ({ base, rows }) =>
    (await intervals()).withIntervals(base().repos, {
      rows,
      labelsOf: ({ run, setting, repo }) => ({ run, setting, repo }),
      by_repo: false,
    }),
  outcomes: async ({ base }) => base().outcomes,
  paths: async ({ base }) => base().paths,
  causes: async ({ base }) => base().causes,
  tasks: async ({ base }) => base().tasks,
  checks: async ({ base }) => base().checks,
  repeats: async ({ rows }) => (await intervals()).repeatLines(rows),
  comparisons: async ({ rows, margin, signal }) => {
    const { armsOf, comparisonLines, couplesOf } = await import("../report/compare.ts");
    return await comparisonLines(couplesOf(armsOf(rows)), { margin, signal });
  },
  difficulty: async (context) => (await difficulty()).difficultyLines(await curvesOf(context)),
  curves: async (context) => (await difficulty()).curveLines(await curvesOf(context)),
  agreement: async (context) => {
    const { counts } = await differencesOf(context);
    return Object.entries(counts).map(([finding, attempts]) => ({
      finding: finding.replaceAll("_", " "),
      attempts,
    }));
  },
  differences: async (context) => (await differencesOf(context)).rows,
  provenance: async ({ ledger, policy, runs }) => {
    const { provenanceLines } = await import("../report/provenance.ts");
    return provenanceLines(ledger, { policy, runs });
  },
};

const intervals = () => import("../report/intervals.ts");
const difficulty = () => import("../report/difficulty.ts");

async function curvesOf({ rows, ledger }: Context) {
  return (await difficulty()).curvesOf(rows, ledger.pages.published());
}

async function differencesOf({ ledger, runs }: Context) {
  const { importedDifferences } = await import("../exchange/differences.ts");
  return importedDifferences(ledger, { runs });
}

function contextOf(
  places: Places,
  { policy, ...select }: Filters & { readonly policy: Policy },
): Context {
  const { ledger, dataset_dir } = placesOf(places);
  const rows = selectRows(ledger, { filters: { ...select, dataset_dir }, policy });
  if (rows.length === 0)
    throw new UsageError("no attempt to report on: run some with run-pair first");
  const runs = [...new Set(rows.map(({ run }) => run))];
  let made: Report | undefined;
  const context: Context = {
    ...{ ledger, policy, rows, runs },
    base: () => {
      made ??= baseOf(context);
      return made;
    },
  };
  return context;
}

function baseOf({ ledger, rows, policy }: Pick<Context, "ledger" | "rows" | "policy">): Report {
  // The ceiling is that of all gold runs, whichever are reported.
  const names = ledger.runs.all().flatMap(({ run, agent }) => (agent === "gold" ? run : []));
  const gold = names.length === 0 ? [] : ledger.outcomes.rows(policy, names);
  return makeReport({ rows, policy, gold: goldVerdicts(gold), checks: ledger.checks.all() });
}
