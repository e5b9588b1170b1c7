// Owns what comes after the agents: attempts are merged, and judged on their merges, one stage feeding the next.

import type { DerivedPolicy, MergeRow, MergeStatus } from "../../db/schema.ts";
import type { Fault } from "../core/fault.ts";
import { parseAttemptKey, taskKey } from "../core/keys.ts";
import { DERIVED_POLICIES } from "../core/vocabulary.ts";
import { suitesElsewhere } from "../errands/suite.ts";
import { type StoredVerdicts, toldVerdict, type Verdict, verdictOf } from "../eval/planned.ts";
import { openTester, type SuiteCounts } from "../eval/results.ts";
import { statuses } from "../merge/planned.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import type { Engine } from "./engine.ts";
import { type Ended, type Line, openLine } from "./line.ts";
import { MERGE_BATCH, MERGE_WIDTH, mergeStage } from "./merge.ts";
import type { Batch } from "./queue.ts";
import type { Counts } from "./tally.ts";
import { verdictStage } from "./verdict.ts";

export type MergeUnit =
  | {
      readonly key: string;
      readonly merge_status: MergeStatus;
      readonly union_status: MergeStatus;
      /** What it was merged on: the task's own repository, or a base made from the dataset's patches. */
      readonly base_kind: MergeRow["base_kind"];
      readonly fresh: boolean;
    }
  | { readonly key: string; readonly fault: Fault };
export type EvalUnit =
  | (Verdict & {
      readonly key: string;
      readonly fresh: boolean;
      /** What to know besides the verdict, if anything. */
      readonly marks?: readonly string[];
    })
  | { readonly key: string; readonly fault: Fault };
/** What became of an attempt in one of the stages. */
export type AfterEvent =
  | { readonly step: "merge"; readonly unit: MergeUnit }
  | { readonly step: "eval"; readonly unit: EvalUnit };
type JudgingEvent = AfterEvent & { readonly unit: EvalUnit };

export type AfterPlan = {
  readonly log_dir: string;
  readonly taskOf: (pair_key: string, task_hash?: string) => TaskFiles;
  readonly backend: Backend;
  readonly force: boolean;
  /** Git processes at a time. */
  readonly git: number;
};
export type EvalPlan = AfterPlan & {
  readonly premerge: boolean;
  /** Policies that are asked for. */
  readonly policies: readonly DerivedPolicy[];
  readonly timeout_ms: number;
  /** Suites at a time, over all attempts. */
  readonly suites: number;
  /** Attempts that are judged at a time. */
  readonly concurrency: number | (() => number);
};
/** Where keys of finished attempts go in, and the stages that they pass. */
export type After = {
  readonly survey: (keys: readonly string[]) => Promise<readonly string[]>;
  readonly push: (...keys: readonly string[]) => void;
  readonly counts: () => Counts;
  /** Suites of this call, where there are any. */
  readonly suites?: () => SuiteCounts;
  /** In order: each is closed once the one before has ended. */
  readonly lines: readonly Pick<Line<string>, "close" | "done">[];
};

/** How long merges that are asked for in succession wait for each other: git merges many in the time of one. */
const MOMENT_MS = 20;

/** Merges only: on a real base where one is at hand, else on one made of patches. */
export function openMerging(
  engine: Engine,
  plan: AfterPlan,
  on_event: (event: Extract<AfterEvent, { step: "merge" }>) => void,
): After {
  const line = mergeLine(engine, plan, {
    baseOf: plan.backend.baseAtHand,
    force: plan.force,
    on_unit: (key, ended) => on_event({ step: "merge", unit: mergeUnit(key, ended) }),
  });
  return { survey: line.survey, push: line.push, counts: line.counts, lines: [line] };
}

