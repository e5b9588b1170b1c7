import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { memoryLedger } from "../../../db/ledger.fixture.ts";
import { fill } from "../../../db/queries/filled.fixture.ts";
import { partsOf } from "../../cli/report-parts.ts";
import { temporaryFolder } from "../../core/testing.ts";
import { writeSite } from "../../site/site.ts";
import { reportTables } from "../../stages/report.ts";
import { columnsDocument } from "../document.ts";
import { csv } from "../formats/csv.ts";
import { json } from "../formats/json.ts";
import { latex } from "../formats/latex.ts";
import { markdown } from "../formats/markdown.ts";
import { parquet } from "../formats/parquet.ts";
import type { ReportTable } from "../line.ts";
import type { PartRegistry } from "../part.ts";
import { sheetOf } from "../sheet.ts";
import { renderSheet } from "../table.ts";
import { PARTS } from "./registry.ts";

const registry: PartRegistry = {
  ...PARTS,
  even_steps: { load: () => import("./added.fixture.ts"), by_default: true },
};

describe("a part that is added", () => {
  const ledger = memoryLedger();
  let table: ReportTable;
  beforeAll(async () => {
    fill(ledger);
    const [made] = await reportTables({ ledger }, { registry, parts: ["even_steps"] });
    if (made === undefined) throw new Error("the added part was not made");
    table = made;
  });
  afterAll(() => ledger.close());

  test("is among the names of --parts, by default and in all", async () => {
    expect((await partsOf({ parts: "even_steps" }, registry)).parts).toEqual(["even_steps"]);
    expect((await partsOf({}, registry)).parts).toContain("even_steps");
    expect((await partsOf({ parts: "all" }, registry)).parts).toContain("even_steps");
    expect(partsOf({ parts: "even_stesp" }, registry)).rejects.toThrow('"even_steps"');
    expect(partsOf({ parts: "even_steps" })).rejects.toThrow("even_steps");
    const all = await reportTables({ ledger }, { registry });
    expect(all.map(({ name }) => name)).toContain("even_steps");
  });

  test("is a table on a terminal", () => {
    const text = renderSheet(sheetOf(table), { width: 100 });
    expect(text).toMatch(/^Attempts with an even number of steps\n/);
    expect(text).toMatch(/run +even_attempts +even_share +even\b/);
    expect(text).toMatch(/solo-a +\d+ +\d\.\d{3} +\[\d\.\d{3}, 1\.000\]/);
    expect(text).toContain("Zero is even.");
  });

  test("is in every format", async () => {
    const line = table.rows.find(({ run }) => run === "solo-a");
    expect(JSON.parse(json("union", [table])).even_steps).toContainEqual(line);
    expect(csv(table)).toStartWith("run,even_attempts,even_share,even_low,even_high\r\n");
    const sheets = [sheetOf(table)];
    expect(markdown("Report", sheets)).toContain("## Attempts with an even number of steps");
    expect(latex("Report", sheets)).toContain("\\label{tab:even-steps}");
    const file = (await parquet(table)).slice().buffer;
    const rows = await parquetReadObjects({ file });
    expect(rows.find(({ run }) => run === "solo-a")?.even_share).toBe(line?.even_share);
  });

  test("is a figure of the site, with its chart, its table, what columns mean and its source", async () => {
    using folder = temporaryFolder("tandem-site");
    const places = { ledger, log_dir: folder.path, out_dir: folder.path };
    const signal = new AbortController().signal;
    await writeSite({ ...places, policy: "union", runs: ["solo-a"], signal, registry });
    const page = readFileSync(join(folder.path, "index.html"), "utf8");
    const [, figure = ""] = /<figure id="part-even_steps">([\s\S]*?)<\/figure>/.exec(page) ?? [];
    expect(figure).toContain("<h3>Attempts with an even number of steps</h3>");
    expect(figure).toContain("Zero is even.");
    expect(figure).toContain("Line: a range that is made up.");
    expect(figure).toContain("<svg");
    expect(figure).toContain('title="attempts with an even number of model calls"');
    expect(figure).toContain("lib/report/parts/added.fixture.ts");
  });

  test("is in the document of columns", async () => {
    const text = await columnsDocument(registry);
    expect(text).toContain("## `even_steps`: Attempts with an even number of steps");
    expect(text).toContain("| `even_attempts` | attempts with an even number of model calls |");
    expect(await columnsDocument()).not.toContain("even_steps");
  });
});
