// Owns findings as a terminal shows them: a table, and below it what to do about each part that is not good.

import type { Finding } from "../core/finding.ts";
import { renderSheet, type Terminal } from "../report/table.ts";

export function findingsText(findings: readonly Finding[], terminal: Terminal): string {
  const columns = (["part", "state", "found"] as const).map((name) => ({
    name,
    align: "left" as const,
  }));
  const rows = findings.map(({ part, state, found }) => [part, state, found]);
  const notes = findings.flatMap(({ part, hint }) =>
    hint === undefined || hint === "" ? [] : [`${part}: ${hint}`],
  );
  const sheet = { name: "doctor", title: "", labels: ["part"], columns, rows, notes };
  return renderSheet(sheet, terminal);
}
