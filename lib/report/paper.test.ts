import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import type { Kind } from "./columns.ts";
import { interval, PASSES, RUN, SETTING, text, WILSON } from "./columns.ts";
import { latex } from "./formats/latex.ts";
import type { ReportCell, ReportTable } from "./line.ts";
import { checkColumns, chooserOf, PAPER } from "./paper.ts";
import { sheetOf } from "./sheet.ts";

const TABLE: ReportTable = {
  name: "runs",
  title: "Pass rate by run",
  labels: ["run"],
  notes: ["pass_rate is passed over scored tries; by_task takes whole tasks."],
  columns: {
    ...{ ...RUN, ...SETTING, outcome: text("how it ended"), repo: text("where"), ...PASSES },
    ...interval("by_task", "by task"),
    ...WILSON,
  },
  rows: [
    {
      ...{ run: "coop_50%", setting: "coop", outcome: "conflict", repo: "go_chi_task" },
      ...{ pairs: 652, passed: 301, pass_rate: 0.46166 },
      ...{ by_task_low: 0.351, by_task_high: 0.5761, wilson_low: 0.42, wilson_high: 0.5 },
    },
    {
      ...{ run: "solo & co", setting: "solo", outcome: "passed", repo: "a_task" },
      ...{ pairs: 3, passed: 0, pass_rate: null },
      ...{ by_task_low: null, by_task_high: null, wilson_low: null, wilson_high: null },
    },
  ],
};

describe("labels of a paper", () => {
  const heads: [column: string, kind: Kind, head: string][] = [
    ["pass_rate", "rate", "Pass rate (%)"],
    ["difference", "signed", "Difference (pp)"],
    ["cost_usd", "usd", "Cost (USD)"],
    ["wall_ms", "ms", "Wall (ms)"],
    ["by_task", "rate", "95 % CI, by task (%)"],
    ["run", "text", "Run"],
  ];
  test.each(heads)("%s of kind %s is headed %s", (column, kind, head) => {
    expect(PAPER.head(column, kind)).toBe(head);
  });

  const cells: [value: ReportCell, kind: Kind, column: string, cell: string][] = [
    [0.46166, "rate", "pass_rate", "46.2"],
    [-0.0769, "signed", "difference", "−7.7"],
    [0.2, "signed", "difference", "+20.0"],
    [0.0001, "p", "mcnemar_p", "<.001"],
    [12, "count", "pairs", "12"],
    [null, "rate", "pass_rate", "n/a"],
    ["conflict", "text", "outcome", "Merge conflict"],
    ["own feature broken", "text", "cause", "Own feature broken"],
    ["coop", "text", "setting", "Coop"],
    ["go_chi_task", "text", "repo", "go chi"],
    // A name that somebody gave stays as it is.
    ["conflict_run", "text", "run", "conflict_run"],
  ];
  test.each(cells)("%j of kind %s in %s is %s", (value, kind, column, cell) => {
    expect(PAPER.cell(value, kind, column)).toBe(cell);
  });

  test("have no key with an underscore in heads and notes", () => {
    const sheet = sheetOf(TABLE, { style: PAPER });
    const said = [sheet.title, ...sheet.columns.map(({ name }) => name), ...sheet.notes];
    expect(said.filter((one) => one.includes("_"))).toEqual([]);
    expect(sheet.labels).toEqual(["Run"]);
    expect(sheet.notes[0]).toBe(
      "Pass rate is passed over scored tries; by task takes whole tasks.",
    );
  });
});

describe("columns and intervals", () => {
  const chosen = (choice: Parameters<typeof chooserOf>[1]) =>
    sheetOf(TABLE, { choose: chooserOf(TABLE.labels, choice) }).columns.map(({ name }) => name);

  test("are those that were chosen, in their order", () => {
    expect(chosen({ columns: ["pass_rate", "run"] })).toEqual(["pass_rate", "run"]);
    expect(chosen({ columns: ["run"] })).toEqual([]);
    expect(chosen({ intervals: ["wilson"] })).not.toContain("by_task");
    expect(chosen({ intervals: ["wilson"] })).toContain("wilson");
    expect(chosen({ intervals: [] }).filter((name) => /wilson|by_/.test(name))).toEqual([]);
    expect(chosen({})).toContain("by_task");
  });

  test("that no table has are refused, naming the nearest", () => {
    expect(() => checkColumns(["pass_rate", "wilson"], [TABLE])).not.toThrow();
    expect(() => checkColumns(["run", "pass_rat"], [TABLE])).toThrow(
      '--columns: unknown column "pass_rat": did you mean "pass_rate"?',
    );
  });
});

describe("a paper's table in LaTeX", () => {
  const body = latex("Title", [sheetOf(TABLE, { style: PAPER })]);

  test("has words, percent and escaped names", () => {
    expect(body).toContain("Pass rate (\\%)");
    expect(body).toContain("coop\\_50\\% & Coop & Merge conflict & go chi & 652 & 301 ");
    expect(body).toContain("coop\\_50\\% & 46.2 & {[}35.1, 57.6{]}");
    expect(body).toContain("solo \\& co & Solo");
    expect(body).not.toContain("0.462");
  });

  const engine = Bun.which("pdflatex");
  if (engine === null) process.stderr.write("skipped: setting LaTeX: no pdflatex on the PATH\n");
  test.skipIf(engine === null)("is set by an engine without an error", () => {
    using folder = temporaryFolder();
    const start = "\\documentclass{article}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n";
    writeFileSync(join(folder.path, "doc.tex"), `${start}${body}\\end{document}\n`);
    const command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"];
    const { exitCode, stdout } = Bun.spawnSync([...command, "doc.tex"], { cwd: folder.path });
    expect(stdout.toString()).not.toMatch(/^! |Overfull/m);
    expect(exitCode).toBe(0);
  });
});
