// Owns the table of outcomes that others published: their rates and conflict rates, by table, setting and model.
import { publishedLines } from "../report/published.ts";
import type { SiteData } from "./data.ts";
import { html, type Slot } from "./html.ts";
import { count, percent, percentRange } from "./numbers.ts";
import type { Section } from "./overview-runs.ts";
import { table } from "./parts.ts";
import { SOURCES, sourceNote } from "./source.ts";

/** Rates of every published table; nothing without one. */
export async function publishedSections({ published }: SiteData): Promise<Section[]> {
  if (published.length === 0) return [];
  const lines = await publishedLines(published);
  const number = (value: unknown) => (typeof value === "number" ? value : null);
  const range = (low: unknown, high: unknown) => percentRange(number(low), number(high));
  const rows = lines.map((line): Slot[] => [
    String(line.source),
    String(line.setting),
    String(line.model),
    count(number(line.pairs)),
    count(number(line.passed)),
    percent(number(line.pass_rate)),
    range(line.wilson_low, line.wilson_high),
    line.by_task_reason === null
      ? range(line.by_task_low, line.by_task_high)
      : String(line.by_task_reason),
    line.conflict_rate === null ? "unknown" : percent(number(line.conflict_rate)),
    range(line.conflict_wilson_low, line.conflict_wilson_high),
  ]);
  const columns = [
    { title: "table" },
    { title: "setting" },
    { title: "model" },
    { title: "pairs", number: true },
    { title: "passed", number: true },
    { title: "pass rate", number: true },
    { title: "Wilson 95 %", number: true },
    { title: "clustered 95 %", number: true, hint: "by task" },
    { title: "conflict rate", number: true },
    { title: "Wilson 95 %", number: true },
  ];
  const caption = "Outcomes that others published as a table: they are of no run";
  return [
    {
      id: "published",
      title: "Published outcomes",
      body: html`${table({ caption, columns, rows })}${sourceNote([SOURCES.published, SOURCES.rate, SOURCES.clustered])}`,
    },
  ];
}
