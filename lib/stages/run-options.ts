// Owns the options of a run, and its result.
import type { Options } from "../config/settings.ts";
import type { Fault } from "../core/fault.ts";
import type { UnitResult } from "../engine/attempt.ts";
import type { SandboxOptions, StepOptions } from "../engine/places.ts";
import type { Counts } from "../engine/tally.ts";
import type { GatewayEvent, GatewayState } from "../model/gateway-options.ts";
import type { Selection } from "../select/selection.ts";
import type { ConfigRequest } from "./config.ts";

export type RunOptions = StepOptions &
  ConfigRequest &
  SandboxOptions &
  Options<
    | "tries"
    | "budget_usd"
    | "prices_file"
    | "same_server"
    | "model_calls"
    | "max_outage_ms"
    | "redis"
  > & {
    /** The run's name; made from its configuration and the selection when absent. */
    readonly name?: string | undefined;
    /** Which pairs, by filters or keys; a replay takes its original's when absent. */
    readonly select?: Omit<Selection, "run" | "dataset_dir"> | undefined;
    /** Redo attempts that were made on another version of their task; otherwise they are faults. */
    readonly redo_changed?: boolean | undefined;
    readonly on_unit?: ((unit: UnitResult) => void) | undefined;
    readonly on_event?: ((event: GatewayEvent) => void) | undefined;
    /**
     * Called with the run's name, and functions that count its attempts and give its model's state, before the first
     * starts.
     */
    readonly on_start?: ((started: Started) => void) | undefined;
  };

export type Started = {
  readonly run: string;
  readonly counts: () => Counts;
  readonly state: () => GatewayState | undefined;
};

export type RunReport = {
  readonly run: string;
  /** Attempts that were not begun, and why. */
  readonly left: number;
  readonly stopped: Fault | undefined;
};
