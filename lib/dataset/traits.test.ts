import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith, testData } from "../core/testing.ts";
import { goldPairs } from "../merge/gold.fixture.ts";
import { type Files, numbered, Repository } from "../merge/merge.fixture.ts";
import { parsePatch } from "../patch/parse.ts";
import type { Patch } from "../patch/patch.ts";
import { type Coupling, coupling, couplingOf } from "./traits.ts";

setDefaultTimeout(120_000);

const text = (replaced: Record<number, string> = {}) => numbered(40, replaced);
const indented = (replaced: Record<number, string> = {}) =>
  `class Thing:\n${text(replaced).replaceAll(/^/gm, "  ")}`;
const BASE: Files = { a: text(), b: text(), "c.py": indented(), old: text() };
const repository = await Repository.of(BASE);
afterAll(() => repository[Symbol.dispose]());
const patch = async (changes: Files): Promise<Patch> => parsePatch(await repository.patch(changes));
const python = (replaced: Record<number, string>) => ({
  "c.py": indented(replaced),
});

const CASES: [name: string, first: Patch, second: Patch, expected: Partial<Coupling>][] = [
  [
    "no common file",
    await patch({ a: text({ 3: "x" }) }),
    await patch({ b: text({ 3: "x" }) }),
    {
      file_jaccard: 0,
      shared_base_lines: 0,
      shared_anchors: 0,
      min_hunk_distance: null,
      same_scope: false,
    },
  ],
  [
    "one of three files",
    await patch({ a: text({ 3: "x" }), b: text({ 3: "x" }) }),
    await patch({ a: text({ 30: "x" }), old: null }),
    { file_jaccard: 1 / 3, min_hunk_distance: 26 },
  ],
  [
    "the same line",
    await patch({ a: text({ 9: "x" }) }),
    await patch({ a: text({ 9: "y" }) }),
    { shared_base_lines: 1, shared_anchors: 2, min_hunk_distance: 0 },
  ],
  [
    "neighbouring lines",
    await patch({ a: text({ 9: "x" }) }),
    await patch({ a: text({ 10: "y" }) }),
    { shared_base_lines: 0, shared_anchors: 1, min_hunk_distance: 0 },
  ],
  [
    "one line between",
    await patch({ a: text({ 9: "x" }) }),
    await patch({ a: text({ 11: "y" }) }),
    { shared_base_lines: 0, shared_anchors: 0, min_hunk_distance: 1 },
  ],
  [
    "inserts at one gap",
    await patch({ a: text({ 9: "line 9\nx" }) }),
    await patch({ a: text({ 9: "line 9\ny" }) }),
    { shared_base_lines: 0, shared_anchors: 1, min_hunk_distance: 0 },
  ],
  [
    "inserts around one line",
    await patch({ a: text({ 9: "line 9\nx" }) }),
    await patch({ a: text({ 9: "y\nline 9" }) }),
    { shared_base_lines: 0, shared_anchors: 0, min_hunk_distance: 1 },
  ],
  [
    "the nearest of several hunks",
    await patch({ a: text({ 3: "x", 30: "x" }) }),
    await patch({ a: text({ 15: "y", 36: "y" }) }),
    { min_hunk_distance: 5 },
  ],
  [
    "a block over a line inside it",
    await patch({ a: text({ 5: "1", 6: "2", 7: "3" }) }),
    await patch({ a: text({ 6: "y" }) }),
    { shared_base_lines: 1, min_hunk_distance: 0 },
  ],
  [
    "both add a file",
    await patch({ new: "x\n" }),
    await patch({ new: "y\n" }),
    { file_jaccard: 1, shared_anchors: 1, min_hunk_distance: 0 },
  ],
  [
    "a rename against a change",
    await patch({ old: null, moved: text() }),
    await patch({ old: text({ 3: "x" }) }),
    { shared_anchors: 0 },
  ],
  [
    "one heading",
    await patch(python({ 9: "x" })),
    await patch(python({ 30: "y" })),
    { same_scope: true, shared_base_lines: 0 },
  ],
  [
    "no heading",
    await patch({ a: text({ 9: "x" }) }),
    await patch({ a: text({ 30: "y" }) }),
    { same_scope: false },
  ],
  [
    "one new symbol in two languages",
    await patch({ a: text({ 3: "def parse(x):" }) }),
    await patch({ b: text({ 3: "export async function parse() {" }) }),
    { same_new_symbol: true },
  ],
  [
    "a Go method",
    await patch({ a: text({ 3: "func (mx *Mux) Walk(f int) {" }) }),
    await patch({ b: text({ 3: "    pub(crate) fn Walk() {" }) }),
    { same_new_symbol: true },
  ],
  [
    "a use is no definition",
    await patch({ a: text({ 3: "def parse(x):" }) }),
    await patch({ b: text({ 3: "    return parse(x)" }) }),
    { same_new_symbol: false },
  ],
];

describe("coupling", () => {
  test.each(CASES)("%s", (_, first, second, expected) => {
    expect(coupling(first, second)).toMatchObject(expected);
    expect(coupling(second, first)).toEqual(coupling(first, second));
  });

  test("a changed signature is no new symbol", async () => {
    using other = await Repository.of({ f: "def parse(x):\n", g: "class A:\n" });
    const [changed, fresh] = [
      parsePatch(await other.patch({ f: "def parse(x, y):\n" })),
      parsePatch(await other.patch({ g: "class A:\ndef parse(z):\n" })),
    ];
    expect(coupling(changed, fresh).same_new_symbol).toBe(false);
    expect(coupling(fresh, fresh).same_new_symbol).toBe(true);
  });

  test("of several patches is that of their pairs", async () => {
    const [a, b, c] = [
      await patch({ a: text({ 9: "x" }) }),
      await patch({ a: text({ 9: "y" }), b: text({ 3: "x" }) }),
      await patch({ b: text({ 3: "def f():", 9: "z" }) }),
    ];
    expect(couplingOf([a, b, c])).toEqual({
      file_jaccard: 0.5,
      shared_base_lines: 2,
      shared_anchors: 4,
      min_hunk_distance: 0,
      same_scope: true,
      same_new_symbol: false,
    });
    expect(couplingOf([a, b])).toEqual(coupling(a, b));
    expect(couplingOf([a])).toMatchObject({ file_jaccard: 0, min_hunk_distance: null });
  });
});

describeWith("data", "coupling of the gold patches", () => {
  test("a shared line or anchor predicts a conflict with precision .990 and recall .988", () => {
    const parsed = new Map<Uint8Array, Patch>();
    const read = (bytes: Uint8Array) => {
      const known = parsed.get(bytes) ?? parsePatch(bytes);
      parsed.set(bytes, known);
      return known;
    };
    const found = { right: 0, wrong: 0, missed: 0 };
    for (const { job, conflicts } of goldPairs(testData?.dataset ?? "")) {
      const { shared_base_lines, shared_anchors } = couplingOf(job.patches.map(read));
      const predicted = shared_base_lines + shared_anchors > 0;
      if (predicted) found[conflicts ? "right" : "wrong"]++;
      else if (conflicts) found.missed++;
    }
    expect(Math.abs(found.right / (found.right + found.wrong) - 0.99)).toBeLessThan(0.01);
    expect(Math.abs(found.right / (found.right + found.missed) - 0.988)).toBeLessThan(0.01);
  });
});
