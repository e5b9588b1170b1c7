import { describe, expect, test } from "bun:test";
import type { OutcomeRow } from "../../db/outcomes.ts";
import { parsePatch } from "../patch/parse.ts";
import { firstChoice } from "./side.ts";
import { alignedFiles, sidePatches } from "./side-files.ts";
import { alsoChangedBy, changesByPath, type Lines, linesOf, meet } from "./side-overlap.ts";

describe("two changes", () => {
  const cases: [one: Lines, other: Lines, meets: boolean, why: string][] = [
    [{ from: 3, to: 5 }, { from: 4, to: 9 }, true, "a line in common"],
    [{ from: 3, to: 5 }, { from: 5, to: 6 }, false, "neighbours"],
    [{ from: 3, to: 5 }, { from: 9, to: 10 }, false, "apart"],
    [{ from: 4, to: 4 }, { from: 4, to: 4 }, true, "the same gap"],
    [{ from: 4, to: 4 }, { from: 5, to: 5 }, false, "gaps with a line between"],
    [{ from: 4, to: 4 }, { from: 4, to: 6 }, true, "a gap before a line that goes"],
    [{ from: 6, to: 6 }, { from: 4, to: 6 }, true, "a gap behind a line that goes"],
    [{ from: 5, to: 5 }, { from: 4, to: 6 }, true, "a gap inside"],
    [{ from: 7, to: 7 }, { from: 4, to: 6 }, false, "a gap beyond"],
  ];
  test.each(cases)("%p and %p: %p, %s", (one, other, meets) => {
    expect([meet(one, other), meet(other, one)]).toEqual([meets, meets]);
  });
});

const patch = (path: string, hunks: string) =>
  `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${hunks}`;
const replace = (line: number, from = "a", to = "b") =>
  `@@ -${line} +${line} @@\n-${from}\n+${to}\n`;
const made = (path: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+x\n`;
const linesIn = (text: string) => linesOf(parsePatch(Buffer.from(text)));

describe("the base lines of a patch", () => {
  test("are those that hunks take away, or the gap they fill", () => {
    const text = patch(
      "f",
      `${replace(3)}@@ -7,2 +7,3 @@\n x\n+new\n y\n@@ -20,2 +21 @@\n-p\n-q\n+r\n`,
    );
    expect(linesIn(text)).toMatchObject([
      { path: "f", hunks: [[{ from: 3, to: 4 }], [{ from: 8, to: 8 }], [{ from: 20, to: 22 }]] },
    ]);
  });
  test("are under the base's name after a rename, and a gap in what is new", () => {
    const renamed = `diff --git a/old b/new\nsimilarity index 50%\nrename from old\nrename to new\n--- a/old\n+++ b/new\n${replace(2)}`;
    expect(linesIn(renamed + made("n"))).toMatchObject([
      { path: "old", hunks: [[{ from: 2, to: 3 }]] },
      { path: "n", hunks: [[{ from: 1, to: 1 }]] },
    ]);
  });
  test("are also changed by the attempts that meet them, in the same file", () => {
    const attempts = [
      patch("f", replace(3)),
      patch("f", replace(3)) + patch("g", replace(3)),
      patch("f", replace(4)),
      made("n"),
      made("n"),
    ].map((text) => changesByPath([linesIn(text)]));
    const at = (path: string, own: number) =>
      alsoChangedBy(attempts[own]?.get(path) ?? [], { path, own, attempts });
    expect(at("f", 0)).toEqual([1]);
    expect(at("g", 1)).toEqual([]);
    expect(at("f", 2)).toEqual([]);
    expect(at("n", 3)).toEqual([4]);
  });
});

describe("files of several attempts", () => {
  type Work = Parameters<typeof sidePatches>[0];
  const attempt = (handed: string[], merged?: string, clean = true) => {
    const bytes = new Map(
      [...handed, merged ?? ""].map((text, at) => [`hash${at}`, Buffer.from(text)]),
    );
    const agents = handed.map((_, at) => ({ agent_id: `agent${at + 1}`, patch: `hash${at}` }));
    const diff = merged === undefined ? null : `hash${handed.length}`;
    const merges = [
      { strategy: "naive", status: clean ? "clean" : "conflicts", diff: clean ? diff : null },
      ...(clean ? [] : [{ strategy: "union", status: "clean", diff }]),
    ];
    return sidePatches({ agents, merges } as unknown as Work, bytes);
  };

  test("stand in one row, by the base's names, with who handed them in and what the merge made", () => {
    const both = patch("f", `${replace(3)}${replace(9)}`);
    const rows = alignedFiles([
      attempt(
        [patch("f", replace(3)) + patch("a", replace(1)), patch("f", replace(9))],
        patch("a", replace(1)) + both,
      ),
      attempt([both]),
    ]);
    const told = rows.map(({ path, cells }) => [
      path,
      cells.map((cell) => [
        cell.attempt,
        cell.handed.map((file) => [file.of.name, file.as_merged]),
        cell.merged.map((file) => file.of.name),
      ]),
    ]);
    expect(told).toEqual([
      ["a", [[0, [["agent1", true]], ["naive merge"]]]],
      [
        "f",
        [
          [
            0,
            [
              ["agent1", false],
              ["agent2", false],
            ],
            ["naive merge"],
          ],
          [1, [["agent1", true]], []],
        ],
      ],
    ]);
  });
  test("are of the union merge where the naive one conflicts, and of none where there is none", () => {
    const conflict = attempt(
      [patch("f", replace(3)), patch("f", replace(3, "a", "c"))],
      patch("f", replace(3)),
      false,
    );
    expect(conflict.merged?.name).toBe("union merge");
    expect(attempt([patch("f", replace(3))]).merged).toBeUndefined();
    expect(alignedFiles([attempt([]), attempt([])])).toEqual([]);
  });
});

describe("the two attempts that a page begins with", () => {
  const row = (
    setting: "coop" | "solo",
    passed: boolean | null,
    agent = "mini",
    fault: string | null = null,
  ) => ({ setting, passed, agent, fault }) as OutcomeRow;
  const gold = row("coop", false, "gold");
  const cases: [name: string, rows: OutcomeRow[], choice: [number, number]][] = [
    ["coop lost, solo won", [row("coop", true), row("solo", true), row("coop", false)], [2, 1]],
    ["solo lost", [row("solo", false), row("coop", true)], [1, 0]],
    [
      "coop lost rather than solo lost",
      [row("coop", true), row("solo", false), row("solo", true), row("coop", false)],
      [3, 2],
    ],
    ["none differs", [row("solo", true), row("coop", true)], [0, 1]],
    ["reference patches are no agents", [gold, row("solo", true), row("coop", true)], [0, 1]],
    ["a fault is no verdict", [row("coop", false, "mini", "no_image"), row("solo", true)], [0, 1]],
    ["no verdict", [row("coop", null), row("solo", true)], [0, 1]],
  ];
  test.each(cases)("%s", (_, rows, choice) => expect(firstChoice(rows)).toEqual(choice));
});