/** Merges on the real base where that is missing, then judges. Only faults of the merges are reported. */
export function openJudging(
  engine: Engine,
  plan: EvalPlan,
  on_event: (event: JudgingEvent) => void,
): After {
  const { ledger, signal } = engine;
  const elsewhere = suitesElsewhere(engine.place.send, plan.backend);
  const tester = openTester({ ...plan, ledger, signal, elsewhere });
  const { concurrency } = plan;
  const width = typeof concurrency === "number" ? () => concurrency : concurrency;
  const broken = new Set<string>();
  const judging: Line<string> = openLine({
    engine,
    stage: verdictStage({ ...plan, ledger, signal, tester }),
    width,
    force: plan.force,
    on_unit(key, ended) {
      const unit = evalUnit(key, judgedAs(ended, plan.policies));
      on_event({ step: "eval", unit: "fault" in unit ? unit : withMarks(ledger, unit) });
      merging.wake();
    },
  });
  const merging = mergeLine(engine, plan, {
    baseOf: (task) => plan.backend.base(task, signal),
    force: false,
    // A task's attempts share its image: they are merged together, but no more of them than are soon judged.
    alike: (key) => taskKey(parseAttemptKey(key)),
    hold: () => judging.backlog() >= width(),
    on_unit(key, ended) {
      if ("fault" in ended) broken.add(key);
      else broken.delete(key);
      if ("fault" in ended) on_event({ step: "merge", unit: { key, ...ended } });
      else judging.push(key);
    },
  });
  const counts = () => bothCounts(judging.counts(), merging.counts(), broken.size);
  const lines = [merging, judging];
  return { survey: judging.survey, push: merging.push, counts, suites: tester.counts, lines };
}

type Judged = Exclude<EvalUnit, { readonly fault: Fault }>;

function withMarks(ledger: Engine["ledger"], unit: Judged): Judged {
  const policy = DERIVED_POLICIES.find((name) => name === unit.policy);
  const found = policy && ledger.marks.byAttempt(policy, [unit.key]).get(unit.key);
  const marks = found?.map(({ feature_id, mark }) => `feature ${feature_id}: ${mark}`);
  return marks === undefined ? unit : { ...unit, marks };
}

/** An attempt is finished here when it is judged, or its merge broke. */
function bothCounts(judging: Counts, merging: Counts, broken: number): Counts {
  const units = Math.max(judging.units, merging.units);
  const ended = judging.ended + broken;
  const under_way = judging.under_way + merging.under_way;
  return { units, ended, under_way, left: units - ended };
}

type Merging = {
  readonly baseOf: Parameters<typeof mergeStage>[0]["baseOf"];
  readonly force: boolean;
  readonly alike?: Batch<string>["alike"];
  readonly hold?: () => boolean;
  readonly on_unit: (key: string, ended: Ended<readonly MergeRow[]>) => void;
};

function mergeLine(engine: Engine, plan: AfterPlan, { baseOf, alike, ...rest }: Merging) {
  const { ledger, signal } = engine;
  return openLine({
    engine,
    stage: mergeStage({ ...plan, ledger, signal, baseOf, concurrency: plan.git }),
    width: MERGE_WIDTH,
    batch: { most: MERGE_BATCH, alike, moment_ms: MOMENT_MS },
    ...rest,
  });
}

function mergeUnit(key: string, ended: Ended<readonly MergeRow[]>): MergeUnit {
  if ("fault" in ended) return { key, fault: ended.fault };
  return { key, ...merged(ended.stored), fresh: ended.fresh };
}

/** What is reported of an attempt's merges. */
export function merged(stored: readonly MergeRow[]) {
  return { ...statuses(stored), base_kind: stored[0]?.base_kind ?? "patches" };
}

/** The one verdict that is reported of an attempt. */
function judgedAs(ended: Ended<StoredVerdicts>, policies: readonly DerivedPolicy[]) {
  return "fault" in ended ? ended : { ...ended, stored: toldVerdict(ended.stored, policies) };
}

export function evalUnit(key: string, ended: Ended<Parameters<typeof verdictOf>[0]>): EvalUnit {
  if ("fault" in ended) return { key, fault: ended.fault };
  return { key, ...verdictOf(ended.stored), fresh: ended.fresh };
}

/** Sees lines through: each is closed once the one before it has ended. Resolves with the number of units that are left. */
export async function seeThrough(
  lines: readonly Pick<Line<unknown>, "close" | "done">[],
): Promise<number> {
  let before: Promise<unknown> = Promise.resolve();
  const ends = lines.map((line) => {
    const done = before
      .catch(() => undefined)
      .then(() => {
        line.close();
        return line.done;
      });
    before = done;
    return done;
  });
  const settled = await Promise.allSettled(ends);
  return settled.reduce((left, end) => {
    if (end.status === "rejected") throw end.reason;
    return left + end.value.length;
  }, 0);
}
