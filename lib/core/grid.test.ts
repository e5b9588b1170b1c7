import { describe, expect, test } from "bun:test";
import { drawGrid, type Grid } from "./grid.ts";

const KEY = "huggingface_datasets_task/task7309/features_10_12";
const HINT = "start one (dockerd, Docker Desktop, colima), or name it with DOCKER_HOST";
const GRIDS: [title: string, grid: Grid][] = [
  ["short", { heads: ["a", "b"], rows: [["1", "2"]], aligns: ["left", "right"] }],
  ["a sentence", { heads: ["part", "what to do"], rows: [["engine", HINT]] }],
  ["a key and a sentence", { heads: ["key", "hint"], rows: [[`run/${KEY}`, HINT]] }],
  [
    "twelve columns",
    {
      heads: Array.from({ length: 12 }, (_, at) => `column_${at}`),
      rows: [Array.from({ length: 12 }, (_, at) => `[0.${at}00, 0.999]`), []],
    },
  ],
  ["wide letters", { heads: ["運行"], rows: [["日本語のファイルを読む".repeat(6)]] }],
  ["a picture", { heads: ["x"], rows: [["👩‍👩‍👧".repeat(30)]] }],
  ["a word without an end", { heads: ["path", "n"], rows: [["x".repeat(300), "7"]] }],
  ["lines and tabs", { heads: ["text"], rows: [["one\ttwo\nthree\n\nfour"]] }],
  ["nothing", { heads: ["a"], rows: [] }],
  [
    "empty cells",
    {
      heads: ["a", "b"],
      rows: [
        ["", ""],
        ["", "x"],
      ],
    },
  ],
];
const WIDTHS = [24, 40, 80, 120, 500];

const letters = (text: string) => [...text.replaceAll(/\s/g, "")].sort().join("");
const lettersOf = ({ heads, rows }: Grid) => letters([...heads, ...rows.flat()].join(" "));

describe.each(GRIDS)("U5: a table of %s", (_, grid) => {
  test.each(WIDTHS)("is whole and no wider than %d columns", (width) => {
    const lines = drawGrid(grid, { width });
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
    for (const line of lines) expect(line).toBe(line.trimEnd());
    // As lines, every row repeats the names of its columns, and omits empty cells.
    const drawn = letters(lines.join("\n"));
    for (const cell of grid.rows.flat())
      for (const word of cell.split(/\s+/))
        if (Bun.stringWidth(word) < width / 3) expect(lines.join("\n")).toContain(word);
    if (drawn.length === lettersOf(grid).length) expect(drawn).toBe(lettersOf(grid));
    else for (const cell of grid.rows.flat()) expect(holds(drawn, letters(cell))).toBe(true);
  });

  test("has colours where they are wanted, and is the same without them", () => {
    const plain = drawGrid(grid, { width: 80 });
    const coloured = drawGrid(grid, { width: 80, color: true });
    expect(coloured.map((line) => Bun.stripANSI(line))).toEqual(plain);
    expect(plain.join("")).not.toContain("\u001b");
  });
});

/** Whether every letter of a text is drawn at least as often. */
function holds(drawn: string, text: string): boolean {
  const count = (all: string, one: string) => all.split(one).length - 1;
  return [...new Set(text)].every((one) => count(drawn, one) >= count(text, one));
}

test("columns where they fit, whole words where they nearly do, else lines", () => {
  const grid: Grid = {
    heads: ["key", "hint"],
    rows: [
      ["engine", HINT],
      ["b", "none"],
    ],
  };
  expect(drawGrid(grid, { width: 120 })).toEqual([
    "key     hint",
    `engine  ${HINT}`,
    "b       none",
  ]);
  expect(drawGrid(grid, { width: 50 })).toEqual([
    "key     hint",
    "engine  start one (dockerd, Docker Desktop,",
    "        colima), or name it with DOCKER_HOST",
    "b       none",
  ]);
  expect(drawGrid(grid, { width: 24 })).toEqual([
    "key     hint",
    "engine  start one",
    "        (dockerd, Docker",
    "        Desktop,",
    "        colima), or name",
    "        it with",
    "        DOCKER_HOST",
    "b       none",
  ]);
  expect(drawGrid(grid, { width: 18 })).toEqual([
    "key   engine",
    "hint",
    "  start one",
    "  (dockerd, Docker",
    "  Desktop,",
    "  colima), or name",
    "  it with",
    "  DOCKER_HOST",
    "",
    "key   b",
    "hint  none",
  ]);
});
