// Owns the difficulty figures: solo against coop over difficulty, from our runs and from published outcomes.

import { pairOfRow } from "../report/report.ts";
import {
  type CurveRow,
  type Retention,
  type RetentionReport,
  retentionReport,
} from "../report/stats/index.ts";
import { type CurvePoint, curves } from "./charts-within.ts";
import type { SiteData } from "./data.ts";
import { html, type Slot } from "./html.ts";
import { count, percent, percentRange } from "./numbers.ts";
import type { Figure } from "./parts.ts";
import { SOURCES } from "./source.ts";

/** A figure of our own runs (or what is missing for one), and one for every published table. */
export function difficultyFigures(site: SiteData): Figure[] {
  const own = site.rows.flatMap((row): CurveRow[] =>
    row.model === null
      ? []
      : [
          {
            pair_key: pairOfRow(row),
            model: `${row.agent}, ${row.model}`,
            setting: row.setting,
            passed: row.passed,
            fault: row.fault !== null,
          },
        ],
  );
  const tables = [...Map.groupBy(site.published, ({ source }) => source)];
  return [
    curveFigure(own, { id: "difficulty", title: "Solo against coop over difficulty", about: "" }),
    ...tables.map(([source, rows], at) =>
      curveFigure(
        rows.map((row) => ({ ...row, fault: false })),
        {
          id: `published-${at + 1}`,
          title: `Published outcomes: ${source}`,
          about: "Outcomes that others published. ",
        },
      ),
    ),
  ];
}

type Words = { readonly id: string; readonly title: string; readonly about: string };

function curveFigure(rows: readonly CurveRow[], { id, title, about }: Words): Figure {
  const report = retentionReport(rows);
  const { pooled } = report.plain;
  const points = [...pointsOf(pooled.solo, "solo"), ...pointsOf(pooled.coop, "coop")];
  return {
    id,
    title,
    caption: html`${about}Pass rate in ten equal buckets of difficulty, counts summed over models, with 95 % Wilson intervals, on the pairs
scored in both settings. ${areas(report)} Difficulty comes from the same solo runs that are drawn here: that is circular, and bends
solo's curve down.${report.leave_one_out === null && " With one model there is no version without its own runs."}`,
    sources: [
      SOURCES.retention,
      ...(id === "difficulty" ? [SOURCES.hardest] : [SOURCES.published]),
    ],
    missing: pooled.pairs === 0 ? missing(rows) : undefined,
    draw: (kit, width) => [curves(kit, points, width)],
    data: {
      columns: [
        { title: "models" },
        { title: "pairs", number: true },
        { title: "AUC solo", number: true },
        { title: "AUC coop", number: true },
        { title: "retention", number: true },
      ],
      rows: pooled.pairs === 0 ? [] : retentionRows(report),
    },
  };
}

function pointsOf(points: Retention["solo"], arm: "solo" | "coop"): CurvePoint[] {
  return points.map(({ midpoint, rate, wilson_low, wilson_high, passed, tries }) => ({
    arm,
    color: `var(--${arm})`,
    difficulty: midpoint,
    rate,
    low: wilson_low ?? rate,
    high: wilson_high ?? rate,
    note: `${arm}, difficulty ${midpoint.toFixed(2)}: ${passed} of ${tries} passed, ${percent(rate)} (${percentRange(wilson_low, wilson_high)})`,
  }));
}

function areas({ plain: { pooled } }: RetentionReport): string {
  const { auc_solo, auc_coop, retention } = pooled;
  if (auc_solo === null || auc_coop === null)
    return "Fewer than two buckets have pairs, so there is no area to compare.";
  return `Areas under the curves: solo ${auc_solo.toFixed(3)}, coop ${auc_coop.toFixed(3)}; coop retains ${percent(retention)}.`;
}

function retentionRows({ plain, leave_one_out }: RetentionReport): Slot[][] {
  const line = (label: string) => (one: Retention) => [
    `${one.model ?? "all models"}${label}`,
    count(one.pairs),
    one.auc_solo?.toFixed(3) ?? "–",
    one.auc_coop?.toFixed(3) ?? "–",
    percent(one.retention),
  ];
  const set = ({ models, pooled }: typeof plain, label: string) =>
    [...models, pooled].map(line(label));
  return [
    ...set(plain, ""),
    ...(leave_one_out === null ? [] : set(leave_one_out, ", without its own solo runs")),
  ];
}

function missing(rows: readonly CurveRow[]): string {
  const has = (setting: CurveRow["setting"]) =>
    rows.some((row) => row.setting === setting && row.passed !== null && !row.fault);
  if (!has("solo"))
    return "Missing: evaluated solo runs of a model. Difficulty is 1 − solo success.";
  if (!has("coop")) return "Missing: evaluated coop runs of the same model.";
  return "Missing: pairs that one model has scored both solo and coop.";
}
