// Owns the content of eval.json, in any version's terms: passed or not, how the merge went, by which strategy, what each did alone.

import type { AloneVerdict } from "../../../db/schema.ts";
import { asRecord, isRecord } from "./result.ts";
import { moment } from "./time.ts";

/** CooperBench's verdict in its own terms; null where it says nothing. */
export type ForeignVerdict = {
  readonly passed: boolean | null;
  readonly merge_status: string | null;
  readonly strategy: string | null;
  readonly evaluated_at: string | null;
  /** Why it has no verdict, if it says so: an error there is not a failure. */
  readonly error: string | null;
  /** Its verdict on each agent's patch alone, by feature. */
  readonly alone: AloneVerdict[] | null;
  /** Where it contradicts itself. */
  readonly problems: readonly string[];
};
/** The input: eval.json, independent.json, and the features that their numbers count. */
export type Evaluated = {
  readonly evaluation: unknown;
  readonly independent?: unknown;
  readonly features: readonly number[];
};

type Fields = Readonly<Record<string, unknown>>;

/** Reads the forms of all eras, those of more than two features, and Tandem's. Without eval.json: only nulls. */
export function readVerdict({ evaluation, independent, features }: Evaluated): ForeignVerdict {
  const said = asRecord(evaluation);
  if ("policies" in said) return ourVerdict(said);
  const merge = asRecord(said.merge);
  const broken = merge.status === "error" ? "its merge broke" : null;
  const error = text(said.error) ?? broken;
  const { passed, problems } = passedOf(said);
  return {
    passed: error === null ? passed : null,
    merge_status: text(merge.status),
    strategy: text(merge.strategy),
    evaluated_at: moment(said.evaluated_at),
    error,
    alone: aloneOf(said, asRecord(independent), features),
    problems: error === null ? problems : [],
  };
}

/** A verdict that contradicts the features' own does not count. */
function passedOf(said: Fields): Pick<ForeignVerdict, "passed" | "problems"> {
  const [name, whole] = ["both_passed", "all_passed"]
    .map((name) => [name, said[name]] as const)
    .find(([, value]) => typeof value === "boolean") ?? ["", undefined];
  const parts = partsOf(said);
  const told = parts.flatMap(([, { passed }]) => (typeof passed === "boolean" ? [passed] : []));
  const odd = parts.flatMap(([name, part]) => oddities(name, part));
  const all = parts.length >= 2 && told.length === parts.length ? told.every(Boolean) : undefined;
  const failing = told.includes(false) ? false : all;
  if (typeof whole !== "boolean") return { passed: all ?? null, problems: odd };
  if (failing === undefined || failing === whole) return { passed: whole, problems: odd };
  const features = parts.map(([name, { passed }]) => `${name}.passed is ${passed}`).join(" and ");
  const problem = `eval.json contradicts itself: ${name} is ${whole}, ${features}: taken as no verdict`;
  return { passed: null, problems: [problem, ...odd] };
}

/** `feature1`, `feature2` and so on; else the entries of `features`. */
function partsOf(said: Fields): (readonly [string, Fields])[] {
  const named = Object.keys(said)
    .filter((name) => /^feature\d+$/.test(name))
    .map((name) => [name, asRecord(said[name])] as const);
  const list = Array.isArray(said.features) ? said.features.filter(isRecord) : [];
  if (named.length >= list.length) return named;
  return list.map((part, at) => [`features[${at}]`, part] as const);
}

/** A suite passes when its runner exits 0 and a test passed, in CooperBench too. */
function oddities(name: string, { passed, exit_code, tests_passed }: Fields): string[] {
  if (passed !== true) return [];
  const wrong = [
    ...(typeof exit_code === "number" && exit_code !== 0 ? [`exit_code is ${exit_code}`] : []),
    ...(tests_passed === 0 ? ["tests_passed is 0"] : []),
  ];
  return wrong.length === 0
    ? []
    : [`eval.json contradicts itself: ${name}.passed is true, but ${wrong.join(" and ")}`];
}

/** eval.json counts features by their place, independent.json by their number; the former came later. */
function aloneOf(said: Fields, independent: Fields, features: readonly number[]) {
  const found = features.flatMap((feature_id, at): AloneVerdict[] => {
    const one = said[`feature${at + 1}_independent`] ?? independent[`feature${feature_id}`];
    const { passed, tests_passed, tests_failed } = asRecord(one);
    if (typeof passed !== "boolean") return [];
    return [
      { feature_id, passed, tests_passed: count(tests_passed), tests_failed: count(tests_failed) },
    ];
  });
  return found.length === 0 ? null : found;
}

/** Tandem's eval.json: the verdict under Tandem's default policy. */
function ourVerdict(said: Fields): ForeignVerdict {
  const union = asRecord(asRecord(said.policies).union);
  const suites = (Array.isArray(said.suites) ? said.suites : []).map(asRecord);
  const times = suites.flatMap(({ tested_at }) => moment(tested_at) ?? []).sort();
  const alone = suites.flatMap(({ tested, feature_id, outcome, passed, failed }): AloneVerdict[] =>
    tested !== "alone" || typeof feature_id !== "number"
      ? []
      : [
          {
            feature_id,
            passed: outcome === "passed",
            tests_passed: count(passed),
            tests_failed: count(failed),
          },
        ],
  );
  return {
    passed: typeof union.passed === "boolean" ? union.passed : null,
    merge_status: text(asRecord(said.merge).naive),
    strategy: asRecord(said.merge).naive === "conflicts" ? "union" : "naive",
    evaluated_at: times.at(-1) ?? null,
    error: null,
    alone: alone.length === 0 ? null : alone,
    problems: [],
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function count(value: unknown): number | null {
  return Number.isSafeInteger(value) ? Number(value) : null;
}
