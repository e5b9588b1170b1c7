// Owns a comparison of two runs in words: what was found, and whether it can be chance.
import { noun } from "../core/text.ts";
import type { ReportLine } from "./line.ts";
import { writeCell } from "./sheet.ts";

/** Who is compared, as the subject of a sentence. */
export type Compared = {
  readonly a: string;
  readonly b: string;
  /** Whether these are names of runs, which a sentence leaves as they are. */
  readonly are_runs?: boolean;
  /** How many comparisons are told of together: the more, the more of them differ by chance. 1 when absent. */
  readonly of?: number;
};
export type Finding = {
  /** One clause: who passed fewer, and whether that can be chance. */
  readonly headline: string;
  /** What both passed, in one sentence. */
  readonly found: string;
  /** Whether it can be chance, in one sentence. */
  readonly chance: string;
  /** `a` or `b` passed fewer, or neither did. */
  readonly less: "a" | "b" | undefined;
  /** `beyond chance` for these pairs at least; `equivalent` within the margin of the test. */
  readonly weight: "beyond chance" | "can be chance" | "equivalent";
};

/** With fewer pairs a rate says more than is known: they are counted. */
const COUNTED_BELOW = 30;
const CHANCE = 0.05;
const NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split(" ");

/** The two sentences of {@link findingOf}. Undefined when no pair is scored in both runs. */
export function findingText(line: ReportLine, compared: Compared): string | undefined {
  const finding = findingOf(line, compared);
  return finding && `${finding.found} ${finding.chance}`;
}

/**
 * A line of the part `comparisons` in words, by that part's rules: what is known of other tasks is what the interval and
 * the test by task show, and pairs of one task show nothing of others. Undefined when no pair is scored in both runs.
 */
export function findingOf(line: ReportLine, compared: Compared): Finding | undefined {
  const [pairs, a, b] = [line.pairs, line.rate_a, line.rate_b].map(numberIn);
  if (!pairs || a === undefined || b === undefined) return undefined;
  const rates = { pairs, a, b };
  const bounds = boundsIn(line);
  const found = pairs < COUNTED_BELOW ? counted : measured;
  const sentence = (text: string) => (compared.are_runs === true ? text : capital(text));
  const { chance, weight } = judged(line, rates, compared.of ?? 1);
  return {
    headline: sentence(headline(rates, compared, weight)),
    found: sentence(found(rates, compared, bounds)),
    ...{ chance, weight, less: a === b ? undefined : a < b ? "a" : "b" },
  };
}

type Rates = { readonly pairs: number; readonly a: number; readonly b: number };
type Bounds = { readonly low: number; readonly high: number };

function headline({ pairs, a, b }: Rates, names: Compared, weight: Finding["weight"]): string {
  const of = `${pairs} ${noun(pairs, "pair")}`;
  const [less, more] = a < b ? [names.a, names.b] : [names.b, names.a];
  const few = pairs < COUNTED_BELOW;
  if (a === b)
    return few
      ? `${names.a} and ${names.b} each passed ${times(a, pairs)} of ${of}`
      : `${names.a} and ${names.b} each passed ${points(a)} % of ${of}`;
  const gap = Math.abs(a - b);
  const found = few
    ? `${less} passed ${times(gap, pairs)} of ${of} fewer than ${more}`
    : `${less}'s pass rate was ${points(gap)} points below ${more}'s on ${of}`;
  const ending = {
    "can be chance": "; this can be chance",
    equivalent: "; this is within the margin of no difference",
    "beyond chance": "",
  };
  return `${found}${ending[weight]}`;
}

function counted({ pairs, a, b }: Rates, names: Compared): string {
  const of = `${pairs} ${noun(pairs, "pair")}`;
  return `${names.a} passed ${times(a, pairs)} of ${of}, ${names.b} passed ${times(b, pairs)}.`;
}

