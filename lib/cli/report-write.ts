// Owns turning a report's tables into text or files, and putting them where they belong.
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { writeWhole } from "../core/files.ts";
import type { Policy } from "../core/vocabulary.ts";
import type { ReportTable } from "../report/line.ts";
import type { Sheet } from "../report/sheet.ts";
import type { Output } from "./output.ts";
import type { Look } from "./report-look.ts";
import type { PartFormat, Target } from "./report-target.ts";
import { terminalOf } from "./terminal.ts";

type TableTarget = Exclude<Target, { format: "html" }>;
type Options = {
  readonly out: Output;
  readonly target: TableTarget;
  readonly policy: Policy;
  /** Whether the parts were asked for by name: then those without rows are told. */
  readonly named: boolean;
  readonly look: Look;
};

/** Writes or prints the tables; those without rows only where the format can say so. */
export async function writeTables(tables: readonly ReportTable[], options: Options): Promise<void> {
  const { out, target, policy, named } = options;
  for (const { rows, why_empty } of named ? tables : [])
    if (rows.length === 0 && why_empty !== undefined) out.say(why_empty);
  if (target.format === "csv" || target.format === "parquet")
    return await writeParts(tables, { out, target, format: target.format });
  if (target.format === "json") {
    const { json } = await import("../report/formats/json.ts");
    return put(json(policy, tables), { out, target });
  }
  const sheets = await sheetsOf(tables, options.look);
  await writeSheets(sheets, { out, target, title: `Tandem report (policy ${policy})` });
}

async function sheetsOf(tables: readonly ReportTable[], look: Look): Promise<Sheet[]> {
  const [{ sheetOf }, paper] = await Promise.all([
    import("../report/sheet.ts"),
    import("../report/paper.ts"),
  ]);
  if (look.columns !== undefined) paper.checkColumns(look.columns, tables);
  const style = look.labels === "paper" ? paper.PAPER : undefined;
  return tables
    .filter(({ rows }) => rows.length > 0)
    .map((table) => sheetOf(table, { style, choose: paper.chooserOf(table.labels, look) }))
    .filter(({ columns }) => columns.length > 0);
}

/** Sheets in one of the formats for people. */
export async function writeSheets(
  sheets: readonly Sheet[],
  { out, target, title }: { out: Output; target: TableTarget; title: string },
): Promise<void> {
  if (target.format === "md") {
    const { markdown } = await import("../report/formats/markdown.ts");
    return put(markdown(title, sheets), { out, target });
  }
  if (target.format === "tex") {
    const { latex } = await import("../report/formats/latex.ts");
    return put(latex(title, sheets), { out, target });
  }
  const { renderSheet } = await import("../report/table.ts");
  const terminal = target.path === undefined ? terminalOf(process.stdout) : { width: undefined };
  const drawn = sheets.map((sheet) => renderSheet(sheet, terminal));
  put([`${title}\n`, ...drawn].join("\n"), { out, target });
}

/** A file a part. A single part may have a name of its own, or (as CSV) go to standard output. */
export async function writeParts(
  tables: readonly ReportTable[],
  { out, target, format }: { out: Output; target: TableTarget; format: PartFormat },
): Promise<void> {
  const { path, folder } = target;
  const [first, ...more] = tables;
  if (!folder && more.length > 0)
    throw new UsageError(`${format} holds one part per file: give -o DIR/, or one name in --parts`);
  if (!folder && first !== undefined && (format === "csv" || first.rows.length > 0))
    return put(await contentOf(first, format), { out, target });
  const full = tables.filter(({ rows }) => rows.length > 0);
  for (const table of full)
    writeWhole(join(path ?? "", `${table.name}.${format}`), await contentOf(table, format));
  out.say(`${full.length} files in ${path}: ${full.map(({ name }) => name).join(", ")}`);
}

async function contentOf(table: ReportTable, format: PartFormat): Promise<string | Uint8Array> {
  if (format === "parquet")
    return await (await import("../report/formats/parquet.ts")).parquet(table);
  return (await import("../report/formats/csv.ts")).csv(table);
}

/** The content into its file, or as the result on standard output. */
export function put(
  content: string | Uint8Array,
  { out, target }: { out: Output; target: TableTarget },
): void {
  if (target.path !== undefined) writeWhole(target.path, ended(content));
  else if (typeof content === "string" && content !== "") out.text(content);
}

function ended(content: string | Uint8Array): string | Uint8Array {
  const whole = typeof content !== "string" || content === "" || content.endsWith("\n");
  return whole ? content : `${content}\n`;
}
