// Owns answers of SQL that no table has: their columns are declared once, and types and reading follow from them.
import {
  type BuildColumns,
  getTableColumns,
  type InferModelFromColumns,
  type SQL,
  sql,
} from "drizzle-orm";
import { type SQLiteColumnBuilderBase, sqliteTable } from "drizzle-orm/sqlite-core";
import type { Tables } from "./tables.ts";

type Columns = Record<string, SQLiteColumnBuilderBase>;

/**
 * A way to ask for rows of these columns. The query must give each of them, by its name; what it gives besides is left out. The
 * order is the query's own.
 */
export function answer<Asked extends Columns>(columns: Asked) {
  const declared = Object.values(getTableColumns(sqliteTable("answer", columns)));
  const fields = Object.fromEntries(
    declared.map((column) => [column.name, sql`${sql.identifier(column.name)}`.mapWith(column)]),
  );
  return (db: Pick<Tables, "select">, query: SQL): Row<Asked>[] => {
    const rows: unknown[] = db.select(fields).from(sql`(${query}) AS answer`).all();
    // Each column has read its own value: drizzle follows no types through columns that vary.
    return rows as Row<Asked>[];
  };
}
type Row<Asked extends Columns> = InferModelFromColumns<BuildColumns<"answer", Asked, "sqlite">>;

/** A row of such an answer. */
export type RowOf<Ask extends (...asked: never[]) => readonly unknown[]> = Readonly<
  ReturnType<Ask>[number]
>;

/** The column is one of these texts; `column` is SQL. */
export function isAmong(column: SQL, texts: readonly string[]): SQL {
  return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(texts)}))`;
}
