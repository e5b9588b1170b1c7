// Owns the names of units of work: builds and parses pair, attempt and repeat keys. Nobody else joins them.
import { UsageError } from "./fault.ts";

/** A pair of the dataset: feature numbers ascending, two or more. */
export type PairId = {
  readonly repo: string;
  readonly task_id: number;
  readonly features: readonly number[];
};
/** A pair in a named run; `try` is 1 for the first attempt, `~2` and so on in the key afterwards. */
export type AttemptId = PairId & { readonly run: string; readonly try: number };

/** Numbers are of 15 digits at most: longer ones are not exact, and would be written as another number. */
const PAIR = /^([A-Za-z0-9][A-Za-z0-9._-]*)\/task(\d{1,15})\/features_(\d{1,15}(?:_\d{1,15})+)$/;
const RUN_NAME = /^[A-Za-z0-9][A-Za-z0-9._+@=-]{0,199}$/;
const TRY = /~([1-9]\d{0,14})$/;

/** `go_chi_task/task26`. */
export function taskKey(task: { repo: string; task_id: number }): string {
  return `${task.repo}/task${task.task_id}`;
}

/** `go_chi_task/task26/feature3`. */
export function featureKey(feature: { repo: string; task_id: number; feature_id: number }): string {
  return `${taskKey(feature)}/feature${feature.feature_id}`;
}

/** `go_chi_task/task26/features_1_2`; features are sorted. */
export function pairKey(pair: PairId): string {
  return `${taskKey(pair)}/features_${sortedFeatures(pair.features).join("_")}`;
}

/** `my-run/go_chi_task/task26/features_1_2`, with `~2` behind it for the second try. */
export function attemptKey(attempt: AttemptId): string {
  const repeat = attempt.try === 1 ? "" : `~${attempt.try}`;
  return `${checkedRunName(attempt.run)}/${pairKey(attempt)}${repeat}`;
}

/** The reverse of {@link pairKey}. Throws UsageError when the text is no pair key. */
export function parsePairKey(key: string): PairId {
  const match = PAIR.exec(key);
  if (!match)
    throw new UsageError(`"${key}" is not a pair key (such as go_chi_task/task26/features_1_2)`);
  const [, repo = "", task = "", list = ""] = match;
  const features = list.split("_").map(Number);
  if (new Set(features).size !== features.length)
    throw new UsageError(`"${key}" names a feature twice`);
  return { repo, task_id: Number(task), features: sortedFeatures(features) };
}

/** Where the files of an attempt's superseded try lie, under the logs; `generation` counts from 1. */
export function supersededFolder(attempt_key: string, generation: number): string {
  const slash = attempt_key.indexOf("/");
  return `${attempt_key.slice(0, slash)}/.superseded${attempt_key.slice(slash)}.${generation}`;
}

/** The verdict of an era of CooperBench on an attempt, as leases and faults name it. */
export function eraUnit(attempt_key: string, era: string): string {
  return `${attempt_key} ${era}`;
}

/** The reverse of {@link attemptKey}. Throws UsageError when the text is no attempt key. */
export function parseAttemptKey(key: string): AttemptId {
  const slash = key.indexOf("/");
  if (slash < 1 || key.split("/").length !== 4)
    throw new UsageError(
      `"${key}" is not an attempt key (such as my-run/go_chi_task/task26/features_1_2)`,
    );
  const run = checkedRunName(key.slice(0, slash));
  const rest = key.slice(slash + 1);
  const repeat = TRY.exec(rest);
  const pair = parsePairKey(repeat ? rest.slice(0, repeat.index) : rest);
  return { ...pair, run, try: repeat ? Number(repeat[1]) : 1 };
}

/** Whether the text is a pair key or an attempt key; undefined when it is neither. */
export function kindOfKey(key: string): "pair" | "attempt" | undefined {
  if (PAIR.test(key)) return "pair";
  return key.split("/").length === 4 ? "attempt" : undefined;
}

/** The name when it can be a folder and the first part of a key; otherwise a UsageError. */
export function checkedRunName(name: string): string {
  if (RUN_NAME.test(name) && !name.includes("..")) return name;
  throw new UsageError(
    `run name "${name}" must be letters, digits and ._+@=- (no slash, 200 characters at most)`,
  );
}

/** Whether keys can name a repository's folder so. */
export function isRepoName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
}

/** A copy in ascending numeric order. */
export function sortedFeatures(features: readonly number[]): number[] {
  return [...features].sort((a, b) => a - b);
}
