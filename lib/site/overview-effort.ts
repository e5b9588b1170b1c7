// Owns the overview's table of what an attempt used: medians and quartiles, from the report's part on cost.
import type { ReportLine } from "../report/line.ts";
import { html } from "./html.ts";
import { count, duration, usd } from "./numbers.ts";
import type { Section } from "./overview-runs.ts";
import { table } from "./parts.ts";
import type { MadePart } from "./report-parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

const round = (value: number | null) => count(value === null ? null : Math.round(value));
/** Measures of the part, with how their values are written. */
const MEASURES = [
  { measure: "cost_usd", title: "cost", write: usd },
  { measure: "tokens", title: "tokens", write: round },
  { measure: "steps", title: "steps", write: (value: number | null) => count(value) },
  { measure: "wall_ms", title: "wall time", write: duration },
] as const;

/** One row per run that asked a model. */
export function effortSection(made: readonly MadePart[]): Section {
  const lines = made.find(({ part }) => part.name === "cost")?.table.rows ?? [];
  const ofAttempts = lines.filter(({ unit }) => unit === "attempt");
  const asked = ofAttempts.filter(({ measure, total }) => measure === "steps" && total !== 0);
  const rows = asked.map(({ run }) => [
    String(run),
    ...MEASURES.map(({ measure, write }) =>
      spread(
        ofAttempts.find((line) => line.run === run && line.measure === measure),
        write,
      ),
    ),
  ]);
  const body =
    rows.length === 0
      ? html`<p class="missing">No run asked a model.</p>`
      : table({
          caption: "Median [quartiles] of an attempt, all agents together",
          columns: [{ title: "run" }, ...MEASURES.map(({ title }) => ({ title, number: true }))],
          rows,
        });
  return {
    id: "cost-and-time",
    title: "Cost and time",
    body: html`${body}${sourceNote([SOURCES.measures, SOURCES.spread])}`,
  };
}

function spread(line: ReportLine | undefined, write: (value: number | null) => string): string {
  const [n, unknown, q1, median, q3] = [
    ...[line?.known_values, line?.unknown_values],
    ...[line?.q1, line?.median, line?.q3],
  ].map((cell) => (typeof cell === "number" ? cell : null));
  if (!n) return unknown ? "unknown" : "–";
  return `${write(median ?? null)} [${write(q1 ?? null)}, ${write(q3 ?? null)}]${unknown ? `, ${unknown} unknown` : ""}`;
}
