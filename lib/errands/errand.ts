// Owns the seam to other processes: what an errand is, what its performer is offered, and how one is sent.
import type { z } from "zod";
import type { UnitProgress } from "../../db/schema.ts";
import type { Delivery } from "../../db/work.ts";
import type { Backend, OpenedAs } from "../sandbox/sandbox.ts";

export type Json = z.core.util.JSONType;
/** Bytes by SHA-256 (hex). `get` throws Fault `bytes_missing` for a hash that nobody has. */
export type Blobs = {
  readonly get: (hash: string) => Promise<Uint8Array>;
  readonly put: (bytes: Uint8Array) => Promise<string>;
};

/**
 * A kind of work that another process can do, with neither ledger nor dataset nor logs of the sender: data in, data out, bytes
 * by hash. Neither input nor output holds a secret.
 */
export type Errand<I, O> = {
  /** A name of the registry. */
  readonly kind: string;
  readonly input: z.ZodType<I>;
  readonly output: z.ZodType<O>;
  /** Name of the image that its sandboxes are made of; undefined where none is. */
  readonly image: (input: I) => string | undefined;
  /** Throws Faults; a UsageError, where the performer's machine cannot do what is asked. */
  readonly perform: (input: I, site: Site) => Promise<O>;
};

/** What lasts as long as the process that performs errands. */
export type Workshop = {
  /** Absolute path of a folder of its own. */
  readonly folder: string;
  /** The backend of that name with these options, opened once. */
  readonly sandboxes: (wanted: OpenedAs) => Promise<Backend>;
  /** What errands have in common, under a name: opened by the first that needs it, disposed of with the workshop. */
  readonly share: <T extends object>(name: string, open: () => Promise<T>) => Promise<T>;
};
/** What a performer offers to one errand. */
export type Site = Workshop & {
  readonly blobs: Blobs;
  readonly signal: AbortSignal;
  /** Reaches the sender: status, the page, and what a lost errand had cost. */
  readonly say: (progress: UnitProgress) => void;
  /** A question to the sender. Throws the Fault that it is answered with. */
  readonly ask: (topic: string, body: Json) => Promise<Json>;
};

/** An errand on its way: what it is, and what the sender offers to it meanwhile. */
export type Parcel<I> = {
  /** The unit's key and its claim's number. */
  readonly unit: string;
  readonly claim: number;
  readonly input: I;
  /** Everything that the input names by hash; read only where the other side lacks it. */
  readonly bytes: ReadonlyMap<string, () => Promise<Uint8Array> | Uint8Array>;
  /** Calls it back. */
  readonly signal: AbortSignal;
  readonly on_progress: (progress: UnitProgress) => void;
  /**
   * A performer has it now, and an earlier one no longer: from here on progress and questions are those of this delivery.
   * Throws Fault `lease_lost` when the unit is no longer the sender's.
   */
  readonly on_delivery: (to: Delivery) => void;
  /** Answers what the performer asks. */
  readonly answer: (topic: string, body: Json) => Promise<Json>;
};
export type Delivered<O> = { readonly output: O; readonly blobs: Pick<Blobs, "get"> };

/** Has an errand done somewhere. Throws the Fault that it met, and Fault `lease_lost` where another result counts. */
export type Send = <I, O>(errand: Errand<I, O>, parcel: Parcel<I>) => Promise<Delivered<O>>;
