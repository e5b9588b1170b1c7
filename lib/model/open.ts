// Owns the names of models: which prefix leads to which maker.
import { UsageError } from "../fault.ts";
import { nearest } from "../nearest.ts";
import type { Caller, Model } from "./model.ts";

const PREFIXES = ["replay"] as const;

/** Throws UsageError unless the name has the form of a model this version can open. */
export function checkModelName(name: string): void {
  const [prefix = "", ...rest] = name.split("/");
  if (prefix === "replay" && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(rest.join("/"))) return;
  const best = nearest(prefix, PREFIXES);
  throw new UsageError(
    `unknown model "${name}": models of this version are replay/NAME (recorded answers)${
      best !== undefined && rest.length > 0 && prefix !== best
        ? `; did you mean "${best}/${rest.join("/")}"?`
        : ""
    }`,
  );
}

/** The model under that name for one agent. Throws UsageError for a name it does not know, Fault when it cannot open. */
export async function openModel(name: string, caller: Caller): Promise<Model> {
  checkModelName(name);
  const { replayModel } = await import("./replay.ts");
  return replayModel(name.slice("replay/".length), caller);
}
