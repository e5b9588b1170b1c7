// Owns the board over a call's work: it shows the ledger's state, and all talk of the call goes through it.
import type { Ledger } from "../db/ledger.ts";
import { divertTalk, type Output } from "./_output.ts";

/** Shows a call's runs until disposed of; with --quiet nothing is shown. */
export type Watch = (ledger: Ledger, runs: readonly string[]) => Disposable;

/** Makes the board ready; it is drawn once it is told which runs. */
export async function readyWatch(out: Output): Promise<Watch> {
  if (out.quiet) return () => ({ [Symbol.dispose]: () => undefined });
  const { openBoard } = await import("./_board.ts");
  const { readStatus } = await import("../lib/status/status.ts");
  const { openTokenMeter } = await import("../lib/status/tokens.ts");
  return (ledger, runs) => {
    const meter = openTokenMeter();
    const stack = new DisposableStack();
    const read = () => readStatus(ledger, { now: Date.now(), runs, meter });
    const board = stack.use(openBoard({ quiet: false, read }));
    stack.use(divertTalk(board.event));
    return stack;
  };
}
