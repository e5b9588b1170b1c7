import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { buildFolders } from "./build-folders.ts";
import { compare } from "./misplaced.ts";
import { takeWork } from "./submission.ts";

setDefaultTimeout(60_000);

const place = taskPlace();
const never = new AbortController().signal;
const task = place.task(SMALL_SETUP);
const backend = place.backend();
afterAll(() => place[Symbol.dispose]());

async function work(script: string) {
  await using sandbox = await backend.open({ task, label: "x", purpose: "agent" });
  await run(sandbox, script);
  const { patch, ...rest } = await takeWork(sandbox, never);
  return { ...rest, text: Buffer.from(patch).toString() };
}

describe("P2: a patch.txt that is misplaced gives way to the work tree", () => {
  const NEW =
    "mkdir -p src/extra; echo 'export const n = 1;' > src/extra/n1.ts; echo 'src' >> src/index.ts; git add -A";
  const CASES: [name: string, make: string][] = [
    ["written without prefixes", "git diff --cached --no-prefix -- src/extra > patch.txt"],
    ["written relative to a folder", "git diff --cached --relative=src -- src/extra > patch.txt"],
    [
      "with the name of a folder around it in front",
      "git diff --cached --src-prefix=a/repo/ --dst-prefix=b/repo/ -- src/extra > patch.txt",
    ],
    [
      "with absolute names",
      "git diff --cached --src-prefix=$PWD/ --dst-prefix=$PWD/ -- src/extra > patch.txt",
    ],
    [
      "made by diff in the folder itself",
      "(cd src && diff -uN /dev/null extra/n1.ts) | sed 's#^+++ #+++ b/#' > patch.txt",
    ],
  ];
  test.each(CASES)("%s", async (_, make) => {
    const { patch_source, text, taken } = await work(`${NEW}; ${make}`);
    expect(text).toContain("+++ b/src/extra/n1.ts");
    expect(patch_source).toBe("work tree");
    expect(taken?.notes?.join()).toMatch(
      /^patch.txt (is misplaced: it changes \S*n1.ts, the work tree src\/extra\/n1.ts|does not apply)/,
    );
  });
  const KEPT: [name: string, script: string, note: RegExp | undefined][] = [
    ["the same as the work tree", `${NEW}; git diff --cached > patch.txt`, undefined],
    [
      "less than the work tree",
      `${NEW}; git diff --cached -- src/extra > patch.txt`,
      /differ in 1 files/,
    ],
    [
      "older than the work tree",
      `${NEW}; git diff --cached > patch.txt; echo more >> src/extra/n1.ts`,
      /differ in 1 files/,
    ],
    [
      "of a file that was removed later",
      "mkdir e; echo x > e/x; git add -A; git diff --cached > patch.txt; rm -r e; echo y > y",
      /differ in 2 files/,
    ],
  ];
  test.each(KEPT)("but one that is %s stays", async (_, script, note) => {
    const { patch_source, taken } = await work(script);
    expect(patch_source).toBe("patch.txt");
    if (note === undefined) expect(taken).toBeUndefined();
    else expect(taken?.notes?.join()).toMatch(note);
  });
  test("names of other folders are no sign of it", () => {
    const one = (path: string) => [{ path, state: "100644 a" }];
    expect(compare(one("a/x.ts"), one("b/x.ts")).misplaced).toBeUndefined();
    expect(compare(one("extra/x.ts"), one("srcextra/x.ts")).misplaced).toBeUndefined();
    expect(compare(one("x.ts"), one("src/x.ts")).misplaced).toEqual({
      path: "x.ts",
      meant: "src/x.ts",
    });
  });
});

describe("P8: what tools filled stays out of the work tree's difference, and is told", () => {
  test("folders by name and by mark, but what the base has and what people wrote stays", async () => {
    const made = [
      "mkdir -p node_modules/a .venv/lib pkg/__pycache__ target/debug envs/mine build/lib.linux/x dist",
      "echo x | tee node_modules/a/i.js .venv/lib/x.py pkg/__pycache__/a.pyc pkg/a.py target/debug/bin target/CACHEDIR.TAG envs/mine/pyvenv.cfg envs/mine/x build/lib.linux/x/y dist/out.js six.pyc .coverage >/dev/null",
    ];
    const { patch_source, text, taken } = await work(made.join("\n"));
    expect(patch_source).toBe("work tree");
    expect(Array.from(text.matchAll(/^\+\+\+ b\/(.*)$/gm), ([, path]) => path)).toEqual([
      "dist/out.js",
      "pkg/a.py",
    ]);
    expect(
      taken?.left_out?.map(({ path, rule, files }) => `${path} ${rule} ${files}`).sort(),
    ).toEqual([
      ".coverage made by tools 1",
      ".venv/ made by tools 1",
      "build/ says it is made 1",
      "envs/mine/ says it is made 2",
      "node_modules/ made by tools 1",
      "pkg/__pycache__/ made by tools 1",
      "six.pyc made by tools 1",
      "target/ says it is made 2",
    ]);
  });
  test("thousands of such files, beside a patch.txt, are looked at by their names alone", async () => {
    const script =
      "mkdir -p node_modules/a; for n in $(seq 1500); do echo $n > node_modules/a/$n.js; done; echo x > mine.ts";
    const tree = await work(script);
    expect(tree.text).toContain("+++ b/mine.ts");
    expect(tree.text).not.toContain("node_modules");
    expect(tree.taken?.left_out).toEqual([
      { path: "node_modules/", rule: "made by tools", files: 1500 },
    ]);
    const written = await work(`${script}; git add mine.ts; git diff --cached HEAD > patch.txt`);
    expect(written.patch_source).toBe("patch.txt");
    expect(written.taken).toBeUndefined();
  });
  test("thousands of files that are nobody's but the agent's are all taken", async () => {
    const { text, taken } = await work(
      "mkdir data; for n in $(seq 700); do echo $n > data/$n.txt; done; printf x > \"$(printf 'a\\n-99999999999 41ed')\"",
    );
    expect(text.match(/^new file mode/gm)?.length).toBe(701);
    expect(taken).toBeUndefined();
  });
  test("a folder of such a name in which the base has files is somebody's work", async () => {
    const own = place.task(
      `${SMALL_SETUP}mkdir node_modules && echo x > node_modules/ours.js && git add -f . && git commit -qm more`,
    );
    await using sandbox = await backend.open({ task: own, label: "x", purpose: "agent" });
    await run(sandbox, "echo y > node_modules/mine.js; echo z >> node_modules/ours.js");
    const { patch, taken } = await takeWork(sandbox, never);
    expect(Buffer.from(patch).toString()).toContain("+++ b/node_modules/mine.js");
    expect(taken).toBeUndefined();
  });
  test.each([
    ["src/node_modules.ts", false],
    ["venv/x.py", false],
    ["build/x.py", false],
    ["build/lib/x.py", false],
    ["a/b.egg-info/PKG-INFO", true],
    [".egg-info", false],
    ["x/.tox/py/x", true],
    ["targets/CACHEDIR.TAG", true],
    ["CACHEDIR.TAG", false],
  ] as const)("%s: made by tools is %p", (path, is) => {
    expect(buildFolders([path]).length > 0).toBe(is);
  });
});
