import { describe, expect, test } from "bun:test";
import { bandsOf } from "./bands.ts";
import type { Sheet } from "./sheet.ts";
import { renderSheet, renderTable } from "./table.ts";

const NUMBERS = Array.from({ length: 12 }, (_, at) => `column_${at}`);
const sheet = (label: string, words = "short"): Sheet => ({
  name: "made",
  title: "A title that goes on and on until it is wider than a narrow terminal has room for",
  labels: ["run", "repo"],
  columns: [
    { name: "run", align: "left" },
    { name: "repo", align: "left" },
    { name: "words", align: "left" },
    ...NUMBERS.map((name) => ({ name, align: "right" as const })),
  ],
  rows: [1, 2].map((row) => [
    `${row} ${label}`,
    `${row} repository`,
    words,
    ...NUMBERS.map((_, at) => `[0.${row}${at}, 0.999]`),
  ]),
  notes: ["A note of many words that has to be broken somewhere, since it is long. ".repeat(3)],
});

describe("a sheet", () => {
  const long = "a-run-with-a-name-that-is-much-longer-than-anybody-would-like-it-to-be";
  const cases: [width: number, label: string, words: string][] = [
    [40, "run", "short"],
    [80, "run", "short"],
    [80, long, "short"],
    [80, "run", long],
    [80, "运行运行", "ワイド"],
    [200, long, long],
    [1000, long, long],
  ];
  test.each(cases)(
    "at %p columns of %s and %s is within them, with every number whole",
    (width, label, words) => {
      const wide = sheet(label, words);
      const text = renderSheet(wide, { width });
      const lines = text.split("\n");
      expect(lines.filter((line) => Bun.stringWidth(line) > width)).toEqual([]);
      for (const number of wide.rows.flatMap((row) => row.slice(3))) expect(text).toContain(number);
      expect(text).not.toContain("\u001b");
    },
  );

  test("names its rows in every band", () => {
    const wide = sheet("run");
    const bands = bandsOf(wide, { width: 80, gap: 2 });
    expect(bands.length).toBeGreaterThan(2);
    expect(bands.map((band) => band.slice(0, 2).map(({ at }) => at))).toEqual(
      bands.map(() => [0, 1]),
    );
    const others = bands.flatMap((band) => band.slice(2).map(({ at }) => at));
    expect(others).toEqual(wide.columns.slice(2).map((_, at) => at + 2));
  });

  test("is one table where all fits", () => {
    expect(bandsOf(sheet("run"), { width: 1000, gap: 2 })).toHaveLength(1);
  });
});

test("rows of any step are cut to the terminal", () => {
  const row = { key: "k".repeat(100), number: 0.5, list: [1, 2] };
  const text = renderTable([row], { width: 60 });
  expect(text.split("\n").filter((line) => Bun.stringWidth(line) > 60)).toEqual([]);
  expect(text).toContain("0.500");
  expect(text).toContain("1,2");
});

test("U5: nothing of a long cell is lost in 80 columns", () => {
  const hint =
    "start one (dockerd, Docker Desktop, colima), or name it with DOCKER_HOST; then run doctor again";
  const key = "go_chi_task/task26/features_1_2";
  const drawn = renderTable(
    [
      {
        part: "engine",
        found: "none answers at unix:///var/run/docker.sock",
        key,
        "what to do": hint,
      },
    ],
    { width: 80 },
  );
  for (const line of drawn.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  expect(drawn).not.toContain("…");
  for (const word of hint.split(" ")) expect(drawn).toContain(word);
  const letters = (text: string) => [...text.replaceAll(/\s/g, "")].sort().join("");
  expect(letters(drawn)).toBe(
    letters(
      `part found key what to do engine none answers at unix:///var/run/docker.sock ${key} ${hint}`,
    ),
  );
});
