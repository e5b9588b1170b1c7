// Owns the steps that only read, as functions: the pairs there are, and the report on what was done.

import type { Ledger } from "../../db/ledger.ts";
import type { MeasureScope } from "../../db/measures.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { Policy } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { DEFAULT_POLICY, DERIVED_POLICIES } from "../core/vocabulary.ts";
import { type Places, placesOf } from "../engine/places.ts";
import type { RunTries } from "../report/intervals.ts";
import {
  DEFAULT_PARTS,
  type PartName,
  type ReportLine,
  type ReportTable,
  tableOf,
} from "../report/parts.ts";
import type { PublishedOutcome } from "../report/published.ts";
import {
  causeLines,
  checkLines,
  type GoldVerdicts,
  type Group,
  goldVerdicts,
  makeReport,
  outcomeLines,
  pathLines,
  type Report,
  repoLines,
  runGroups,
  runLines,
  taskLines,
} from "../report/report.ts";
import { selectPairs, selectRows, type Unit } from "../select/select.ts";
import type { Selection } from "../select/selection.ts";

type Filters = Omit<Selection, "dataset_dir">;
type Under = { readonly policy?: Policy | undefined };
export type TablesOptions = Filters &
  Under & {
    /** Which parts, in the order in which they come back; those that are quick to make when absent. */
    readonly parts?: readonly PartName[] | undefined;
    /** Comparisons: the difference that counts as none, a proportion; .05 when absent. */
    readonly margin?: number | undefined;
    /** Compare pairs too whose task files differ between runs; refused otherwise. */
    readonly across_editions?: boolean | undefined;
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
  { policy = DEFAULT_POLICY, ...select }: Filters & Under = {},
): Report {
  const { rows, gold, ledger } = contextOf(places, { ...select, policy });
  return makeReport({ rows, policy, gold: gold(), checks: ledger.checks.all() });
}

/**
 * The parts of a report as tables for any format, clustered intervals and comparisons among them. Throws UsageError when
 * nothing was run, RangeError for a margin that is none, and the signal's reason once it is aborted.
 */
export async function reportTables(
  places: Places,
  {
    policy = DEFAULT_POLICY,
    parts = DEFAULT_PARTS,
    margin,
    across_editions,
    signal,
    ...select
  }: TablesOptions = {},
): Promise<ReportTable[]> {
  const asked = { margin, across_editions, signal };
  const context = { ...contextOf(places, { ...select, policy }), ...asked };
  const tables: ReportTable[] = [];
  for (const part of parts) {
    signal?.throwIfAborted();
    const made = await MAKERS[part](context);
    tables.push("rows" in made ? tableOf(part, made.rows, made.notes) : tableOf(part, made));
  }
  return tables;
}

type Context = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly rows: readonly OutcomeRow[];
  /** Names of the runs that the rows are of. */
  readonly runs: readonly string[];
  /** Outcomes that others published as a table, of the pairs that are asked for; none where a run is named. */
  readonly published: () => readonly PublishedOutcome[];
  /** Whether the rows are not all of those runs'. */
  readonly narrowed: boolean;
  readonly groups: () => readonly Group[];
  readonly gold: () => GoldVerdicts;
  /** Tries of pairs by run: what intervals and repeats are made from. */
  readonly tries: () => Promise<RunTries>;
  readonly margin?: number | undefined;
  readonly across_editions?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
};
type Made = { readonly rows: readonly ReportLine[]; readonly notes: readonly string[] };
type Maker = (context: Context) => Promise<readonly ReportLine[] | Made>;

