// Owns where a dataset comes from: the hub's names for it, and how its origin is written down.
import { resolve } from "node:path";

export const HUB_IDS = ["CodeConflict/cooperbench-dataset", "cooperbench/cooperbench"] as const;

type Origin = { readonly [name in "from" | "hub" | "revision"]?: string | undefined };

/** What a study compares with what it asks for. */
export function originOf({ from, hub, revision }: Origin): string {
  return from === undefined ? `${hub ?? HUB_IDS[0]}@${revision ?? "main"}` : resolve(from);
}
