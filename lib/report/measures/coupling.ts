// Owns how closely the patches of pairs are coupled, the reference patches and the agents' own, and what that says about conflicts.

import type { Ledger } from "../../../db/ledger.ts";
import type { CoupledRow } from "../../../db/measures.ts";
import type { MergeStatus } from "../../../db/schema.ts";
import { isGold } from "../../core/gold.ts";
import { type Coupling, couplingOf } from "../../dataset/traits.ts";
import { parsePatch } from "../../patch/parse.ts";
import type { Patch } from "../../patch/patch.ts";
import type { ReportLine } from "../line.ts";
import { byRun, type MeasureScope, shareOf, spreadColumns } from "./measure.ts";

/** Two patches of an attempt (or more, reduced as couplingOf says), and what became of a merge. */
type Coupled = { readonly coupling: Coupling; readonly status: MergeStatus | null };

/** Lines of context that git shows: hunks no further apart than this are one to a reader. */
const NEAR = 3;
/** What a pair may have; each may predict a conflict. */
const TRAITS: Readonly<Record<string, (of: Coupling) => boolean>> = {
  "common file": ({ file_jaccard }) => file_jaccard > 0,
  "shared line": ({ shared_base_lines }) => shared_base_lines > 0,
  "shared anchor": ({ shared_anchors }) => shared_anchors > 0,
  "shared line or anchor": (of) => of.shared_base_lines + of.shared_anchors > 0,
  [`within ${NEAR} lines`]: ({ min_hunk_distance: gap }) => gap !== null && gap <= NEAR,
  "same scope": ({ same_scope }) => same_scope,
  "same new symbol": ({ same_new_symbol }) => same_new_symbol,
};
const MEASURES = [
  "file_jaccard",
  "shared_base_lines",
  "shared_anchors",
  "min_hunk_distance",
] as const;

/**
 * One line per run, patches, merge and trait. `patches` are the reference (`gold`) patches of the run's pairs or the
 * agents' own as they were merged; `merge` is the naive merge that the trait is held against: that of the gold patches
 * (`gold`) or of the agents' (`run`); in a run of the reference patches all these are one, and it has one set of lines.
 * `attempts_with_trait` of the `attempts` whose merge is clean or conflicts have the trait; precision = conflicts among
 * these / their number, recall = the same / all conflicts, conflict_rate_without_trait = conflicts among the rest.
 */
export function couplingLines(ledger: Ledger, scope: MeasureScope): ReportLine[] {
  return couplings(ledger, scope).flatMap(({ run, sets }) =>
    sets.flatMap(({ patches, merge, coupled }) => predictions(coupled, { run, patches, merge })),
  );
}

/**
 * One line per run, patches and measure, each with quartiles and mean: file Jaccard, base lines that both change, gaps that
 * both insert at, and untouched lines between the nearest changes of a common file (not known: no common file).
 */
export function distanceLines(ledger: Ledger, scope: MeasureScope): ReportLine[] {
  return couplings(ledger, scope).flatMap(({ run, sets }) =>
    sets
      .filter(({ patches, merge }) => (patches === "gold") === (merge === "gold"))
      .flatMap(({ patches, coupled }) => spreads(coupled, { run, patches })),
  );
}

type CoupledSet = {
  readonly patches: "gold" | "agents";
  readonly merge: "gold" | "run";
  readonly coupled: readonly Coupled[];
};

function couplings(ledger: Ledger, scope: MeasureScope): { run: string; sets: CoupledSet[] }[] {
  return byRun(ledger.measures.coupled(scope), scope).map(([run, rows]) => {
    const own = agentCouplings(ledger, rows);
    if (rows[0] !== undefined && isGold(rows[0]))
      return { run, sets: [{ patches: "gold", merge: "gold", coupled: own }] };
    const gold = rows.flatMap((row) => {
      const coupling = goldCoupling(row);
      return coupling === undefined ? [] : [{ coupling, row }];
    });
    const against = (statusOf: (row: CoupledRow) => MergeStatus | null) =>
      gold.map(({ coupling, row }) => ({ coupling, status: statusOf(row) }));
    return {
      run,
      sets: [
        { patches: "gold", merge: "gold", coupled: against(({ gold_status }) => gold_status) },
        { patches: "gold", merge: "run", coupled: against(({ status }) => status) },
        { patches: "agents", merge: "run", coupled: own },
      ],
    };
  });
}

/** Undefined for three features and more: the dataset's traits are of two. */
function goldCoupling(row: CoupledRow): Coupling | undefined {
  const { file_jaccard, shared_base_lines, shared_anchors, min_hunk_distance } = row;
  if (file_jaccard === null || shared_base_lines === null || shared_anchors === null)
    return undefined;
  const [same_scope, same_new_symbol] = [row.same_scope === 1, row.same_new_symbol === 1];
  const counts = { file_jaccard, shared_base_lines, shared_anchors, min_hunk_distance };
  return { ...counts, same_scope, same_new_symbol };
}

/** Of attempts whose patches all apply and are not empty; a patch that several attempts share is read once. */
function agentCouplings(ledger: Ledger, rows: readonly CoupledRow[]): Coupled[] {
  const read = patchReader(ledger);
  return rows.filter(isMerged).map(({ attempt_key, status }) => {
    const sides = ledger.measures.sidePatches(attempt_key);
    return { coupling: couplingOf(sides.map(({ patch }) => read(patch))), status };
  });
}

/** Patches kept once read: in a gold run every patch is in many pairs, elsewhere hardly one is in two. */
const KEPT = 500;

function patchReader(ledger: Ledger): (hash: string) => Patch {
  const kept = new Map<string, Patch>();
  return (hash) => {
    const known = kept.get(hash);
    if (known !== undefined) return known;
    const bytes = ledger.dataset.patchBytes([hash]).get(hash) ?? new Uint8Array();
    const patch = parsePatch(bytes);
    if (kept.size >= KEPT) kept.clear();
    kept.set(hash, patch);
    return patch;
  };
}

function predictions(coupled: readonly Coupled[], labels: ReportLine): ReportLine[] {
  const merged = coupled.filter(isMerged);
  if (merged.length === 0) return [];
  const conflictsOf = (rows: readonly Coupled[]) =>
    rows.filter(({ status }) => status === "conflicts").length;
  const conflicts = conflictsOf(merged);
  return Object.entries(TRAITS).map(([trait, holds]) => {
    const having = merged.filter(({ coupling }) => holds(coupling));
    const hits = conflictsOf(having);
    return {
      ...labels,
      trait,
      attempts: merged.length,
      conflicts,
      attempts_with_trait: having.length,
      share: shareOf(having.length, merged.length),
      conflicts_with_trait: hits,
      precision: shareOf(hits, having.length),
      recall: shareOf(hits, conflicts),
      conflict_rate_without_trait: shareOf(conflicts - hits, merged.length - having.length),
    };
  });
}

function spreads(coupled: readonly Coupled[], labels: ReportLine): ReportLine[] {
  if (coupled.length === 0) return [];
  return MEASURES.map((measure): ReportLine => {
    const { total: _none, ...spread } = spreadColumns(
      coupled.map(({ coupling }) => coupling[measure]),
    );
    return { ...labels, measure, ...spread };
  });
}

function isMerged({ status }: { readonly status: MergeStatus | null }): boolean {
  return status === "clean" || status === "conflicts";
}
