// Owns the section that compares solo with coop: the comparisons that the finding tells of, as a table.
import type { Findings } from "../report/findings.ts";
import type { ReportLine } from "../report/line.ts";
import { tableOf } from "../report/part.ts";
import { loadPart } from "../report/parts/registry.ts";
import { writeCell } from "../report/sheet.ts";
import { type Html, html, type Slot } from "./html.ts";
import { count, share } from "./numbers.ts";
import { cutTable, notesText, table } from "./parts.ts";
import { tableData } from "./report-parts.ts";
import { sourceNote } from "./source.ts";

/** Every comparison of the findings; where there is none, what is missing. */
export async function gapSection({ lines }: Findings): Promise<Html> {
  const isGap = lines.some(({ comparison }) => comparison === "coordination gap");
  const title = isGap || lines.length === 0 ? "Coordination gap" : "Runs compared";
  const body =
    lines.length === 0
      ? html`<p class="missing">Missing: a solo and a coop run of the same agent and model with pairs in common that are scored in both.</p>`
      : await tables(lines, title);
  return html`<section class="part" id="gap"><h3>${title}</h3><div>${body}</div></section>\n`;
}

const COLUMNS = [
  { title: "first run" },
  { title: "second run" },
  { title: "common pairs", number: true },
  { title: "first passed", number: true },
  { title: "second passed", number: true },
  { title: "difference", number: true, hint: "first minus second, in points" },
  { title: "95 % by task", number: true, hint: "interval of the difference, in points" },
  {
    title: "p by task",
    number: true,
    hint: "permutation test by task, corrected for all of these comparisons",
  },
  { title: "p by pair", number: true, hint: "exact McNemar test: pairs as independent" },
];

/** What a reader compares first; every test is folded. */
async function tables(lines: readonly ReportLine[], title: string): Promise<Html> {
  const part = await loadPart("comparisons");
  const { notes, ...all } = tableData(tableOf(part, lines));
  const first = table({ caption: title, columns: COLUMNS, rows: lines.map(rowOf) });
  const whole = cutTable({ caption: `${title}, with every test`, ...all });
  return html`${first}<div class="folds"><details class="data"><summary>Every test</summary>${whole}</details>${sourceNote(part.source, notesText(notes))}</div>`;
}

function rowOf(line: ReportLine): Slot[] {
  const { run_a, run_b, by_task_low: low, by_task_high: high, by_task_reason: reason } = line;
  const pairs = Number(line.pairs);
  const passed = (rate: ReportLine[string] | undefined) =>
    share(Number((Number(rate) * pairs).toFixed(1)), pairs);
  const interval =
    low == null || high == null
      ? `none: ${reason === "one cluster" ? "one task" : reason}`
      : `${points(low)} to ${points(high)}`;
  const byTask = reason === "one cluster" ? null : line.holm_p;
  return [
    ...[String(run_a), String(run_b), count(pairs), passed(line.rate_a), passed(line.rate_b)],
    ...[points(line.difference), interval],
    ...[writeCell(byTask, "p"), writeCell(line.mcnemar_p, "p")],
  ];
}

function points(share: ReportLine[string] | undefined): string {
  const value = 100 * Number(share);
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}
