// Owns what eval.json says, in any version's words: passed or not, how the merge went, by which strategy, when.

import { moment } from "./moment.ts";
import { asRecord } from "./says.ts";

/** The other system's verdict in its own words; null where it says nothing. */
export type ForeignVerdict = {
  readonly passed: boolean | null;
  readonly merge_status: string | null;
  readonly strategy: string | null;
  readonly evaluated_at: string | null;
  /** Why it has no verdict, when it says so: an error there is no failure. */
  readonly error: string | null;
};

/** Reads the forms before and from 0.0.16 on, and ours. Of no eval.json: nothing but nulls. */
export function readVerdict(evaluation: unknown): ForeignVerdict {
  const said = asRecord(evaluation);
  if ("policies" in said) return ourVerdict(said);
  const merge = asRecord(said.merge);
  const error = text(said.error);
  return {
    passed: error === null ? passedOf(said) : null,
    merge_status: text(merge.status),
    strategy: text(merge.strategy),
    evaluated_at: moment(said.evaluated_at),
    error,
  };
}

function passedOf(said: Readonly<Record<string, unknown>>): boolean | null {
  if (typeof said.both_passed === "boolean") return said.both_passed;
  const features = Object.keys(said)
    .filter((name) => /^feature\d+$/.test(name))
    .map((name) => asRecord(said[name]).passed);
  const told = features.every((passed) => typeof passed === "boolean");
  return features.length < 2 || !told ? null : features.every(Boolean);
}

/** Our own eval.json: the verdict under our default policy. */
function ourVerdict(said: Readonly<Record<string, unknown>>): ForeignVerdict {
  const union = asRecord(asRecord(said.policies).union);
  const suites = Array.isArray(said.suites) ? said.suites : [];
  const times = suites.flatMap((suite) => moment(asRecord(suite).tested_at) ?? []).sort();
  return {
    passed: typeof union.passed === "boolean" ? union.passed : null,
    merge_status: text(asRecord(said.merge).naive),
    strategy: asRecord(said.merge).naive === "conflicts" ? "union" : "naive",
    evaluated_at: times.at(-1) ?? null,
    error: null,
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
