// Owns what a report has found, for people: from comparisons of its runs, or why there is none, and what was left out.
import { plural } from "../core/text.ts";
import { armsOf, type Couple, comparisonLines, couplesOf } from "./compare.ts";
import type { PartContext } from "./context.ts";
import { differingPairs } from "./editions.ts";
import { type Compared, type Finding, findingOf } from "./finding.ts";
import { leftOut, leftOutOfRates, loneFinding, type RunFacts } from "./findings-without.ts";
import type { ReportLine } from "./line.ts";
import { passRate } from "./rate.ts";

export type Findings = {
  /** One sentence without its end. */
  readonly headline: string;
  /** What stands right below: numbers, and whether they can be chance. */
  readonly sentences: readonly string[];
  /** One finding for each of several comparisons. */
  readonly items: readonly string[];
  /** What was left out of the numbers, and why something is not compared. */
  readonly notes: readonly string[];
  /** The comparisons told of, in the form of the part `comparisons`. */
  readonly lines: readonly ReportLine[];
};
/** Everything is told from this. */
export type FindingsInput = {
  readonly runs: readonly RunFacts[];
  readonly couples: readonly Couple[];
  /** One line per couple, in their order. */
  readonly lines: readonly ReportLine[];
  /** Two runs each that are not compared, since task files differ between them. */
  readonly apart: readonly (readonly [a: string, b: string])[];
};

/** Without a solo and a coop run of one model, every two runs are compared if there are at most so many. */
const MOST_RUNS = 5;

/**
 * Compares solo with coop of the same agent and model; where there are no such runs, every two of a few runs of agents.
 * Throws the context's signal's reason once it is aborted.
 */
export async function readFindings(context: PartContext): Promise<Findings> {
  const { rows, margin, signal } = context;
  const runs = factsOf(context);
  const byRun = Map.groupBy(rows, ({ run }) => run);
  const isApart = ({ a, b }: Couple) =>
    differingPairs(byRun.get(a.run) ?? [], byRun.get(b.run) ?? []).length > 0;
  const all = couplesOf(armsOf(rows.filter(({ model }) => model !== null)));
  const gaps = all.filter(({ comparison }) => comparison === "coordination gap");
  const arms = new Set(all.flatMap(({ a, b }) => [a.run, b.run]));
  const wanted = gaps.length > 0 ? gaps : arms.size <= MOST_RUNS ? all : [];
  const apart = wanted.filter(isApart);
  const couples = wanted.filter((couple) => !apart.includes(couple));
  const lines = await comparisonLines(couples, { margin, signal });
  return findingsOf({ runs, couples, lines, apart: apart.map(({ a, b }) => [a.run, b.run]) });
}

/** The findings in words. Pure. */
export function findingsOf(input: FindingsInput): Findings {
  const { runs, couples, lines, apart } = input;
  const told = couples.flatMap((couple, at): Told[] => {
    const line = lines[at];
    const names = namesOf(couple, couples);
    const finding = line && findingOf(line, { ...names, of: couples.length });
    return line === undefined || finding === undefined ? [] : [{ ...names, couple, line, finding }];
  });
  const notes = [
    ...apart.map(
      ([a, b]) =>
        `Not compared, because task files differ between their editions of the dataset: ${a} and ${b}.`,
    ),
    ...leftOutOfRates(runs),
  ];
  const [first, ...more] = told;
  if (first === undefined)
    return { ...loneFinding(runs, apart.length > 0), items: [], notes, lines };
  if (more.length === 0)
    return { ...single(first), items: [], lines, notes: [...leftOut(first.line, first), ...notes] };
  return { ...several(told), lines, notes };
}

type Told = Compared & {
  readonly couple: Couple;
  readonly line: ReportLine;
  readonly finding: Finding;
};

function single(told: Told): Pick<Findings, "headline" | "sentences"> {
  const { headline, found, chance } = told.finding;
  const [{ agent, model }] = [told.couple.a];
  const isGap = told.couple.comparison === "coordination gap";
  const who = isGap
    ? [`Both are ${[agent, model].filter((word) => word !== null).join(", ")}.`]
    : [];
  return { headline, sentences: [found, chance, ...who] };
}

function several(told: readonly Told[]): Pick<Findings, "headline" | "sentences" | "items"> {
  const gap = told.every(({ couple }) => couple.comparison === "coordination gap");
  const fewer = told.filter(({ finding }) => finding.less === "b").length;
  const of = `${gap ? `${fewer} of ` : ""}${plural(told.length, "comparison")}`;
  const found = gap ? `Coop passed fewer pairs than solo in ${of}` : `${of} of runs`;
  return {
    headline: `${found}; ${weighed(told.map(({ finding }) => finding.weight))}`,
    sentences: gap ? [] : [NO_GAP_HERE],
    items: told.map(({ finding, couple, line, ...names }) =>
      [subject(couple, names), finding.found, finding.chance, ...leftOut(line, names)]
        .filter((part) => part !== "")
        .join(" "),
    ),
  };
}

function weighed(weights: readonly Finding["weight"][]): string {
  const beyond = weights.filter((weight) => weight === "beyond chance").length;
  if (beyond === weights.length) return "each difference is more than chance";
  if (beyond > 0)
    return `${beyond} of ${weights.length} differences ${beyond === 1 ? "is" : "are"} more than chance`;
  return weights.every((weight) => weight === "can be chance")
    ? "each difference can be chance"
    : "no difference is more than chance";
}

const NO_GAP_HERE = "No two of them are a solo and a coop run of the same agent and model.";

/** `mini, model:` before a finding whose subjects are `solo` and `coop`. */
function subject({ a }: Couple, names: { readonly a: string }): string {
  if (names.a === a.run) return "";
  return `${[a.agent, a.model].filter((word) => word !== null).join(", ")}:`;
}

/** `solo` and `coop` where that says which; else the runs' own names. */
function namesOf({ a, b, comparison }: Couple, all: readonly Couple[]) {
  const isAlone =
    comparison === "coordination gap" &&
    all.filter((one) => one.a.agent === a.agent && one.a.model === a.model).length === 1;
  return isAlone ? { a: a.setting, b: b.setting } : { a: a.run, b: b.run, are_runs: true };
}

function factsOf({ groups }: PartContext): RunFacts[] {
  return groups().flatMap(({ labels, rows }) => {
    const [first] = rows;
    if (first === undefined) return [];
    const { setting, agent, model } = first;
    const rate = passRate(rows.map(({ passed, fault }) => ({ passed, fault: fault !== null })));
    return [{ run: String(labels.run), setting, agent, model, rate }];
  });
}
