// Owns the section that compares solo with coop: the comparisons that the finding tells of, as a table.
import type { Findings } from "../report/findings.ts";
import type { ReportLine } from "../report/line.ts";
import { tableOf } from "../report/part.ts";
import { loadPart } from "../report/parts/registry.ts";
import { type Html, html } from "./html.ts";
import { notesText, table } from "./parts.ts";
import { tableData } from "./report-parts.ts";
import { sourceNote } from "./source.ts";

/** What a reader compares first; everything else is folded. */
const FIRST = [
  ...["run_a", "run_b", "pairs", "rate_a", "rate_b", "difference"],
  ...["by_task_low", "by_task_high", "by_task_reason", "sign_flip_p", "mcnemar_p"],
];

/** Every comparison of the findings; where there is none, what is missing. */
export async function gapSection({ lines }: Findings): Promise<Html> {
  const part = await loadPart("comparisons");
  const isGap = lines.some(({ comparison }) => comparison === "coordination gap");
  const title = isGap || lines.length === 0 ? "Coordination gap" : "Runs compared";
  const body =
    lines.length === 0
      ? html`<p class="missing">Missing: a solo and a coop run of the same agent and model with pairs in common that are scored in both.</p>`
      : tables(lines, part, title);
  return html`<section class="part" id="gap"><h3>${title}</h3><div>${body}</div></section>\n`;
}

function tables(
  lines: readonly ReportLine[],
  part: Awaited<ReturnType<typeof loadPart>>,
  title: string,
): Html {
  const few = lines.map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => FIRST.includes(name))),
  );
  const [first, all] = [tableData(tableOf(part, few)), tableData(tableOf(part, lines))];
  const caption = `${title}: the difference is the first run’s rate minus the second’s`;
  const whole = table({ caption: `${title}, with every test`, ...all });
  return html`${table({ caption, ...first })}<div class="folds"><details class="data"><summary>Every test</summary>${whole}</details>${sourceNote(part.source, notesText(all.notes))}</div>`;
}
