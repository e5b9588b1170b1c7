// Owns a report as one JSON object: the rows of each part under its name, numbers unrounded.
import type { Policy } from "../../../db/schema.ts";
import { visibleJson } from "../../core/visible.ts";
import type { ReportTable } from "../line.ts";

/** One line: `{"policy": …, "<part>": [rows]}`. What is not known is null. */
export function json(policy: Policy, tables: readonly ReportTable[]): string {
  const parts = tables.map(({ name, rows }) => [name, rows]);
  return visibleJson(JSON.stringify({ policy, ...Object.fromEntries(parts) }));
}
