// Owns the state of the grid in its address: what is asked for, the columns, the marks. Runs in the page too.
import { type Asked, FILTERS } from "./grid-rules.ts";

/** What an address says; `marked` are keys of attempts, and `at` among what is chosen is the one under the cursor. */
export type GridState = Asked & { readonly marked: readonly string[] };
const CHOICES = [...Object.keys(FILTERS), "sort", "at"];

/** From the part of an address after `#`; what it does not know is left out. */
export function stateFrom(hash: string): GridState {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const chosen = CHOICES.flatMap((name) => {
    const value = said.get(name)?.trim() ?? "";
    return value === "" ? [] : [[name, value]];
  });
  return {
    chosen: Object.fromEntries(chosen),
    arms: said.getAll("arm"),
    marked: said.getAll("mark").slice(0, 2),
  };
}

/** The reverse: without `#`, and empty where nothing is chosen. */
export function hashOf({ chosen, arms, marked }: GridState): string {
  const said = new URLSearchParams();
  for (const name of CHOICES) if (chosen[name]) said.set(name, chosen[name]);
  for (const arm of arms) said.append("arm", arm);
  for (const key of marked) said.append("mark", key);
  return said.toString();
}
