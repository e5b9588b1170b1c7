// Owns which pairs the grid shows, and in which order: filters, comparisons of arms, sorting. Runs in the page too.
import type { Grid, GridArm, GridAttempt, GridPair } from "./grid-form.ts";

/** What of a pair is looked at: attempts of the columns shown; `judged` are those that are not of reference patches. */
type Seen = {
  readonly pair: GridPair;
  readonly attempts: readonly GridAttempt[];
  readonly judged: readonly GridAttempt[];
  /** Share of passes among the scored attempts of an arm. */
  readonly shares: ReadonlyMap<number, number>;
  readonly rivals: readonly Rival[];
};
type Rival = { readonly coop: number; readonly solo: number };

/** What can be asked for, several at once, each by its name in the address. An empty value asks for nothing. */
export const FILTERS: Readonly<Record<string, (seen: Seen, value: string) => boolean>> = {
  q: ({ pair, attempts }, value) =>
    value
      .toLowerCase()
      .split(/\s+/)
      .every(
        (word) => pair.text.includes(word) || attempts.some(({ text }) => text.includes(word)),
      ),
  differ: ({ shares }) => new Set(shares.values()).size > 1,
  "coop-lost": ({ shares, rivals }) =>
    rivals.some(({ coop, solo }) => isBelow(shares.get(coop), shares.get(solo))),
  "solo-lost": ({ shares, rivals }) =>
    rivals.some(({ coop, solo }) => isBelow(shares.get(solo), shares.get(coop))),
  repo: ({ pair }, value) => pair.repo === value,
  cause: ({ judged }, value) => judged.some(({ cause }) => cause === value),
  file: ({ pair }, value) =>
    pair.files.some((file) => file.toLowerCase().includes(value.trim().toLowerCase())),
  conflict: ({ judged }, value) => {
    const known = judged.map(({ conflict }) => conflict);
    return value === "yes" ? known.includes(true) : known.includes(false) && !known.includes(true);
  },
  messages: ({ judged }, value) => {
    const sent = judged.some(({ messages }) => messages !== null && messages > 0);
    return value === "sent" ? sent : !sent && judged.some(({ messages }) => messages === 0);
  },
};

function isBelow(one: number | undefined, other: number | undefined): boolean {
  return one !== undefined && other !== undefined && one < other;
}

/**
 * Which coop arm is held against which solo arm: those of the same agent and model where such a solo arm is shown, else
 * all of them.
 */
export function rivalsOf(arms: readonly GridArm[], shown: readonly number[]): Rival[] {
  const of = (kind: GridArm["kind"]) => shown.filter((arm) => arms[arm]?.kind === kind);
  return of("coop").flatMap((coop) => {
    const same = of("solo").filter((solo) => arms[solo]?.who === arms[coop]?.who);
    return (same.length > 0 ? same : of("solo")).map((solo) => ({ coop, solo }));
  });
}

/** Passes among scored attempts. */
export type Counts = { readonly passed: number; readonly scored: number };

export function countsOf(attempts: readonly GridAttempt[]): Counts {
  const scored = attempts.filter(({ passed }) => passed !== null);
  return { passed: scored.filter(({ passed }) => passed).length, scored: scored.length };
}

function seenOf(
  pair: GridPair,
  { arms, shown, rivals }: { arms: readonly GridArm[]; shown: readonly number[]; rivals: Rival[] },
): Seen {
  const attempts = pair.attempts.filter(({ arm }) => shown.includes(arm));
  const judged = attempts.filter(({ arm }) => arms[arm]?.kind !== "gold");
  const shares = new Map<number, number>();
  for (const arm of new Set(judged.map(({ arm }) => arm))) {
    const { passed, scored } = countsOf(judged.filter((attempt) => attempt.arm === arm));
    if (scored > 0) shares.set(arm, passed / scored);
  }
  return { pair, attempts, judged, shares, rivals };
}

const byText = new Intl.Collator("en", { numeric: true }).compare;
const byRepo = (a: GridPair, b: GridPair) =>
  byText(a.repo, b.repo) || a.task - b.task || byText(a.features, b.features);
const meanOf = ({ shares }: Seen) =>
  shares.size === 0 ? null : [...shares.values()].reduce((sum, one) => sum + one, 0) / shares.size;

/** Null comes last either way. */
function byNumber(of: (seen: Seen) => number | null, sign: number) {
  return (a: Seen, b: Seen) => {
    const [left, right] = [of(a), of(b)];
    if (left === right) return 0;
    if (left === null || right === null) return left === null ? 1 : -1;
    return sign * (left - right);
  };
}

/** Orders by their names in the address; pairs that are equal in one stay in the order of their repositories. */
export const SORTS: Readonly<Record<string, (a: Seen, b: Seen) => number>> = {
  repo: () => 0,
  pair: ({ pair: a }, { pair: b }) => a.task - b.task || byText(a.features, b.features),
  hardest: byNumber(({ pair }) => pair.difficulty, -1),
  easiest: byNumber(({ pair }) => pair.difficulty, 1),
  fewest: byNumber(meanOf, 1),
  most: byNumber(meanOf, -1),
};

/** More columns than these are shown only on demand. */
export const MOST_ARMS = 8;

/** Numbers of the columns to show: those that are named, else the first ones, those with the most attempts where there are many. */
export function shownArms({ arms, pairs }: Grid, names: readonly string[]): number[] {
  const all = arms.map((_, arm) => arm);
  const named = all.filter((arm) => names.includes(arms[arm]?.name ?? ""));
  if (named.length > 0) return named;
  const sizes = new Map<number, number>();
  for (const { attempts } of pairs)
    for (const { arm } of attempts) sizes.set(arm, (sizes.get(arm) ?? 0) + 1);
  const largest = all.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0));
  return largest.slice(0, MOST_ARMS).sort((a, b) => a - b);
}

/** Filters and order by their names, and columns by their arms' names: none for those that are shown unasked. */
export type Asked = {
  readonly chosen: Readonly<Record<string, string>>;
  readonly arms: readonly string[];
};

/** What is shown: columns, pairs in their order, and of how many pairs with an attempt in those columns. */
export type GridView = {
  readonly shown: readonly number[];
  readonly pairs: readonly GridPair[];
  readonly total: number;
};

export function viewOf(grid: Grid, { chosen, arms: names }: Asked): GridView {
  const { arms } = grid;
  const shown = shownArms(grid, names);
  const around = { arms, shown, rivals: rivalsOf(arms, shown) };
  const all = grid.pairs
    .map((pair) => seenOf(pair, around))
    .filter(({ attempts }) => attempts.length > 0);
  const asked = Object.entries(FILTERS).flatMap(([name, keeps]) => {
    const value = chosen[name];
    return value === undefined ? [] : [(seen: Seen) => keeps(seen, value)];
  });
  const kept = all.filter((seen) => asked.every((keeps) => keeps(seen)));
  const order = SORTS[chosen.sort ?? "repo"] ?? (() => 0);
  kept.sort((a, b) => order(a, b) || byRepo(a.pair, b.pair));
  return { shown, pairs: kept.map(({ pair }) => pair), total: all.length };
}
