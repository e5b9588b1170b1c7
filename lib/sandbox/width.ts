// Owns how many suites run at a time where nobody says: as many as what runs them has CPUs, or room.
import { Fault } from "../core/fault.ts";
import type { Backend } from "./sandbox.ts";

/** This machine's CPUs, unless sandboxes stand elsewhere; who does not answer is asked again by whatever needs it. */
export async function suitesAtATime(
  backend: Pick<Backend, "suites">,
  wanted: number | undefined,
): Promise<number> {
  if (wanted !== undefined) return wanted;
  try {
    return (await backend.suites?.()) ?? navigator.hardwareConcurrency;
  } catch (error) {
    if (error instanceof Fault && error.code === "engine_gone")
      return navigator.hardwareConcurrency;
    throw error;
  }
}
