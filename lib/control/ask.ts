// Owns asking work under way for something: pause, resume, another concurrency, the end of attempts or arms.
import type { Request } from "../../db/controls.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { ControlRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { attemptKey, kindOfKey, pairKey, parseAttemptKey } from "../core/keys.ts";
import { unknownName } from "../core/nearest.ts";
import { standing } from "./standing.ts";
import { armNamed, type Target } from "./target.ts";

export const VERBS = ["pause", "resume", "cancel"] as const;
export type Verb = (typeof VERBS)[number];
export type Asking = {
  readonly target: Target;
  readonly verb?: Verb | undefined;
  /** Attempts at a time, at least 1. */
  readonly concurrency?: number | undefined;
  /** Keys of attempts, or of pairs for each run of the target. */
  readonly keys?: readonly string[] | undefined;
  /** Arms of the target, by their own names or their runs'. */
  readonly arms?: readonly string[] | undefined;
  /** User and host. */
  readonly asked_by: string;
};
export type Asked = {
  /** What is asked from now on. */
  readonly requests: readonly ControlRow[];
  /** Attempts that nothing was asked of, and why. */
  readonly passed_over: readonly { readonly key: string; readonly why: string }[];
};

/**
 * Keeps requests in the ledger, where whoever works on the target reads them; nothing is kept when one of them is
 * impossible. Throws UsageError for what does not go together, and for unknown arms, runs and pairs, naming the nearest.
 */
export function ask(ledger: Ledger, asking: Asking): Asked {
  const { keys = [], arms = [], verb, concurrency } = asking;
  checkTogether(asking);
  const { target, asked_by } = asking;
  const wholes = arms.length === 0 ? [target] : arms.map((arm) => armNamed(target, arm));
  const units = keys.flatMap((key) => attemptsOf(ledger, target, key));
  const why = new Map(units.map((key) => [key, verb && whyNot(ledger, verb, key)]));
  const wanted = [...why].flatMap(([key, reason]) => (reason === undefined ? key : []));
  const requests: Request[] = [
    ...(verb === undefined
      ? []
      : keys.length > 0
        ? wanted.map((unit) => ({ ...runOf(unit), verb, unit, asked_by }))
        : wholes.map(({ scope, name }) => ({ scope, name, verb, asked_by }))),
    ...(concurrency === undefined
      ? []
      : [{ ...sharing(ledger, target), verb: "concurrency" as const, concurrency, asked_by }]),
  ];
  return {
    requests: ledger.controls.ask(requests),
    passed_over: [...why].flatMap(([key, reason]) => (reason ? { key, why: reason } : [])),
  };
}

function checkTogether({ target, verb, concurrency, keys = [], arms = [] }: Asking): void {
  if (keys.length > 0 && arms.length > 0)
    throw new UsageError("keys and --arm do not go together: name attempts, or whole arms");
  if (verb === "pause" && keys.length > 0)
    throw new UsageError("single attempts are not paused: cancel them, and resume them later");
  if (verb === "cancel" && keys.length + arms.length === 0 && target.scope === "study")
    throw new UsageError(
      `name what to cancel: keys of attempts, or --arm NAME (pause holds all of ${target.name})`,
    );
  if (concurrency === undefined) return;
  if (keys.length + arms.length > 0 || verb === "cancel")
    throw new UsageError("-c is for a whole study or run: it goes without keys, --arm and cancel");
}

/** The arms of a study share its concurrency. Throws UsageError for one arm of several. */
function sharing(ledger: Ledger, { scope, name }: Target) {
  const studies = ledger.runs.studies();
  const study = scope === "run" ? studies.get(name) : undefined;
  const others = [...studies.values()].filter((one) => one === study).length;
  if (study !== undefined && others > 1)
    throw new UsageError(
      `the arms of a study share its concurrency: give -c for study ${study}, not for ${name}`,
    );
  return { scope, name };
}

/** The attempts that a key names: itself, or a pair's first attempt in every run. Throws UsageError for unknown ones. */
function attemptsOf(ledger: Ledger, { runs, name }: Target, key: string): string[] {
  if (kindOfKey(key) === "pair") {
    const [known] = runs.map((run) => checked(ledger, `${run}/${key}`));
    return known === undefined ? [] : runs.map((run) => `${run}/${key}`);
  }
  const { run } = parseAttemptKey(key);
  if (!runs.includes(run)) throw new UsageError(`${unknownName("run", run, runs)} (of ${name})`);
  return [checked(ledger, key)];
}

/** Throws UsageError where the run's dataset has no such pair and nothing was ever done to it. */
function checked(ledger: Ledger, key: string): string {
  const attempt = parseAttemptKey(key);
  const edition = ledger.runs.find(attempt.run)?.edition ?? undefined;
  const pair = pairKey(attempt);
  const tasks = ledger.dataset.tasks(undefined, edition);
  const task = tasks.find(
    ({ repo, task_id }) => repo === attempt.repo && task_id === attempt.task_id,
  );
  const has = (feature: number) => task?.features.some(({ feature_id }) => feature_id === feature);
  if (ledger.attempts.has(key) || attempt.features.every(has)) return attemptKey(attempt);
  const pairs = ledger.dataset.pairs({ edition }).map(({ pair_key }) => pair_key);
  throw new UsageError(unknownName("pair", pair, pairs));
}

/** Why there is nothing to ask of an attempt; undefined: there is. */
function whyNot(ledger: Ledger, verb: Verb, key: string): string | undefined {
  const { run } = parseAttemptKey(key);
  if (verb === "resume") {
    const holds = standing(ledger.controls.all(), ledger.runs.studies());
    return holds.cancelled(run, key) === undefined ? "it is not cancelled" : undefined;
  }
  const held = ledger.work.leases().some(({ unit }) => unit === key);
  return !held && ledger.scores.of(key, "union") !== undefined ? "it is done" : undefined;
}

const runOf = (key: string) => ({ scope: "run" as const, name: parseAttemptKey(key).run });