function measured({ pairs, a, b }: Rates, names: Compared, bounds: Bounds | undefined): string {
  const between =
    bounds === undefined
      ? ""
      : ` (95 % interval by task: ${points(bounds.low)} to ${points(bounds.high)})`;
  const [more, less] = a >= b ? [names.a, names.b] : [names.b, names.a];
  const [high, low] = a >= b ? [a, b] : [b, a];
  return `${more} passed ${points(high)} % of ${pairs} pairs, ${less} ${points(low)} %: a difference of ${points(high - low)} points${between}.`;
}

type Judged = Pick<Finding, "chance" | "weight">;
type Tested = {
  readonly line: ReportLine;
  readonly whose: string;
  /** What p must be below, with as many comparisons. */
  readonly level: number;
};

function judged(line: ReportLine, { pairs, a, b }: Rates, comparisons: number): Judged {
  const few = `${NUMBERS[pairs] ?? pairs} ${noun(pairs, "pair")}`;
  const whose = line.by_task_reason === "one cluster" ? `${few} of one task` : few;
  const tested = { line, whose, level: CHANCE / comparisons };
  const { verdict } = line;
  if (typeof verdict === "string" && verdict.startsWith("equivalent"))
    return alike(verdict, boundsIn(line));
  if (a === b)
    return {
      chance: `This does not show that they are equally good: with ${whose} a difference can go unseen.`,
      weight: "can be chance",
    };
  return boundsIn(line) === undefined ? byPairs(tested) : byTask(tested);
}

/** The test of equivalence was passed; a difference may be shown too, and is then a small one. */
function alike(verdict: string, bounds: Bounds | undefined): Judged {
  const within = verdict.replace("equivalent ", "");
  const also = bounds !== undefined && excludesNone(bounds);
  return {
    chance: also
      ? `The difference is more than chance, and small: ${within}.`
      : `By the test of equivalence that is no difference ${within}.`,
    weight: "equivalent",
  };
}

/** Where several tasks show an error: their interval, and the permutation test on them, must both say so. */
function byTask({ line, whose }: Tested): Judged {
  const bounds = boundsIn(line);
  const p = permutationP(line);
  if (bounds !== undefined && excludesNone(bounds) && (p === undefined || p < CHANCE))
    return { chance: "Chance alone would rarely show that much.", weight: "beyond chance" };
  const test =
    bounds !== undefined && excludesNone(bounds) && p !== undefined
      ? ` (permutation test by task: p ${written(p)})`
      : "";
  return { chance: `With ${whose} this can be chance${test}.`, weight: "can be chance" };
}

/** Where tasks show no error: what exact counts of pairs that differ allow, for these pairs alone. */
function byPairs({ line, whose, level }: Tested): Judged {
  const p = numberIn(line.mcnemar_p);
  const test = p === undefined ? "" : ` (exact McNemar test: p ${written(p)})`;
  const oneTask = line.by_task_reason === "one cluster";
  const byTasks = oneTask ? undefined : permutationP(line);
  if (p === undefined || p >= level || (byTasks !== undefined && byTasks >= CHANCE)) {
    const many =
      p !== undefined && p < CHANCE && p >= level ? ", as one of several comparisons," : "";
    return { chance: `With ${whose}${many} this can be chance${test}.`, weight: "can be chance" };
  }
  const ending = oneTask ? ", but one task tells nothing of others" : "";
  return {
    chance: `For these pairs that is more than chance${test}${ending}.`,
    weight: "beyond chance",
  };
}

/** Corrected for all comparisons of the table, where that is known. */
function permutationP({ holm_p, sign_flip_p }: ReportLine): number | undefined {
  return numberIn(holm_p) ?? numberIn(sign_flip_p);
}

function written(p: number): string {
  return writeCell(p, "p")
    .replace(/^(?=\d|\.)/, "= ")
    .replace(/^</, "< ");
}

function excludesNone({ low, high }: Bounds): boolean {
  return low > 0 || high < 0;
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

/** A share of the pairs as their number; with several tries of a pair it may be a fraction. */
function times(share: number, pairs: number): string {
  return String(Number((share * pairs).toFixed(1)));
}

function points(share: number): string {
  return (100 * share).toFixed(1);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
