// Owns waiting for a ledger that another program holds: work that is paid for is not thrown away for it.
import { setTimeout as sleep } from "node:timers/promises";
import { asFault } from "../core/fault.ts";

const PAUSE_MS = 1_000;
const LONGEST_MS = 5 * 60_000;

/**
 * Does a piece of work on the ledger, retrying for five minutes while another program holds it. Throws what the work
 * throws; Fault `ledger_locked` when the time is over or the signal aborted.
 */
export async function patiently<T>(work: () => T, signal?: AbortSignal): Promise<T> {
  const until = performance.now() + LONGEST_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      const fault = asFault(error);
      if (fault.code !== "ledger_locked" || performance.now() > until || signal?.aborted)
        throw error;
      await sleep(PAUSE_MS);
    }
  }
}
