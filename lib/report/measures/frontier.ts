// Owns cost against success: what an attempt of each run costs, and which runs no other one beats in both.
import type { OutcomeRow } from "../../../db/outcomes.ts";
import { type PartContext, scopeOf } from "../context.ts";
import type { ReportLine } from "../line.ts";
import { passRate } from "../rate.ts";
import { type Group, pairOfRow } from "../report.ts";
import { clusteredInterval, knownSum } from "../stats/index.ts";

/** `free`: every attempt is known to have cost nothing, as replays do. */
type Spending = "paid" | "free" | "unknown in part" | "unknown";
type Spent = { readonly usd: number | null; readonly tokens: number | null };
type Line = ReturnType<typeof lineOf> extends Promise<infer Made> ? Made : never;

/** No amount is negative. */
const AMOUNT = [0, Number.POSITIVE_INFINITY] as const;

/**
 * One line per run of a model. Means and their 95 % t intervals are over attempts whose amount is known, which are taken
 * as independent. `frontier` compares runs that attempted the same pairs, by dollars where any of them is paid for and
 * by tokens elsewhere; it is null for runs on other pairs than most, and where cost or rate is not known.
 */
export async function frontierLines(context: PartContext): Promise<ReportLine[]> {
  const spent = spentBy(context);
  const groups = context.groups().filter(({ rows }) => rows[0]?.model != null);
  const lines = await Promise.all(groups.map((group) => lineOf(group, spent)));
  const measure = lines.some(({ spending }) => spending === "paid") ? "usd" : "tokens";
  const like = mostAlike(groups);
  const placed = lines.map((line, at) => ({
    ...line,
    ...{
      measure,
      same_pairs: like.has(at),
      x: isPlaced(line, measure) ? line[`mean_${measure}`] : null,
    },
  }));
  const rivals = placed.filter(
    ({ same_pairs, x, pass_rate }) => same_pairs && x !== null && pass_rate !== null,
  );
  return placed.map(({ x, ...line }) => ({
    ...line,
    frontier: rivals.some(({ run }) => run === line.run)
      ? !rivals.some((rival) => beats(rival, { ...line, x }))
      : null,
  }));
}

/** A mean over a part of the attempts could be of the cheap ones: it is not compared. */
function isPlaced(line: Line, measure: "usd" | "tokens"): boolean {
  return measure === "usd" ? line.spending === "paid" : line.tokens_unknown === 0;
}

type Point = { readonly x: number | null; readonly pass_rate: number | null };

/** Neither dearer nor worse, and one of both better. */
function beats(one: Point, other: Point): boolean {
  const [x, rate, otherX, otherRate] = [one.x, one.pass_rate, other.x, other.pass_rate];
  if (x === null || rate === null || otherX === null || otherRate === null) return false;
  return x <= otherX && rate >= otherRate && (x < otherX || rate > otherRate);
}

/** Places of the groups that attempted the same pairs, those of most groups; of equally many those of more pairs. */
function mostAlike(groups: readonly Group[]): ReadonlySet<number> {
  const pairs = groups.map(({ rows }) => [...new Set(rows.map(pairOfRow))].sort());
  const alike = [...Map.groupBy(groups.keys(), (at) => pairs[at]?.join("\n")).values()];
  const sized = (of: readonly number[]) => pairs[of[0] ?? -1]?.length ?? 0;
  const [most = []] = alike.sort((a, b) => b.length - a.length || sized(b) - sized(a));
  return new Set(most);
}

async function lineOf({ labels, rows }: Group, spentBy: ReadonlyMap<string, Spent>) {
  const spent = rows.flatMap((row) => ({ row, of: spentBy.get(row.attempt_key) })).filter(isSpent);
  const usd = await meanOf(spent.map(({ row, of }) => ({ row, amount: of.usd })));
  const tokens = await meanOf(spent.map(({ row, of }) => ({ row, amount: of.tokens })));
  const rate = passRate(rows.map(({ passed, fault }) => ({ passed, fault: fault !== null })));
  const [first] = rows;
  return {
    ...{ run: labels.run ?? null, setting: first?.setting ?? null },
    ...{ agent: first?.agent ?? null, model: first?.model ?? null },
    ...{ attempts: spent.length, spending: spendingOf(spent.map(({ of }) => of.usd)) },
    ...{
      mean_usd: usd.mean,
      mean_usd_low: usd.low,
      mean_usd_high: usd.high,
      usd_unknown: usd.unknown,
    },
    ...{ mean_tokens: tokens.mean, mean_tokens_low: tokens.low, mean_tokens_high: tokens.high },
    ...{ tokens_unknown: tokens.unknown, passed: rate.passed, scored: rate.attempted },
    ...{ pass_rate: rate.rate, wilson_low: rate.wilson_low, wilson_high: rate.wilson_high },
  };
}

type Attempt = { readonly row: OutcomeRow; readonly of: Spent };

function isSpent(one: {
  readonly row: OutcomeRow;
  readonly of: Spent | undefined;
}): one is Attempt {
  return one.of !== undefined;
}

async function meanOf(
  amounts: readonly { readonly row: OutcomeRow; readonly amount: number | null }[],
) {
  const known = amounts.flatMap(({ row, amount }) =>
    amount === null ? [] : [{ value: amount, cluster: row.attempt_key }],
  );
  const { mean, low, high } = await clusteredInterval(known, { range: AMOUNT });
  return { mean, low, high, unknown: amounts.length - known.length };
}

function spendingOf(amounts: readonly (number | null)[]): Spending {
  if (amounts.every((amount) => amount === null)) return "unknown";
  if (amounts.some((amount) => amount === null)) return "unknown in part";
  return amounts.some((amount) => amount !== 0) ? "paid" : "free";
}

/** What all agents of an attempt used together; unknown as soon as a part is. */
function spentBy(context: PartContext): ReadonlyMap<string, Spent> {
  const agents = context.ledger.measures.spent(scopeOf(context));
  const byAttempt = Map.groupBy(agents, ({ attempt_key }) => attempt_key);
  return new Map(
    [...byAttempt].map(([key, own]) => [
      key,
      {
        usd: knownSum(own.map(({ cost_usd }) => cost_usd)),
        tokens: knownSum(
          own.flatMap((row) => [
            ...[row.input_tokens, row.output_tokens],
            ...[row.cache_read_tokens, row.cache_write_tokens],
          ]),
        ),
      },
    ]),
  );
}
