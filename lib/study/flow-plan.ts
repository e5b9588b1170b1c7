// Owns what a flow of an experiment is told: its study, arms, target, and who hears of it.
import type { Ledger } from "../../db/ledger.ts";
import type { Fault } from "../core/fault.ts";
import type { AfterEvent } from "../engine/after.ts";
import type { UnitResult } from "../engine/attempt.ts";
import type { Counts } from "../engine/tally.ts";
import type { GatewayEvent } from "../model/gateway-options.ts";
import type { Study } from "./file.ts";
import type { StudyArm } from "./runs.ts";

/** How far the pairs of a study are taken. */
export type FlowTarget = "run" | "merge" | "eval";

/** What became of a unit in one step. */
export type FlowEvent = { readonly step: "run"; readonly unit: UnitResult } | AfterEvent;

/** What a flow needs to know of a study. */
export type FlowStudy = Pick<
  Study,
  | "name"
  | "sandbox"
  | "retries"
  | "max_outage_ms"
  | "redis"
  | "budget_usd"
  | "concurrency"
  | "evaluation"
>;

/** What a flow needs to know of an arm. */
export type FlowArm = Pick<
  StudyArm,
  "run" | "config" | "pairs" | "attempts" | "edition" | "prices_file" | "same_server"
>;

export type FlowOptions = {
  readonly study: FlowStudy;
  readonly arms: readonly FlowArm[];
  readonly target: FlowTarget;
  readonly ledger: Ledger;
  readonly log_dir: string;
  readonly dataset_dir: string;
  /** Attempts at a time. */
  readonly concurrency: number;
  /** Goes on with an arm whatever its units meet. */
  readonly keep_going: boolean;
  /** Does finished units again. */
  readonly force?: boolean | undefined;
  /** Attempts made on another version of their task are faults, and not done again unasked. */
  readonly keep_changed?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly drain: AbortSignal;
  readonly on_unit: (event: FlowEvent) => void;
  readonly on_event: (run: string, event: GatewayEvent) => void;
  /** Hears how to look at the number of attempts, before the first is begun. */
  readonly on_start?: ((counts: () => Counts) => void) | undefined;
};

/** What was left undone by intent: attempts not begun or not ended, and why. */
export type FlowReport = { readonly left: number; readonly stopped: readonly Fault[] };