/** Modules of parts come with the first table that needs them: a plain report loads no random numbers. */
const MAKERS: Readonly<Record<PartName, Maker>> = {
  runs: async ({ ledger, runs, groups, gold, tries }) => {
    const { editionNotes } = await editions();
    const { withIntervals } = await intervals();
    const rows = await withIntervals(runLines(groups(), gold()), await tries());
    const { serverNotes } = await import("../report/servers.ts");
    return { rows, notes: [...editionNotes(ledger, runs), ...serverNotes(ledger, runs)] };
  },
  repos: async ({ rows, gold, tries }) =>
    (await intervals()).withIntervals(repoLines(rows, gold()), await tries()),
  outcomes: async ({ groups }) => outcomeLines(groups()),
  paths: async ({ groups }) => pathLines(groups()),
  causes: async ({ groups }) => causeLines(groups()),
  tasks: async ({ rows, gold }) => taskLines(rows, gold()),
  checks: async ({ rows, ledger }) => checkLines(ledger.checks.all(), rows),
  marks: async ({ ledger, policy, rows }) => markLines(ledger, policy, rows),
  repeats: async ({ groups, tries }) => (await intervals()).repeatLines(groups(), await tries()),
  splits: async (context) => {
    const { splitPart } = await import("../report/measures/splits.ts");
    return splitPart(context.ledger, { ...scopeOf(context), policy: context.policy });
  },
  conflict: async (context) => {
    const { conflictPart } = await import("../report/measures/conflicts.ts");
    return await conflictPart(context.ledger, scopeOf(context));
  },
  anatomy: async (context) => {
    const { anatomyPart } = await import("../report/measures/conflicts.ts");
    return anatomyPart(context.ledger, scopeOf(context));
  },
  cost: async (context) => {
    const { costPart } = await import("../report/measures/cost.ts");
    return costPart(context.ledger, scopeOf(context));
  },
  coupling: async (context) => {
    const { couplingPart } = await import("../report/measures/coupling.ts");
    return couplingPart(context.ledger, scopeOf(context));
  },
  distances: async (context) => {
    const { couplingSpreadPart } = await import("../report/measures/coupling.ts");
    return couplingSpreadPart(context.ledger, scopeOf(context));
  },
  talk: async (context) => {
    const { talkPart } = await import("../report/measures/talking.ts");
    return talkPart(context.ledger, scopeOf(context));
  },
  conversations: async (context) => (await conversations()).conversationPart(...texts(context)),
  acts: async (context) => (await conversations()).speechActPart(...texts(context)),
  planning: async (context) => (await conversations()).planningPart(...texts(context)),
  judged: async ({ ledger, runs }) => {
    const { judgedPart } = await import("../labels/part.ts");
    return judgedPart(ledger, { runs }).map(({ source: _source, ...row }) => row);
  },
  comparisons: async ({ ledger, rows, margin, across_editions: across = false, signal }) => {
    const { armsOf, comparisonLines, couplesOf } = await import("../report/compare.ts");
    const { acrossEditions } = await editions();
    const found = couplesOf(armsOf(rows));
    const couples = found.map(({ a, b }) => [a.run, b.run] as const);
    const notes = acrossEditions(ledger, { rows, couples, across });
    return { rows: await comparisonLines(found, { margin, signal }), notes };
  },
  difficulty: async (context) => ({
    notes: await sameEdition(context),
    rows: (await difficulty()).difficultyLines(await curvesOf(context)),
  }),
  published: async ({ published }) => {
    const { publishedLines } = await import("../report/published.ts");
    return await publishedLines(published());
  },
  curves: async (context) => ({
    notes: await sameEdition(context),
    rows: (await difficulty()).curveLines(await curvesOf(context)),
  }),
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

/** One row a mark of a feature's suite, under our own policies. */
function markLines(ledger: Ledger, policy: Policy, rows: readonly OutcomeRow[]): ReportLine[] {
  const own = DERIVED_POLICIES.find((name) => name === policy);
  if (own === undefined) return [];
  const marks = ledger.marks.byAttempt(
    own,
    rows.map(({ attempt_key }) => attempt_key),
  );
  return rows.flatMap(({ run, attempt_key: key, outcome }) =>
    (marks.get(key) ?? []).map(({ feature_id: feature, mark }) => ({
      ...{ run, key, feature, mark, outcome },
    })),
  );
}

const conversations = () => import("../report/measures/conversations.ts");
const texts = (context: Context) => [context.ledger, scopeOf(context)] as const;
const intervals = () => import("../report/intervals.ts");
const editions = () => import("../report/editions.ts");
const difficulty = () => import("../report/difficulty.ts");

/** Measures read the ledger by themselves: of whole runs, or of these attempts. */
function scopeOf({ runs, narrowed, rows }: Context): MeasureScope {
  return { runs, only: narrowed ? rows.map(({ attempt_key }) => attempt_key) : undefined };
}

/** Difficulty comes from all runs of models at once: every two of them are compared. */
async function sameEdition({ ledger, rows, across_editions: across = false }: Context) {
  const { acrossEditions } = await editions();
  const runs = [...new Set(rows.flatMap(({ run, model }) => (model === null ? [] : run)))];
  const couples = runs.flatMap((a, at) => runs.slice(at + 1).map((b) => [a, b] as const));
  return acrossEditions(ledger, { rows, couples, across });
}

async function curvesOf({ rows, ledger }: Context) {
  return (await difficulty()).curvesOf(rows, ledger.pages.published());
}

async function differencesOf({ ledger, runs, narrowed }: Context) {
  if (narrowed)
    throw new UsageError(
      "agreement with imported logs is over whole runs: only their names narrow it",
    );
  const { importedDifferences } = await import("../cooperbench/differences.ts");
  return importedDifferences(ledger, { runs });
}

function contextOf(
  places: Places,
  { policy, ...select }: Filters & { readonly policy: Policy },
): Context {
  const { ledger, dataset_dir } = placesOf(places);
  const rows = selectRows(ledger, { filters: { ...select, dataset_dir }, policy });
  const published = once(() => publishedOf(ledger, { ...select, dataset_dir }));
  if (rows.length === 0 && published().length === 0)
    throw new UsageError("no attempt to report on: run some with run-pair first");
  const runs = [...new Set(rows.map(({ run }) => run))];
  return {
    ...{ ledger, policy, rows, runs, published },
    narrowed: isNarrowed(select),
    groups: once(() => runGroups(rows)),
    gold: once(() => goldOf(places, { select, policy, rows })),
    tries: once(async () => (await intervals()).triesByRun(rows)),
  };
}

/** Tables are of no run: naming one asks for none of them. */
function publishedOf(ledger: Ledger, select: Selection): readonly PublishedOutcome[] {
  const { run, runs, limit: _limit, ...filters } = select;
  const rows = run === undefined && runs === undefined ? ledger.pages.published() : [];
  if (rows.length === 0 || !isNarrowed(filters)) return rows;
  // Keys name attempts here.
  if (filters.keys !== undefined) return [];
  const wanted = new Set(selectPairs(ledger, filters).map(({ pair_key }) => pair_key));
  return rows.filter(({ pair_key }) => wanted.has(pair_key));
}

/** Verdicts of all gold runs: the ceiling does not depend on which runs are reported. */
function goldOf(
  { ledger }: Places,
  { select, policy, rows }: { select: Filters; policy: Policy; rows: readonly OutcomeRow[] },
): GoldVerdicts {
  const { run, runs } = select;
  if (run === undefined && runs === undefined && !isNarrowed(select)) return goldVerdicts(rows);
  const names = ledger.runs.all().flatMap(({ run, agent }) => (agent === "gold" ? run : []));
  return goldVerdicts(names.length === 0 ? [] : ledger.outcomes.rows(policy, names));
}

function isNarrowed({ keys, subset, repo, task_id, features, limit, gradeable }: Filters): boolean {
  return [keys, subset, repo, task_id, features, limit, gradeable].some(
    (filter) => filter !== undefined,
  );
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
