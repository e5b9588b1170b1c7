// Owns solo and coop over difficulty, by model and pooled: once as published, once without each model's own solo runs.
import type { RateRow } from "../rate.ts";
import { areaUnder, type CurvePoint, curveOf, retention, type Unit } from "./curve.ts";
import { difficulties } from "./difficulty.ts";
import { type Tries, triesOf } from "./repeats.ts";

/** One try of a pair by one model in one setting. */
export type CurveRow = RateRow & {
  readonly pair_key: string;
  readonly model: string;
  readonly setting: "solo" | "coop";
};
/** Solo and coop on the same pairs; areas and retention are null where they are not defined. */
export type Retention = {
  /** Null for all models together. */
  readonly model: string | null;
  /** Pairs scored in both settings, summed over models when pooled. */
  readonly pairs: number;
  readonly solo: readonly CurvePoint[];
  readonly coop: readonly CurvePoint[];
  readonly auc_solo: number | null;
  readonly auc_coop: number | null;
  readonly retention: number | null;
};
/** `circular`: difficulty comes from the very solo runs that are drawn over it, which forces solo's curve down from 1 to 0. */
export type RetentionSet = {
  readonly circular: boolean;
  readonly models: readonly Retention[];
  readonly pooled: Retention;
};
export type RetentionReport = {
  /** The panel: models with a scored solo try. Difficulty is over pairs that all of them have scored solo. */
  readonly models: readonly string[];
  readonly pairs: number;
  /** Pairs of the rows that some model of the panel has not scored solo. */
  readonly dropped: number;
  readonly plain: RetentionSet;
  /** Each model over the difficulty that the other models' solo runs give; null with one model or none. */
  readonly leave_one_out: RetentionSet | null;
};

type Cell = { readonly solo: Tries; readonly coop: Tries };
/** The tries by model, then by pair; every model has every pair. */
type Panel = ReadonlyMap<string, ReadonlyMap<string, Cell>>;

/**
 * Difficulty curves, AUC and retention. A model's curves are over its pairs scored in both settings, so that solo and
 * coop stand on the same buckets; faults and pending tries are left out, several tries are summed in the buckets and
 * averaged within a pair for its difficulty. Source: CooperBench, arXiv 2601.13295, appendix C; leaving the model out
 * is our addition, against the circularity.
 */
export function retentionReport(rows: readonly CurveRow[]): RetentionReport {
  const { panel, pairs, dropped } = panelOf(rows);
  const models = [...panel.keys()];
  const all = difficultyOver(panel, pairs);
  return {
    models,
    pairs: pairs.length,
    dropped,
    plain: setOf(panel, () => all, true),
    leave_one_out:
      models.length < 2
        ? null
        : setOf(panel, (model) => difficultyOver(without(panel, model), pairs), false),
  };
}

/**
 * Difficulty in [0, 1] of every pair that all models of the panel have scored solo, from all of their solo runs; empty
 * without such runs.
 */
export function pairDifficulties(rows: readonly CurveRow[]): Map<string, number> {
  const { panel, pairs } = panelOf(rows);
  return difficultyOver(panel, pairs);
}

function setOf(
  panel: Panel,
  difficultyFor: (model: string) => ReadonlyMap<string, number>,
  circular: boolean,
): RetentionSet {
  const units = [...panel].map(([model, cells]) => {
    const difficulty = difficultyFor(model);
    const both = [...cells].filter(([, { solo, coop }]) => solo.tries > 0 && coop.tries > 0);
    const unitsOf = (setting: keyof Cell): Unit[] =>
      both.map(([pair, cell]) => ({
        ...cell[setting],
        difficulty: difficultyOf(difficulty, pair),
      }));
    return { model, solo: unitsOf("solo"), coop: unitsOf("coop") };
  });
  const pooled = {
    model: null,
    solo: units.flatMap(({ solo }) => solo),
    coop: units.flatMap(({ coop }) => coop),
  };
  return { circular, models: units.map(retentionOf), pooled: retentionOf(pooled) };
}

function retentionOf(units: {
  readonly model: string | null;
  readonly solo: readonly Unit[];
  readonly coop: readonly Unit[];
}): Retention {
  const [solo, coop] = [curveOf(units.solo), curveOf(units.coop)];
  const [areaSolo, areaCoop] = [areaUnder(solo), areaUnder(coop)];
  return {
    model: units.model,
    pairs: units.solo.length,
    solo,
    coop,
    auc_solo: areaSolo,
    auc_coop: areaCoop,
    retention: retention(areaSolo, areaCoop),
  };
}

function panelOf(rows: readonly CurveRow[]): { panel: Panel; pairs: string[]; dropped: number } {
  const cells = new Map(
    [...Map.groupBy(rows, ({ model }) => model)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([model, own]) => [model, cellsOf(own)] as const)
      .filter(([, own]) => [...own.values()].some(({ solo }) => solo.tries > 0)),
  );
  const seen = [...new Set(rows.map(({ pair_key }) => pair_key))].sort();
  const pairs = seen.filter(
    (pair) =>
      cells.size > 0 && [...cells.values()].every((own) => (own.get(pair)?.solo.tries ?? 0) > 0),
  );
  const kept = new Set(pairs);
  const panel = new Map(
    [...cells].map(([model, own]) => [model, new Map([...own].filter(([pair]) => kept.has(pair)))]),
  );
  return { panel, pairs, dropped: seen.length - pairs.length };
}

function cellsOf(rows: readonly CurveRow[]): Map<string, Cell> {
  return new Map(
    [...Map.groupBy(rows, ({ pair_key }) => pair_key)].map(([pair, own]) => [
      pair,
      {
        solo: triesOf(own.filter(({ setting }) => setting === "solo")),
        coop: triesOf(own.filter(({ setting }) => setting === "coop")),
      },
    ]),
  );
}

function difficultyOver(panel: Panel, pairs: readonly string[]): Map<string, number> {
  const rate = (cells: ReadonlyMap<string, Cell>, pair: string) => {
    const solo = cells.get(pair)?.solo;
    if (!solo || solo.tries === 0) throw new RangeError(`pair ${pair} has no scored solo try`);
    return solo.passed / solo.tries;
  };
  return difficulties(
    new Map(pairs.map((pair) => [pair, [...panel.values()].map((cells) => rate(cells, pair))])),
  );
}

function difficultyOf(difficulty: ReadonlyMap<string, number>, pair: string): number {
  const hard = difficulty.get(pair);
  if (hard === undefined) throw new RangeError(`pair ${pair} has no difficulty`);
  return hard;
}

function without(panel: Panel, model: string): Panel {
  return new Map([...panel].filter(([name]) => name !== model));
}
