// Owns what a dataset is to the ledger before it is stored: the tasks as read from their folders, and whose they are.
import type { features, pairs, tasks } from "./schema.ts";

/** A task as read from its folder, ready to be stored. */
export type IndexedTask = {
  readonly task: typeof tasks.$inferInsert;
  readonly features: readonly (typeof features.$inferInsert)[];
  readonly pairs: readonly (typeof pairs.$inferInsert)[];
  /** The bytes behind the hashes that the features name. */
  readonly patches: readonly { hash: string; bytes: Uint8Array }[];
  /** SHA-256 of each of its files, by path. */
  readonly files?: Readonly<Record<string, string>>;
};

export type Source = "dataset" | "demo";
