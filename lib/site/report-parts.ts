// Owns the overview's sections that are parts of a report: their charts drawn, their rows as tables, where these come from.
import type { Ledger } from "../../db/ledger.ts";
import type { Chart, WhoOf } from "../report/chart.ts";
import { type PartContext, partContext } from "../report/context.ts";
import type { ReportTable } from "../report/line.ts";
import { type Part, type PartRegistry, tableFor } from "../report/part.ts";
import { loadParts, PARTS } from "../report/parts/registry.ts";
import { sheetOf } from "../report/sheet.ts";
import { type ArmedSite, armedLedger } from "./arms.ts";
import { drawChart, isBlank, legendFor } from "./draw-chart.ts";
import { type Html, html } from "./html.ts";
import { plural } from "./numbers.ts";
import { type Column, cutTable, type Figure, figure, notesText } from "./parts.ts";
import type { Kit } from "./plot.ts";
import { sourceNote } from "./source.ts";

export type PartsOptions = {
  /** Which parts there are; Tandem's own when absent. */
  readonly registry?: PartRegistry | undefined;
  /** Whether to make parts that read every message: not for a page that follows a run. */
  readonly slow_parts?: boolean | undefined;
};
/** A part with its rows. */
export type MadePart = { readonly part: Part; readonly table: ReportTable; readonly who: WhoOf };

/** What the parts are made from: rows and ledger name arms where runs are shown by arm. */
export function siteContext(whole: Ledger, site: ArmedSite): PartContext {
  const { ledger, scope } = armedLedger(whole, site);
  const rows = site.runs.flatMap(({ name, rows }) => rows.map((row) => ({ ...row, run: name })));
  return partContext({
    ...{ ledger, policy: site.policy, rows, runs: scope.runs },
    published: () => site.published,
    gold: () => site.gold,
    narrowed: false,
    across_editions: true,
  });
}

/**
 * The parts that have a place on the site, with their rows; those without rows only if a chart says what is missing.
 */
export async function madeParts(
  context: PartContext,
  { who, ...options }: PartsOptions & { readonly who: WhoOf },
): Promise<MadePart[]> {
  const { registry = PARTS, slow_parts = false } = options;
  const placed = (await loadParts(registry)).filter(
    ({ chapter, slow }) => chapter !== undefined && (slow_parts || slow !== true),
  );
  const made: MadePart[] = [];
  for (const part of placed) made.push({ part, who, table: await tableFor(part, context) });
  return made.filter(({ part, table }) => part.chart !== undefined || table.rows.length > 0);
}

/** Who worked on the run, or the arm, that a row names. */
export function whoIn({ runs }: ArmedSite): WhoOf {
  const kinds = new Map(runs.map(({ name, kind }) => [name, kind]));
  return ({ run }) => kinds.get(String(run)) ?? "coop";
}

/** A part as the page shows it: a figure for each drawing, or its table alone. */
export function partSection(kit: Kit, { part, table, who }: MadePart): Html {
  if (part.chart === undefined) return tableSection(part, table);
  const by = part.chart_by;
  if (by === undefined) return figure(kit, figureOf({ part, table, who }, ""));
  const groups = [...Map.groupBy(table.rows, (row) => String(row[by]))];
  if (groups.length === 0) return figure(kit, figureOf({ part, table, who }, ""));
  const figures = groups.map(([value, rows]) =>
    figureOf({ part, who, table: { ...table, rows } }, value),
  );
  return html`${figures.map((one) => figure(kit, one))}`;
}

/** The id of a part's section. */
export function partId(name: string): string {
  return `part-${name}`;
}

/** A table of more rows is folded: who looks for it finds it by its title. */
export function isLong({ rows }: ReportTable): boolean {
  return rows.length > MOST_OPEN;
}

const MOST_OPEN = 12;

function tableSection(part: Part, table: ReportTable): Html {
  const { columns, rows, notes } = tableData(table);
  const shown = html`${cutTable({ caption: part.label, columns, rows })}${sourceNote(part.source, notesText(notes))}`;
  const body = isLong(table)
    ? html`<details class="data"><summary>${plural(rows.length, "row")}</summary>${shown}</details>`
    : shown;
  return html`<section class="part" id="${partId(part.name)}"><h3>${part.label}</h3><div>${body}</div></section>\n`;
}

/** `value`: of the column that has a drawing for each value. */
function figureOf({ part, table, who }: MadePart, value: string): Figure {
  const chart: Chart | undefined = part.chart?.(table.rows, who);
  const { columns, rows, notes } = tableData(table);
  const blank = chart === undefined || isBlank(chart);
  const ending = value === "" ? "" : `: ${value}`;
  return {
    id: `${partId(part.name)}${value === "" ? "" : `-${value.replaceAll(/[^A-Za-z0-9-]+/g, "-")}`}`,
    title: `${part.label}${ending}`,
    caption: [part.legend, blank ? undefined : chart?.note].filter(Boolean).join(" "),
    notes,
    sources: part.source,
    legend: chart && legendFor(chart),
    draw: (kit, width) =>
      chart === undefined ? [] : drawChart(kit, { chart, title: part.label }, width),
    data: { columns, rows },
    missing: blank
      ? `Nothing to draw: ${chart?.note || part.empty || "no value is known yet"}.`
      : undefined,
  };
}

/** Rows as people read them, columns with what they mean. */
export function tableData(table: ReportTable) {
  const sheet = sheetOf(table);
  const columns = sheet.columns.map(
    ({ name, align, meaning }): Column => ({
      title: name.replaceAll("_", " "),
      number: align === "right",
      ...(meaning === undefined ? {} : { hint: meaning }),
    }),
  );
  return { columns, rows: sheet.rows, notes: sheet.notes };
}
