import { describe, expect, test } from "bun:test";
import type { PathPromise, PromiseStatus } from "./effect.ts";
import { judgeOf } from "./judge.ts";

const PROMISE: PathPromise = {
  by: "agent1",
  kind: "touch",
  paths: ["src/a.ts"],
  only: false,
  part: false,
  further: false,
  fresh: false,
  quote: "",
};
const KNOWN = ["src/a.ts", "src/b.ts", "lib/b.ts", "tests/a.test.ts"];
const EDITS = [
  { agent_id: "agent1", step: 4, path: "src/a.ts" },
  { agent_id: "agent1", step: 5, path: "src/a.ts" },
  { agent_id: "agent1", step: 6, path: "src/b.ts" },
];
type Case = readonly [
  what: string,
  promise: Partial<PathPromise>,
  files: readonly string[] | null,
  status: PromiseStatus,
  path?: string | null,
  step?: number | null,
];

const OFF = { kind: "keep_off" } as const;
const CASES: readonly Case[] = [
  ["what is in the patch was changed", {}, ["src/a.ts"], "kept", "src/a.ts", 4],
  ["what is not was not", {}, ["src/b.ts"], "broken", "src/a.ts", null],
  [
    "all files of one promise",
    { paths: ["src/a.ts", "src/b.ts"] },
    ["src/a.ts"],
    "broken",
    "src/b.ts",
  ],
  ["a file that nobody knows", { paths: ["src/z.ts"] }, ["src/a.ts"], "open", null],
  [
    "a new file that is not there",
    { paths: ["src/z.ts"], fresh: true },
    ["src/a.ts"],
    "broken",
    "src/z.ts",
  ],
  ["only these: another one", { only: true }, ["src/a.ts", "src/b.ts"], "broken", "src/b.ts", 6],
  [
    "only these: tests are not merged",
    { only: true },
    ["src/a.ts", "tests/a.test.ts"],
    "kept",
    "src/a.ts",
  ],
  ["a folder", { paths: ["src/"] }, ["src/b.ts"], "kept", "src/b.ts", 6],
  ["a glob", { paths: ["src/*.ts"] }, ["src/b.ts"], "kept", "src/b.ts"],
  ["a name that two files have", { paths: ["b.ts"] }, ["lib/b.ts"], "kept", "lib/b.ts", null],
  ["left alone", OFF, ["src/b.ts"], "kept", null, null],
  ["left alone, edited and put back", OFF, ["src/b.ts"], "kept", null, null],
  ["changed all the same", OFF, ["src/a.ts"], "broken", "src/a.ts", 4],
  [
    "changed by no step after it",
    { ...OFF, paths: ["lib/b.ts"] },
    ["lib/b.ts"],
    "broken",
    "lib/b.ts",
    null,
  ],
  [
    "left alone, nobody knows the file",
    { ...OFF, paths: ["src/z.ts"] },
    ["src/a.ts"],
    "kept",
    null,
  ],
  [
    "a folder to leave alone",
    { ...OFF, paths: ["lib/"] },
    ["src/a.ts", "lib/b.ts"],
    "broken",
    "lib/b.ts",
  ],
  [
    "a part of a file that was changed",
    { ...OFF, part: true },
    ["src/a.ts"],
    "open",
    "src/a.ts",
    4,
  ],
  ["a part of a file that was not", { ...OFF, part: true }, ["src/b.ts"], "kept", null],
  ["from now on", { ...OFF, further: true }, ["src/a.ts"], "open", "src/a.ts", 4],
  ["no patch", {}, null, "open", null],
  ["no patch to leave alone", OFF, null, "open", null],
];

describe("a promise", () => {
  test.each(CASES.map((one) => [one[0], one] as const))(
    "%s",
    (_, [, fields, files, status, path, step]) => {
      const evidence = { files, known: KNOWN, edits: EDITS, heard: true };
      const judged = judgeOf({ ...PROMISE, ...fields }, evidence);
      expect(judged.status).toBe(status);
      if (path !== undefined) expect(judged.path).toBe(path);
      if (step !== undefined) expect(judged.step).toBe(step);
      expect(judged.why).toMatch(/\.$/);
    },
  );

  test("that was never heard binds nobody", () => {
    const evidence = { files: ["src/a.ts"], known: KNOWN, edits: EDITS, heard: false };
    expect(judgeOf({ ...PROMISE, ...OFF }, evidence)).toMatchObject({ status: "open", step: null });
  });

  test("and its contradiction are never both kept or both broken", () => {
    const files = [["src/a.ts"], ["src/b.ts"], ["src/a.ts", "src/b.ts"], []];
    for (const own of files) {
      const evidence = { files: own, known: KNOWN, edits: [], heard: true };
      const statuses = [PROMISE, { ...PROMISE, ...OFF }].map(
        (one) => judgeOf(one, evidence).status,
      );
      expect(statuses.toSorted()).toEqual(["broken", "kept"]);
    }
  });
});
