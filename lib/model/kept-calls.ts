// Owns an agent's calls as they are kept: in the order in which they were asked, whichever ended first.
import type { CallRow } from "../../db/schema.ts";
import type { StopReason } from "./model.ts";
import type { RecordedCall } from "./recording.ts";

/** One call: a row of the ledger's table `calls` without whose it is. Only what was paid for counts in `cost_usd`. */
export type CallRecord = Readonly<
  Omit<CallRow, "attempt_key" | "agent_id" | "stop_reason"> & {
    stop_reason: StopReason | typeof CUT_OFF;
  }
>;
/** One whose place among all calls is not settled while others are under way. */
export type UnnumberedCall = Omit<CallRecord, "seq">;

/** Why a call ended that was sent and has no answer: its cost is unknown. */
export const CUT_OFF = "cut off";

/** How many of the calls are answered steps. */
export function stepsOf(calls: readonly CallRecord[] = []): number {
  return calls.filter(({ purpose, stop_reason }) => purpose === "step" && stop_reason !== CUT_OFF)
    .length;
}

/** `exchange` is absent for a call that was cut off. */
type Ended = { readonly call: UnnumberedCall; readonly exchange?: RecordedCall };

export class KeptCalls {
  private readonly ended: (Ended & { readonly at: number })[] = [];
  private numbered: readonly CallRecord[] | undefined;

  /** The call that was asked as number `at`. */
  add(at: number, one: Ended): void {
    const behind = this.ended.findLastIndex((other) => other.at <= at);
    this.ended.splice(behind + 1, 0, { ...one, at });
    this.numbered = undefined;
  }

  /** `seq` is the line of the recording, and below 0 for calls without an answer. */
  get calls(): readonly CallRecord[] {
    let answered = 0;
    let without = 0;
    this.numbered ??= this.ended.map(({ call, exchange }) => {
      const seq = exchange === undefined ? --without : ++answered;
      return { seq, ...call };
    });
    return this.numbered;
  }

  /** Those with an answer, with it and their request, for the recording. */
  get exchanges(): readonly RecordedCall[] {
    return this.ended.flatMap(({ exchange }) => (exchange === undefined ? [] : [exchange]));
  }
}
