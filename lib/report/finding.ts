// Owns a comparison of two runs in two sentences: what was found, and whether it can be chance.
import { noun } from "../core/text.ts";
import { writeCell } from "./cell.ts";
import type { ReportLine } from "./line.ts";

/** Who is compared, as the subject of a sentence. */
export type Compared = { readonly a: string; readonly b: string };

/** With fewer pairs a rate says more than is known: they are counted. */
const COUNTED_BELOW = 30;
const CHANCE = 0.05;
const NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split(" ");

/**
 * Two sentences of a line of the part `comparisons`, by that part's rules: what is known of other tasks is what the
 * interval by task shows, and pairs of one task show nothing of others. Undefined when no pair is scored in both runs.
 */
export function findingText(line: ReportLine, compared: Compared): string | undefined {
  const [pairs, a, b] = [line.pairs, line.rate_a, line.rate_b].map(numberIn);
  if (!pairs || a === undefined || b === undefined) return undefined;
  const bounds = boundsIn(line);
  const found =
    pairs < COUNTED_BELOW
      ? counted({ pairs, a, b }, compared)
      : measured({ pairs, a, b }, compared, bounds);
  return `${found} ${chance(line, pairs, bounds)}`;
}

type Rates = { readonly pairs: number; readonly a: number; readonly b: number };
type Bounds = { readonly low: number; readonly high: number };

function counted({ pairs, a, b }: Rates, names: Compared): string {
  const count = (rate: number) => String(Number((rate * pairs).toFixed(1)));
  const of = `${pairs} ${noun(pairs, "pair")}`;
  return `${capital(names.a)} passed ${count(a)} of ${of}, ${names.b} passed ${count(b)}.`;
}

function measured({ pairs, a, b }: Rates, names: Compared, bounds: Bounds | undefined): string {
  const points = (share: number) => (100 * share).toFixed(1);
  const between =
    bounds === undefined
      ? ""
      : ` (95 % interval by task: ${points(bounds.low)} to ${points(bounds.high)})`;
  const [more, less] = a >= b ? [names.a, names.b] : [names.b, names.a];
  const [high, low] = a >= b ? [a, b] : [b, a];
  return `${capital(more)} passed ${points(high)} % of ${pairs} pairs, ${less} ${points(low)} %: a difference of ${points(high - low)} points${between}.`;
}

/** By task where tasks can show an error; else what exact counts of pairs that differ allow. */
function chance(line: ReportLine, pairs: number, bounds: Bounds | undefined): string {
  const few = `${NUMBERS[pairs] ?? pairs} ${noun(pairs, "pair")}`;
  const oneTask = line.by_task_reason === "one cluster";
  const whose = oneTask ? `${few} of one task` : few;
  if (bounds !== undefined) {
    const excludes = bounds.low > 0 || bounds.high < 0;
    return excludes
      ? "Chance alone would rarely show that much."
      : `With ${whose} this can be chance.`;
  }
  const p = numberIn(line.mcnemar_p);
  const test =
    p === undefined
      ? ""
      : ` (exact McNemar test: p ${writeCell(p, "p")
          .replace(/^(?=\d|\.)/, "= ")
          .replace(/^</, "< ")})`;
  if (p === undefined || p >= CHANCE) return `With ${whose} this can be chance${test}.`;
  return oneTask
    ? `For these pairs that is more than chance${test}, but one task tells nothing of others.`
    : `For these pairs that is more than chance${test}.`;
}

/** From a minus b to the larger minus the smaller one. */
function boundsIn({ by_task_low, by_task_high, difference }: ReportLine): Bounds | undefined {
  const [low, high] = [by_task_low, by_task_high].map(numberIn);
  if (low === undefined || high === undefined) return undefined;
  return (numberIn(difference) ?? 0) < 0 ? { low: -high, high: -low } : { low, high };
}

function numberIn(cell: ReportLine[string] | undefined): number | undefined {
  return typeof cell === "number" ? cell : undefined;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
