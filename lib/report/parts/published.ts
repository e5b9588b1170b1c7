// Owns the part `published`: outcomes that others published as a table.
import {
  BY_REPO,
  BY_TASK,
  CONFLICT_BY_TASK,
  CONFLICT_WILSON,
  CONFLICTS,
  PASSES,
  SETTING,
  text,
  WILSON,
} from "../columns.ts";
import type { Part } from "../part.ts";
import { publishedLines } from "../published.ts";
import { SOURCES } from "../source.ts";

export const part: Part = {
  name: "published",
  label: "Outcomes that others published as a table",
  summary:
    "conflict_rate is over the pairs whose merge the table reports. It is of no run, and shown only if no run is named.",
  empty: "no table of published outcomes is imported, or a run is named",
  by: ["source", "setting", "model"],
  columns: {
    source: text("name of the published table"),
    ...SETTING,
    model: text("name of the model"),
    ...PASSES,
    ...BY_TASK,
    ...BY_REPO,
    ...WILSON,
    ...CONFLICTS,
    ...CONFLICT_BY_TASK,
    ...CONFLICT_WILSON,
  },
  source: [SOURCES.published, SOURCES.rate, SOURCES.conflictRate, SOURCES.clustered],
  rows: ({ published }) => publishedLines(published()),
  chapter: "Results",
};
