import { expect, test } from "bun:test";
import { described, ledgerDocument } from "./document.ts";
import { MEANINGS } from "./meanings.ts";

const all = [...described("views"), ...described("tables")];

test("every table and view says what a row of it is, and every column what it holds", () => {
  const silent = all.flatMap(({ name, about, columns }) => [
    ...(about === "" ? [name] : []),
    ...columns.flatMap((one) => (one.meaning === undefined ? [`${name}.${one.name}`] : [])),
  ]);
  expect(silent).toEqual([]);
});

test("no meaning is of a column that there is not", () => {
  const names = new Set(
    all.flatMap(({ name, columns }) => columns.flatMap((one) => [one.name, `${name}.${one.name}`])),
  );
  expect(Object.keys(MEANINGS).filter((name) => !names.has(name))).toEqual([]);
});

test("a comment that takes several lines is one cell, and a bar in it stays in it", () => {
  const text = ledgerDocument();
  const rows = text.split("\n").filter((line) => line.startsWith("| `"));
  for (const row of rows) expect(row.replaceAll("\\|", "").split("|").length).toBe(5);
  expect(rows.length).toBe(all.reduce((sum, { columns }) => sum + columns.length, 0));
});
