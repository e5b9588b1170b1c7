// Owns what a report says where no two runs are compared, and of attempts that are in no comparison or rate.
import { isGold } from "../core/gold.ts";
import { plural } from "../core/text.ts";
import type { ReportLine } from "./line.ts";
import type { PassRate } from "./rate.ts";

/** A run, or an arm, with its rate. */
export type RunFacts = {
  readonly run: string;
  readonly setting: "solo" | "coop";
  readonly agent: string;
  readonly model: string | null;
  readonly rate: PassRate;
};
export type Lone = { readonly headline: string; readonly sentences: readonly string[] };

/** What there is to say of runs of which no two are compared; `apart`: since their task files differ. */
export function loneFinding(runs: readonly RunFacts[], apart = false): Lone {
  const scored = runs.filter(({ rate }) => rate.attempted > 0);
  const agents = scored.filter((run) => !isGold(run));
  const [first, ...more] = agents;
  if (scored.length === 0)
    return { headline: "No results yet", sentences: ["No pair is evaluated yet."] };
  if (first === undefined) return goldAlone(scored);
  if (more.length === 0) return oneRun(first);
  return {
    headline: `${plural(agents.length, "run")}, and no comparison is possible yet`,
    sentences: apart ? [] : [whyNone(agents)],
  };
}

function goldAlone(runs: readonly RunFacts[]): Lone {
  const passed = runs.map(({ rate }) => `${rate.passed} of ${plural(rate.attempted, "pair")}`);
  return {
    headline: `The merged reference patches passed ${passed.join(", and in another run ")}`,
    sentences: ["Only the reference patches were run: there are no agents to compare."],
  };
}

function oneRun({ run, setting, rate }: RunFacts): Lone {
  const { passed, attempted, wilson_low: low, wilson_high: high } = rate;
  const share = (bound: number) => `${(100 * bound).toFixed(0)} %`;
  const between =
    low === null || high === null
      ? ""
      : `: the rate behind it may lie between ${share(low)} and ${share(high)} (95 % Wilson interval)`;
  return {
    headline: `${setting === "solo" ? "Solo" : "Coop"} passed ${passed} of ${plural(attempted, "pair")}`,
    sentences: [
      `That is the run ${run}${between}.`,
      `Nothing is compared: a ${otherOf(setting)} run of the same agent and model on the same pairs would show the coordination gap.`,
    ],
  };
}

function whyNone(runs: readonly RunFacts[]): string {
  const settings = new Set(runs.map(({ setting }) => setting));
  const [only = "coop"] = settings;
  if (settings.size === 1)
    return `All of them are ${only}: without a ${otherOf(only)} run of the same agent and model there is no coordination gap.`;
  const who = (setting: string) =>
    runs.filter((run) => run.setting === setting).map(({ agent, model }) => `${agent} ${model}`);
  const shared = who("solo").some((one) => who("coop").includes(one));
  return shared
    ? "The solo and the coop runs of an agent and model have no scored pair in common, and rates on different pairs say nothing of each other."
    : "No solo run is of the same agent and model as a coop run, and has scored the same pairs.";
}

function otherOf(setting: RunFacts["setting"]): string {
  return setting === "solo" ? "coop" : "solo";
}

/** Pairs of two runs that are not compared, by a line of `comparisons`. */
export function leftOut(line: ReportLine, names: { readonly a: string; readonly b: string }) {
  const [all = 0, only_a = 0, only_b = 0] = [line.dropped, line.only_a, line.only_b].map(Number);
  if (!all) return [];
  const neither = all - only_a - only_b;
  const parts = [
    ...(only_a > 0 ? [`${only_a} scored only in ${names.a}`] : []),
    ...(only_b > 0 ? [`${only_b} scored only in ${names.b}`] : []),
    ...(neither > 0 ? [`${neither} scored in neither`] : []),
  ];
  return [`${plural(all, "pair")} left out of the comparison: ${parts.join(", ")}.`];
}

/** Attempts that are in no rate. */
export function leftOutOfRates(runs: readonly RunFacts[]): string[] {
  const sum = (of: (rate: PassRate) => number) =>
    runs.reduce((total, { rate }) => total + of(rate), 0);
  const [faults, pending] = [sum(({ faults }) => faults), sum(({ pending }) => pending)];
  const parts = [
    ...(faults > 0
      ? [`${plural(faults, "attempt")} met a fault, which is the laboratory's failure`]
      : []),
    ...(pending > 0
      ? [`${plural(pending, "attempt")} ${pending === 1 ? "waits" : "wait"} for a verdict`]
      : []),
  ];
  if (parts.length === 0) return [];
  const they = faults + pending === 1 ? "it is" : "they are";
  return [`${parts.join(", and ")}: ${they} in no rate.`];
}
