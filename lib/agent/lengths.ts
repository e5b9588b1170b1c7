// Owns whether a refused request was too long: where the server says so, and where it may have said so in words of its own.
import { CALL_ENDS } from "../ends.ts";
import { Fault } from "../fault.ts";
import type { ChatTurn } from "../model/model.ts";
import { charactersOf } from "../model/window.ts";

/** The server says that the request is longer than the model takes. */
export function isTooLong(error: unknown): boolean {
  return error instanceof Fault && error.code === CALL_ENDS["context length"].fault;
}

/** The server refuses the request in words that say nothing of its length. */
export function isRefusedRequest(error: unknown): boolean {
  return error instanceof Fault && error.code === CALL_ENDS["bad request"].fault;
}

/** Lengths of one agent's requests, in characters. */
export class Lengths {
  private largest_answered = 0;

  answered(turns: readonly ChatTurn[]): void {
    this.largest_answered = Math.max(this.largest_answered, charactersOf(turns));
  }

  /** Whether these turns were refused in unknown words, and are more than any that this server has answered. */
  mayBeTooLong(refusal: unknown, turns: readonly ChatTurn[]): boolean {
    if (!isRefusedRequest(refusal) || this.largest_answered === 0) return false;
    return charactersOf(turns) > this.largest_answered;
  }
}
