// Owns what all stages of a call share: the ledger's work, where units are done, what stops them, what fails them all.
import type { Ledger } from "../../db/ledger.ts";
import type { Work } from "../work/work.ts";
import { HERE, type Place } from "./place.ts";
import type { Retries } from "./retries.ts";

export type EngineOptions = {
  readonly ledger: Ledger;
  readonly work: Work;
  readonly retries: Retries;
  /** Stops everything. */
  readonly signal: AbortSignal;
  /** Stops only the start of units: those under way are finished. */
  readonly drain?: AbortSignal | undefined;
  /** Where units are worked on; this process when absent. */
  readonly place?: Place | undefined;
};
export type Engine = Omit<EngineOptions, "drain" | "place"> & {
  readonly place: Place;
  /** Nothing new is begun once it is aborted. */
  readonly stop: AbortSignal;
  /** What breaks one stage ends the others too. */
  readonly fail: (error: unknown) => void;
};

export function openEngine({ drain, place = HERE, ...rest }: EngineOptions): Engine {
  const failed = new AbortController();
  const ends = [rest.signal, failed.signal, rest.work.broken];
  const stop = AbortSignal.any([...ends, ...(drain ? [drain] : [])]);
  return { ...rest, place, stop, fail: (error) => failed.abort(error) };
}
