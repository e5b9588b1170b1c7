// Owns the input of an experiment's flow: its study, arms, target, and callbacks.
import type { Ledger } from "../../db/ledger.ts";
import type { Fault } from "../core/fault.ts";
import type { AfterEvent } from "../engine/after.ts";
import type { UnitResult } from "../engine/attempt.ts";
import type { Place } from "../engine/place.ts";
import type { Counts } from "../engine/tally.ts";
import type { GatewayEvent } from "../model/gateway-options.ts";
import type { Study } from "./file.ts";
import type { StudyArm } from "./runs.ts";

/** How far the pairs of a study are taken. */
export type FlowTarget = "run" | "merge" | "eval";

/** What became of a unit in one stage. */
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
  /** It was named for this call: it counts more than what people asked of the study before. */
  readonly explicit_concurrency?: boolean | undefined;
  /** Called with a line about what people asked of the work, and the call now obeys. */
  readonly on_control?: ((line: string) => void) | undefined;
  /** Continues with an arm whatever faults its units meet. */
  readonly keep_going: boolean;
  /** Redoes finished units. */
  readonly force?: boolean | undefined;
  /** Attempts made on another version of their task are faults, and not redone unless asked. */
  readonly keep_changed?: boolean | undefined;
  /** Where units are worked on; in this process when absent. */
  readonly place?: Place | undefined;
  readonly signal: AbortSignal;
  readonly drain: AbortSignal;
  readonly on_unit: (event: FlowEvent) => void;
  readonly on_event: (run: string, event: GatewayEvent) => void;
  /** Called with a function that counts attempts, before the first is begun. */
  readonly on_start?: ((counts: () => Counts) => void) | undefined;
};

/** What was left undone on purpose: attempts not begun or not ended, and why. */
export type FlowReport = { readonly left: number; readonly stopped: readonly Fault[] };
