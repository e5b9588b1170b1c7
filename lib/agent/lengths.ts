// Owns whether a refused request was too long: where the server says so, and where an unknown message may mean it.
import { CALL_ENDS } from "../core/ends.ts";
import { Fault } from "../core/fault.ts";
import type { ChatTurn } from "../model/model.ts";
import { charactersOf } from "../model/window.ts";

/** The server says that the request is longer than the model takes. */
export function isTooLong(error: unknown): boolean {
  return error instanceof Fault && error.code === CALL_ENDS["context length"].fault;
}

/** The server refuses the request with a message that does not mention its length. */
export function isRefusedRequest(error: unknown): boolean {
  return error instanceof Fault && error.code === CALL_ENDS["bad request"].fault;
}

/** Lengths of one agent's requests, in characters. */
export class Lengths {
  /** Answered last. Conversations mostly grow: their length is counted when it is asked for, or when another one begins. */
  private last: readonly ChatTurn[] = [];
  private largest_before = 0;

  answered(turns: readonly ChatTurn[]): void {
    const goesOn = this.last.every(({ content }, at) => content === turns[at]?.content);
    if (!goesOn) this.largest_before = this.largest();
    this.last = turns;
  }

  private largest(): number {
    return Math.max(this.largest_before, charactersOf(this.last));
  }

  /**
   * Whether these turns were refused with an unknown message, and are longer than any that this server has answered.
   */
  mayBeTooLong(refusal: unknown, turns: readonly ChatTurn[]): boolean {
    if (!isRefusedRequest(refusal) || this.largest() === 0) return false;
    return charactersOf(turns) > this.largest();
  }
}
