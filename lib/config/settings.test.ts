import { describe, expect, test } from "bun:test";
import { valueFrom, writtenOf } from "./kinds.ts";
import { sectionSchema } from "./schema.ts";
import { SECTIONS } from "./setting.ts";
import { defaultValue, rowsOf, SETTINGS, studyKey } from "./settings.ts";

const ROWS = rowsOf(SETTINGS, () => true);

describe("in the table", () => {
  test("every flag, alias and key of a section stands once", () => {
    const twice = (names: readonly (string | undefined)[]) =>
      names.filter((name, index) => name !== undefined && names.indexOf(name) !== index);
    expect(twice(ROWS.map(([, { flag }]) => flag))).toEqual([]);
    expect(twice(ROWS.map(([, { alias }]) => alias))).toEqual([]);
    for (const section of SECTIONS) {
      const rows = ROWS.filter(([, setting]) => setting.section === section);
      expect(rows.length).toBeGreaterThan(0);
      expect(twice(rows.map((row) => studyKey(...row)))).toEqual([]);
    }
  });

  test.each(ROWS)(
    "%s: names are spelt as data and flags are, and help is one plain line",
    (name, row) => {
      expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(studyKey(name, row)).toMatch(/^[a-z]+(_[a-z]+)*$/);
      if (row.flag !== undefined) expect(row.flag).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(row.help).toMatch(/^[^\n]{10,}[^.\n]$/);
    },
  );

  test.each(ROWS)("%s: a time is written in seconds and kept in milliseconds", (name, row) => {
    const isTime = row.kind.is === "seconds" || row.kind.is === "pause";
    expect([name.endsWith("_ms"), studyKey(name, row).endsWith("_s")]).toEqual([isTime, isTime]);
  });

  test.each(ROWS)(
    "%s: its default is of its kind, and comes back as it was written",
    (name, row) => {
      if (row.default === undefined) return;
      const key = studyKey(name, row);
      const schema = sectionSchema(row.section);
      expect(schema.parse({ [key]: row.default })).toMatchObject({ [key]: row.default });
      expect(writtenOf(row.kind, valueFrom(row.kind, row.default))).toEqual(row.default);
    },
  );
});

test("defaults are the library's values", () => {
  expect(defaultValue("max_wall_ms")).toBe(7_200_000);
  expect(defaultValue("command_timeout_ms")).toBe(300_000);
  expect(defaultValue("timeout_ms")).toBe(600_000);
  expect(defaultValue("max_cost_usd")).toBe(3);
  expect(defaultValue("policies")).toEqual(["union"]);
});

test("no limit is null inside and none outside", () => {
  const { kind } = SETTINGS.max_cost_usd;
  expect([valueFrom(kind, "none"), writtenOf(kind, null)]).toEqual([null, "none"]);
});
