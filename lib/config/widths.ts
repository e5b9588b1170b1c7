// Owns how many units of a stage are done at a time by default.
import { defaultValue } from "./settings.ts";

/** Attempts at a time; for `label`, questions. */
export const WIDTHS = { run: defaultValue("concurrency"), merge: 2, eval: 10, label: 8 } as const;
