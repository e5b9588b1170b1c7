import { expect, test } from "bun:test";
import { join } from "node:path";
import * as stats from "./index.ts";
import classic from "./vectors/classic.json" with { type: "json" };
import drawn from "./vectors/drawn.json" with { type: "json" };

const scripts: [name: string, made: { program: string; version: string; code: string }][] = [
  ["make.R", classic.made_with],
  ["make.py", drawn.made_with],
];
test.each(scripts)("the vectors of %s were made by it as it stands", async (name, made) => {
  expect(made.code).toBe(await Bun.file(join(import.meta.dir, "vectors", name)).text());
  expect(made.version).toMatch(/\d+\.\d+/);
});

test("the door hands on what a report needs", () => {
  expect(Object.keys(stats)).toEqual(
    expect.arrayContaining(["armRates", "compareArms", "holm", "retentionReport", "spreadOf"]),
  );
});
