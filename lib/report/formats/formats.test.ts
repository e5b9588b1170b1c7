import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { temporaryFolder } from "../../core/testing.ts";
import { type Columns, count, flag, rate, text, usd } from "../columns.ts";
import type { ReportLine, ReportTable } from "../line.ts";
import type { Sheet } from "../sheet.ts";
import { csv } from "./csv.ts";
import { json } from "./json.ts";
import { escaped, latex } from "./latex.ts";
import { markdown } from "./markdown.ts";
import { parquet } from "./parquet.ts";

const NASTY = [
  "a,b",
  'a "quoted" word',
  "two\r\nlines",
  "50 % of $1 & #2_{x} ~^\\",
  "<script>|`*[x]*`|</script>",
  "−±×…– é ß 漢字 🙂 \u0007",
  "--- ?` !`",
  "a/very/long/path_with_parts/that_is/longer/than/any/column/of/a/page/could/possibly/be.ts",
  "",
];
const sheetOf = (cells: readonly string[]): Sheet => ({
  name: "nasty_part",
  title: "What 100 % of people_write & others [do not]",
  labels: ["run"],
  columns: [
    { name: "run", align: "left" },
    { name: "by_task", align: "right" },
  ],
  rows: cells.map((cell) => [cell, "[−0.100, +0.200]"]),
  notes: ["A note_ with <tags>"],
});
const tableOf = (rows: readonly ReportLine[]): ReportTable => ({
  ...{ name: "made", title: "Made", labels: [], notes: ["a note"], rows },
});

describe("CSV", () => {
  const cases: [rows: ReportLine[], text: string][] = [
    [[], ""],
    [[{ a: 1, b: "x" }], "a,b\r\n1,x\r\n"],
    [[{ a: null, b: "" }], 'a,b\r\n,""\r\n'],
    [[{ a: 1 / 3, b: true }], "a,b\r\n0.3333333333333333,true\r\n"],
    [[{ a: 'say "x", y', b: "1\r\n2" }], 'a,b\r\n"say ""x"", y","1\r\n2"\r\n'],
    [[{ a: 1 }, { b: 2 }], "a,b\r\n1,\r\n,2\r\n"],
  ];
  test.each(cases)("of %j", (rows, text) => {
    expect(csv({ rows })).toBe(text);
  });
});

test("JSON has every part and every digit", () => {
  const rows = [{ rate: 1 / 3, none: null }];
  expect(JSON.parse(json("naive", [tableOf(rows), { ...tableOf([]), name: "empty" }]))).toEqual({
    policy: "naive",
    made: rows,
    empty: [],
  });
});

