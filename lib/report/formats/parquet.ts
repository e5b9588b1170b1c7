// Owns a report's part as a Parquet file: one typed column per column. Keeps hyparquet-writer.
import type { BasicType } from "hyparquet-writer";
import { columnsOf, type Kind } from "../columns.ts";
import type { ReportCell, ReportTable } from "../line.ts";

type ColumnType = Extract<BasicType, "BOOLEAN" | "INT64" | "DOUBLE" | "STRING">;

/** Types go by what a column means, so that a rate is a double also where all are 0 or 1. */
const TYPES: Readonly<Record<Kind, ColumnType>> = {
  text: "STRING",
  flag: "BOOLEAN",
  count: "INT64",
  ms: "INT64",
  rate: "DOUBLE",
  signed: "DOUBLE",
  p: "DOUBLE",
  number: "DOUBLE",
  usd: "DOUBLE",
};

/**
 * The bytes of a file with all rows, Snappy-compressed, every column nullable; title and notes are in its key-value
 * metadata. Columns that are not the report's get the type that holds all their values. Throws RangeError for no rows:
 * their columns are not known.
 */
export async function parquet(table: ReportTable): Promise<Uint8Array> {
  const { name, title, notes } = table;
  const columns = columnsOf(table);
  if (columns.length === 0) throw new RangeError(`part ${name} has no rows: no columns to write`);
  const { parquetWriteBuffer } = await import("hyparquet-writer");
  const buffer = parquetWriteBuffer({
    columnData: columns.map((column) => columnOf(column, table)),
    createdBy: "Tandem",
    kvMetadata: [
      { key: "title", value: title },
      { key: "notes", value: notes.join("\n") },
    ],
  });
  return new Uint8Array(buffer);
}

function columnOf(name: string, { rows, columns = {} }: ReportTable) {
  const values = rows.map((row) => row[name] ?? null);
  const type = typeOf(columns[name]?.kind, values);
  return { name, type, nullable: true, data: values.map((value) => converted(value, type)) };
}

function typeOf(kind: Kind | undefined, values: readonly ReportCell[]): ColumnType {
  const known = values.filter((value) => value !== null);
  const wanted = kind === undefined ? undefined : TYPES[kind];
  const least = leastType(known);
  if (wanted === undefined || wanted === least || known.length === 0) return wanted ?? least;
  return wanted === "DOUBLE" && least === "INT64" ? wanted : least;
}

function leastType(known: readonly ReportCell[]): ColumnType {
  if (known.length === 0) return "STRING";
  if (known.every((value) => typeof value === "boolean")) return "BOOLEAN";
  if (known.every((value) => Number.isSafeInteger(value))) return "INT64";
  return known.every((value) => typeof value === "number") ? "DOUBLE" : "STRING";
}

function converted(value: ReportCell, type: ColumnType) {
  if (value === null) return null;
  if (type === "STRING") return String(value);
  return type === "INT64" && typeof value === "number" ? BigInt(value) : value;
}
