// Owns which pages of documentation there are.
import { readdirSync } from "node:fs";
import { join } from "node:path";

export const FOLDER = join(import.meta.dir, "../../docs");

/** Names of the pages that there are, `readme` first. */
export function pages(): string[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".md"));
  return ["readme", ...names.map((name) => name.slice(0, -3)).sort()];
}