describe("Markdown", () => {
  test("keeps each row on one line, with as many cells as there are columns", () => {
    const lines = markdown("Title", [sheetOf(NASTY)]).split("\n");
    const rows = lines.filter((line) => line.startsWith("|"));
    expect(rows).toHaveLength(NASTY.length + 2);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(3);
  });

  test("has nothing in it that a reader would take for HTML or for emphasis", () => {
    const text = markdown("Title", [sheetOf(NASTY)]);
    expect(text).not.toMatch(/(?<!\\)[<`]|(?<!\\)\*/);
    expect(text).toContain("# Title\n\n## What 100 % of people_write & others [do not]\n\n| run");
    expect(text).toContain("A note\\_ with \\<tags>");
  });
});

describe("LaTeX", () => {
  const cases: [text: string, latex: string][] = [
    [
      "50 % of $1 & #2_{x} ~^\\",
      "50 \\% of \\$1 \\& \\#2\\_\\{x\\} \\textasciitilde{}\\textasciicircum{}\\textbackslash{}",
    ],
    ["<.001 | >", "\\textless{}.001 \\textbar{} \\textgreater{}"],
    ["[−0.100, +0.200]", "{[}$-$0.100, +0.200{]}"],
    ["--help", "-{}-help"],
    ["é 漢\u0007", "é U+6F22U+0007"],
    ["two\nlines", "two lines"],
  ];
  test.each(cases)("writes %j so that it is shown", (text, written) => {
    expect(escaped(text)).toBe(written);
  });

  test("closes what it opens, with rules, caption and label, and as many cells in each row", () => {
    const text = latex("Title", [sheetOf(NASTY)]);
    expect(text).toStartWith("% Title\n% Needs \\usepackage{booktabs,longtable}\n");
    for (const [open, close] of [
      [/\\begin\{longtable\}/g, /\\end\{longtable\}/g],
      [/\\begingroup/g, /\\endgroup/g],
      [/(?<!\\)\{/g, /(?<!\\)\}/g],
    ] as const)
      expect(text.match(open)?.length).toBe(text.match(close)?.length);
    for (const word of [
      "\\toprule",
      "\\midrule",
      "\\bottomrule",
      "\\caption{What 100 \\% of",
      "\\label{tab:nasty-part}",
    ])
      expect(text).toContain(word);
    const rows = text.split("\n").filter((line) => line.endsWith(" \\\\"));
    expect(rows).toHaveLength(NASTY.length + 2);
    for (const row of rows) expect(row.match(/(?<!\\)&/g)).toHaveLength(1);
  });

  const engine = Bun.which("pdflatex");
  if (engine === null) process.stderr.write("skipped: setting LaTeX: no pdflatex on the PATH\n");
  test.skipIf(engine === null)("is set by an engine without an error", () => {
    using folder = temporaryFolder();
    const wide = { ...sheetOf(["x"]), name: "wide" };
    const columns = Array.from({ length: 20 }, (_, at) => ({
      name: `n_${at}`,
      align: "right" as const,
    }));
    const many = { ...wide, columns: [...wide.columns, ...columns], rows: [wide.rows[0] ?? []] };
    const body = latex("Title", [sheetOf(NASTY), many]);
    const start = "\\documentclass{article}\n\\usepackage{booktabs,longtable}\n\\begin{document}\n";
    writeFileSync(join(folder.path, "doc.tex"), `${start}${body}\\end{document}\n`);
    const command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"];
    const { exitCode, stdout } = Bun.spawnSync([...command, "doc.tex"], { cwd: folder.path });
    expect(stdout.toString()).not.toMatch(/^! |Overfull/m);
    expect(exitCode).toBe(0);
  });
});

describe("Parquet", () => {
  const read = async (rows: readonly ReportLine[], columns?: Columns) => {
    const bytes = await parquet({ ...tableOf(rows), columns });
    const file = bytes.slice().buffer;
    const { schema, key_value_metadata } = parquetMetadata(file);
    const types = schema.slice(1).map(({ name, type }) => [name, type]);
    return {
      rows: await parquetReadObjects({ file }),
      types: Object.fromEntries(types),
      about: Object.fromEntries((key_value_metadata ?? []).map(({ key, value }) => [key, value])),
    };
  };

  test("gives back every value, with types by what columns mean", async () => {
    const columns = {
      ...{ run: text("a"), model: text("b"), circular: flag("c") },
      ...{ pairs: count("d"), pass_rate: rate("e"), cost_usd: usd("f") },
    };
    const rows = [
      { run: "a", pairs: 3, pass_rate: 1, circular: true, cost_usd: null, model: "m" },
      {
        run: "b é",
        pairs: 9007199254740991,
        pass_rate: 0,
        circular: null,
        cost_usd: null,
        model: null,
      },
    ];
    const found = await read(rows, columns);
    expect(found.types).toEqual({
      run: "BYTE_ARRAY",
      model: "BYTE_ARRAY",
      circular: "BOOLEAN",
      pairs: "INT64",
      pass_rate: "DOUBLE",
      cost_usd: "DOUBLE",
    });
    expect(found.rows).toEqual([
      { run: "a", model: "m", circular: true, pairs: 3n, pass_rate: 1, cost_usd: null },
      {
        run: "b é",
        model: null,
        circular: null,
        pairs: 9007199254740991n,
        pass_rate: 0,
        cost_usd: null,
      },
    ]);
    expect(found.about).toMatchObject({ title: "Made", notes: "a note" });
  });

  const guessed: [values: (string | number | null)[], type: string, back: unknown[]][] = [
    [[1, null], "INT64", [1n, null]],
    [[1, 0.5], "DOUBLE", [1, 0.5]],
    [[1, "x"], "BYTE_ARRAY", ["1", "x"]],
    [[null, null], "BYTE_ARRAY", [null, null]],
    [["", "9223372036854775807"], "BYTE_ARRAY", ["", "9223372036854775807"]],
  ];
  test.each(guessed)("of a query's values %j is %s", async (values, type, back) => {
    const found = await read(values.map((mine) => ({ mine })));
    expect(found.types).toEqual({ mine: type });
    expect(found.rows.map(({ mine }) => mine)).toEqual(back);
  });

  test("takes a query's column for what it holds, whatever its name", async () => {
    const found = await read([{ passed: 0.5, task: "first", rate: 1, pairs: 2 }]);
    expect(found.types).toEqual({
      task: "BYTE_ARRAY",
      passed: "DOUBLE",
      rate: "INT64",
      pairs: "INT64",
    });
  });

  test("without rows has no columns to write", () => {
    expect(() => parquet(tableOf([]))).toThrow(RangeError);
  });

  test("of more rows than a page holds is whole", async () => {
    const rows = Array.from({ length: 5000 }, (_, k) => ({ k, key: `attempt ${k}` }));
    expect((await read(rows)).rows.at(-1)).toEqual({ k: 4999n, key: "attempt 4999" });
  });
});
