// Owns the grid's data: every attempt of a site by pair and arm, packed for the page.
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { isGold } from "../core/gold.ts";
import { sumText } from "../core/money.ts";
import { visible } from "../core/visible.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import { difficultyOfPairs } from "../report/difficulty.ts";
import { pairOfRow } from "../report/report.ts";
import type { ArmedSite } from "./arms.ts";
import { type PackedAttempt, type PackedGrid, type PackedPair, usualKey } from "./grid-form.ts";
import { isKey, pagePath, sidePath } from "./links.ts";
import { usd } from "./numbers.ts";

/** Every text of the grid once, each by its number; 0 for what is empty or unknown. */
class Words {
  readonly list: string[] = [""];
  private readonly numbers = new Map([["", 0]]);

  /** A text to read: what could mislead is made visible. */
  of(text: string | null): number {
    return this.exactly(visible(text ?? ""));
  }

  /** A key or a path, which is not shown. */
  exactly(text: string): number {
    const known = this.numbers.get(text);
    if (known !== undefined) return known;
    this.numbers.set(text, this.list.length);
    return this.list.push(text) - 1;
  }
}

type Placed = { readonly row: OutcomeRow; readonly arm: number };

/** The attempts of the site by pair, in the order of its runs. */
export function gridData(ledger: Ledger, site: ArmedSite): PackedGrid {
  const words = new Words();
  const pack = attemptPacker(ledger, site, words);
  const placed = site.runs.flatMap(({ rows }, arm) => rows.map((row): Placed => ({ row, arm })));
  const files = Map.groupBy(
    ledger.grid.files([...new Set(site.rows.map(({ run }) => run))]),
    ({ pair_key }) => pair_key,
  );
  const difficulties = difficultyOfPairs(site.rows);
  const pairs = [...Map.groupBy(placed, ({ row }) => pairOfRow(row))].flatMap(([key, own]) => {
    const [first] = own;
    if (first === undefined) return [];
    const { repo, task_id, features } = first.row;
    const difficulty = difficulties.get(key);
    const packed: PackedPair = [
      key,
      words.of(repo),
      task_id,
      features,
      difficulty === undefined ? -1 : Math.round(100 * difficulty),
      (files.get(key) ?? []).map(({ path }) => words.of(path)),
      own.map(pack),
      own.length > 1 ? sidePath(key) : "",
    ];
    return [packed];
  });
  return {
    arms: site.runs.map(({ name, kind, run }) => ({
      ...{ name: visible(name), kind },
      who: visible(`${run.agent}, ${run.model ?? ""}`),
    })),
    by_arm: site.arms !== undefined,
    words: words.list,
    pairs,
  };
}

function attemptPacker(ledger: Ledger, { policy, rows }: ArmedSite, words: Words) {
  const derived = DERIVED_POLICIES.find((name) => name === policy);
  const keys = rows.map(({ attempt_key }) => attempt_key);
  const marks = derived === undefined ? undefined : ledger.marks.byAttempt(derived, keys);
  return ({ row, arm }: Placed): PackedAttempt => {
    const { attempt_key: key, run, fault, passed, setting } = row;
    const usual = isKey(key) && usualKey(run, pairOfRow(row), row.try) === key;
    const ending = fault !== null ? -1 : passed === null ? 0 : passed ? 2 : 1;
    const own = new Set((marks?.get(key) ?? []).map(({ mark }) => mark));
    return [
      ...([arm, words.of(run), row.try, ending] as const),
      words.of(fault ?? row.outcome),
      words.of(ending > 0 ? whyOf(row) : null),
      words.of(isGold(row) ? null : costOf(row)),
      setting === "solo" || row.merge_status === null ? -1 : CONFLICT[row.merge_status],
      setting === "solo" ? -1 : (row.messages ?? -1),
      [...own].map((mark) => words.of(mark)),
      ...(usual ? [] : [words.exactly(key), words.exactly(pagePath(key))]),
    ];
  };
}

const CONFLICT = { conflicts: 1, clean: 0, apply_failed: -1, empty: -1 } as const;

/** Of a failure where it began, where that is known; of a pass how it came about, where that is not the plain way. */
function whyOf({ passed, cause, path }: OutcomeRow): string | null {
  if (!passed) return cause;
  return path === "clean" || path === "solo" ? null : path;
}

/** Of what is known; nothing where nothing is. */
function costOf({ cost_usd, known_usd }: OutcomeRow): string | null {
  if (cost_usd === null && known_usd === null) return null;
  return sumText({ known: known_usd, unknown: cost_usd === null ? 1 : 0 }, usd);
}
