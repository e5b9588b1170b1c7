// Owns findings as a terminal shows them: a table, and below it what to do about each part that is not good.
import type { Finding } from "../core/finding.ts";
import { renderTable, type Terminal } from "../report/table.ts";

export function findingsText(findings: readonly Finding[], terminal: Terminal): string {
  const rows = findings.map(({ part, state, found }) => ({ part, state, found }));
  const hints = findings.flatMap(({ part, hint = "" }) =>
    hint === "" ? [] : [{ part, "what to do": hint }],
  );
  const tables = [rows, hints].filter((table) => table.length > 0);
  return tables.map((table) => renderTable(table, terminal)).join("\n");
}
