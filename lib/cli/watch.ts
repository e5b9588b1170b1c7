// Owns the board over a call's work: it shows the ledger's state, and all messages of the call go through it.
import type { Ledger } from "../../db/ledger.ts";
import type { Counts } from "../engine/tally.ts";
import type { Status } from "../status/status.ts";
import type { Output } from "./output.ts";
import { divertTalk } from "./talk.ts";

/** Shows a call's runs until disposed of, one run with the counts of the call's own selection; nothing with --quiet. */
export type Watch = (ledger: Ledger, runs: readonly string[], counts?: () => Counts) => Disposable;

/** Makes the board ready; it is drawn once it is told which runs. */
export async function readyWatch(out: Output): Promise<Watch> {
  if (out.quiet) return () => ({ [Symbol.dispose]: () => undefined });
  const { openBoard } = await import("./board.ts");
  const { readStatus } = await import("../status/status.ts");
  const { openTokenMeter } = await import("../status/tokens.ts");
  return (ledger, runs, counts) => {
    const meter = openTokenMeter();
    const stack = new DisposableStack();
    const read = () => ofThisCall(readStatus(ledger, { now: Date.now(), runs, meter }), counts?.());
    const board = stack.use(openBoard({ quiet: false, read }));
    stack.use(divertTalk(board.event));
    return stack;
  };
}

/** A run that the call works on in part: counts what this call has done and has left, not what others did before. */
function ofThisCall(status: Status, counts: Counts | undefined): Status {
  if (counts === undefined) return status;
  const { units: total, ended: done } = counts;
  return { ...status, arms: status.arms.map((arm) => ({ ...arm, total, done })) };
}
