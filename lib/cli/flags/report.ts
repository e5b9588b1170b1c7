// Owns the flags of `report`.
import { DEFAULT_POLICY, POLICIES } from "../../core/vocabulary.ts";
import { INTERVALS } from "../../report/paper.ts";
import { DEFAULT_PARTS } from "../../report/parts/registry.ts";
import { FILTER_ARGS, NAME_ARG, PLACE_ARGS } from "../args.ts";
import type { FlagsDef } from "../flag-forms.ts";
import { LABELS } from "../report-look.ts";
import { AGAINST } from "../report-parts.ts";
import { FORMATS } from "../report-target.ts";
import { COMMON_ARGS } from "../step.ts";

export const REPORT_FLAGS = {
  ...NAME_ARG,
  ...FILTER_ARGS,
  out: {
    group: "output",
    type: "string",
    alias: "o",
    description:
      "write to this file, or one file per part into this folder; the extension sets the format",
    valueHint: "file",
  },
  policy: {
    type: "string",
    description: "which trees may pass, and whose verdict",
    choices: POLICIES,
    valueHint: "policy",
    default: DEFAULT_POLICY,
  },
  format: {
    group: "output",
    type: "string",
    description: "how it is written",
    choices: FORMATS,
    otherwise: `table on a terminal, else json`,
    valueHint: "format",
  },
  parts: {
    type: "string",
    description: `which parts, or all`,
    otherwise: `${DEFAULT_PARTS.join(", ")}`,
    valueHint: "list",
  },
  margin: {
    type: "string",
    description:
      "in comparisons, a difference of at most this many percentage points counts as none",
    otherwise: "5",
    valueHint: "points",
  },
  "across-editions": {
    type: "boolean",
    description: "compare also pairs whose task files differ between runs, and list them",
  },
  against: {
    type: "string",
    description: "show where verdicts of imported logs differ from Tandem's",
    choices: AGAINST,
    valueHint: "whose",
  },
  changed: {
    type: "boolean",
    description:
      "after an upgrade: show which merges and verdicts are of older rules, and what became of them since",
  },
  query: {
    type: "string",
    description:
      "answer this query instead: a file with one SELECT, or the name of one in db/queries",
    valueHint: "file.sql",
  },
  html: {
    group: "output",
    type: "string",
    description: "write a site into this folder, or into one file that ends in .html",
    valueHint: "place",
  },
  bundle: {
    group: "output",
    type: "string",
    description:
      "with --html: also write one zip with the site, the report as JSON and CSV, queries answered, and the rows they rest on",
    valueHint: "file.zip",
  },
  figures: {
    group: "output",
    type: "string",
    description: "write each chart as SVG and PDF into this folder, in light colours for papers",
    valueHint: "folder",
  },
  labels: {
    group: "output",
    type: "string",
    description: "names and numbers in table, md and tex: as in files, or words and percent",
    choices: LABELS,
    otherwise: "keys",
    valueHint: "how",
  },
  columns: {
    group: "output",
    type: "string",
    description: "which columns in table, md and tex, by their names in files, in this order",
    otherwise: "all that say something",
    valueHint: "list",
  },
  intervals: {
    group: "output",
    type: "string",
    description: "which intervals of rates in table, md and tex, or none",
    choices: [...INTERVALS, "none"],
    otherwise: "all",
    valueHint: "list",
  },
  "dataset-dir": PLACE_ARGS["dataset-dir"],
  "log-dir": PLACE_ARGS["log-dir"],
  ...COMMON_ARGS,
} as const satisfies FlagsDef;
