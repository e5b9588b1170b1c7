import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../lib/core/testing.ts";
import { tryMutants } from "./_mutants.ts";
import { mutantsOf, mutated } from "./_mutate.ts";

setDefaultTimeout(120_000);

const CODE = `// Says how old is old enough.
type Age = 18 | 21;
const LEAST: Age = 18;
export function mayEnter(age: number, isGuest: boolean): boolean {
  return age >= LEAST && !isGuest;
}
`;
const WEAK = `import { expect, test } from "bun:test";
import { mayEnter } from "./door.ts";
test("twenty may enter, ten may not, guests never", () => {
  expect(mayEnter(20, false)).toBe(true);
  expect(mayEnter(10, false)).toBe(false);
  expect(mayEnter(20, true)).toBe(false);
});
`;

test("mutants are comparisons, logic, negations, constants and statements; never types or imports", async () => {
  const text = `import { x } from "./1.ts";\nf(1);\nif (a < b || !(c === true)) g();\ntype T = 1 | true;\n`;
  const [found = []] = await mutantsOf([text]);
  expect(found.map((one) => mutated(text, one).split("\n").slice(1, 3).join(" "))).toEqual([
    "; if (a < b || !(c === true)) g();",
    "f((1 + 1)); if (a < b || !(c === true)) g();",
    "f(1); if (a < b && !(c === true)) g();",
    "f(1); if (a <= b || !(c === true)) g();",
    "f(1); if (a < b || (c === true)) g();",
    "f(1); if (a < b || !(c !== true)) g();",
    "f(1); if (a < b || !(c === false)) g();",
    "f(1); if (a < b || !(c === true)) ;",
  ]);
});

/** A project of one file with this test, or none. */
function project(text: string | undefined) {
  const folder = temporaryFolder();
  mkdirSync(join(folder.path, "room"));
  writeFileSync(join(folder.path, "room/door.ts"), CODE);
  if (text !== undefined) writeFileSync(join(folder.path, "room/door.test.ts"), text);
  Bun.spawnSync(["git", "init", "-q"], { cwd: folder.path });
  return folder;
}

async function tried(root: string, signal = new AbortController().signal) {
  const all = [];
  for await (const one of tryMutants({ root, rooms: ["room"], count: 20, seed: 1, signal }))
    all.push(one);
  return all;
}

test("a weak test lets the edge live, kills the rest, and the tree stays as it was", async () => {
  using folder = project(WEAK);
  const all = await tried(folder.path);
  expect(all.map(({ kind, outcome }) => [kind, outcome]).sort()).toEqual([
    ["comparison", "survived"],
    ["constant", "survived"],
    ["logic", "killed"],
    ["negation", "killed"],
  ]);
  expect(all.find(({ kind }) => kind === "comparison")).toMatchObject({
    file: "room/door.ts",
    line: 5,
    diff: "-  return age >= LEAST && !isGuest;\n+  return age > LEAST && !isGuest;",
  });
  expect(readFileSync(join(folder.path, "room/door.ts"), "utf8")).toBe(CODE);
  expect(readdirSync(join(folder.path, "room")).sort()).toEqual(["door.test.ts", "door.ts"]);
});

test.each([
  ["no test", undefined],
  ["a test that fails anyway", WEAK.replace("toBe(true)", "toBe(false)")],
])("with %s nothing is said to be killed", async (_, text) => {
  using folder = project(text);
  expect(new Set((await tried(folder.path)).map(({ outcome }) => outcome))).toEqual(
    new Set(["untested"]),
  );
});

test("an abort ends it, and leaves the tree as it was", async () => {
  using folder = project(WEAK);
  const stop = new AbortController();
  const work = tryMutants({
    root: folder.path,
    rooms: ["room"],
    count: 20,
    seed: 1,
    signal: stop.signal,
  });
  await work.next();
  stop.abort(new Error("enough"));
  await expect(work.next()).rejects.toThrow("enough");
  expect(readFileSync(join(folder.path, "room/door.ts"), "utf8")).toBe(CODE);
});
