import { afterAll, describe, expect, test } from "bun:test";
import { is } from "drizzle-orm";
import { getTableConfig, SQLiteTable } from "drizzle-orm/sqlite-core";
import { memoryLedger } from "./ledger.fixture.ts";
import * as schema from "./schema.ts";

const tables = Object.values(schema).filter((value) => is(value, SQLiteTable));

describe("the migrations make the tables of the schema", () => {
  const ledger = memoryLedger();
  afterAll(() => ledger.close());
  test("no table more, no table less", () => {
    const stored = ledger.query(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name != 'migrations' ORDER BY name",
    );
    const declared = tables.map((table) => ({ name: getTableConfig(table).name }));
    expect(stored).toEqual(declared.sort((a, b) => (a.name < b.name ? -1 : 1)));
  });
  const stored = new Map(
    tables.map((table) => {
      const { name } = getTableConfig(table);
      return [
        name,
        ledger.query(
          `SELECT name, lower(type) AS type, "notnull", pk FROM pragma_table_info('${name}')`,
        ),
      ];
    }),
  );
  test.each([...stored.keys()])("%s", (name) => {
    const table = tables.find((one) => getTableConfig(one).name === name);
    if (!table) throw new Error(`no table ${name}`);
    const { columns, primaryKeys } = getTableConfig(table);
    const keys = primaryKeys.flatMap((key) => key.columns.map((column) => column.name));
    const declared = columns.map((column) => ({
      name: column.name,
      type: column.getSQLType(),
      notnull: column.notNull || column.primary ? 1 : 0,
      pk: column.primary ? 1 : keys.indexOf(column.name) + 1,
    }));
    expect(stored.get(name)).toEqual(declared);
  });
});
