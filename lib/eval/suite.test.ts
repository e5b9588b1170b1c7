import { afterAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import type { SuiteOutcome } from "../core/vocabulary.ts";
import type { Backend, Sandbox } from "../sandbox/sandbox.ts";
import {
  demoFile,
  demoTask,
  processesWith,
  SMALL_SETUP,
  taskPlace,
} from "../sandbox/task.fixture.ts";
import { newFile, type Parts, verdictOn } from "./suite.fixture.ts";

const place = taskPlace();
const backend = place.backend();
const small = place.task(`${SMALL_SETUP}
mkdir built .git/hooks -p && echo kept > built/o && echo kept > untracked.txt
for hook in pre-commit commit-msg post-commit post-checkout post-index-change; do
  printf '#!/bin/sh\\ntouch "$HOME/hook-ran"\\nexit 1\\n' > .git/hooks/$hook && chmod +x .git/hooks/$hook
done
`);
afterAll(() => place[Symbol.dispose]());

const on = (parts: Parts) => verdictOn(backend, small, parts);
/** A runner over the small task that runs a script in the repository, with the tests applied. */
const inRepo = (script: string) => `cd "$1" && git apply "$2" && { ${script}; }`;

describe("the demo's suites", () => {
  const gold = (feature: number) => demoFile(`feature${feature}/feature.patch`);
  const CASES: [name: string, diff: Uint8Array, feature: number, expected: object][] = [
    [
      "feature 1 on its gold patch",
      gold(1),
      1,
      { outcome: "passed", exit_code: 0, passed: 4, failed: 0 },
    ],
    ["feature 2 on its gold patch", gold(2), 2, { outcome: "passed", exit_code: 0, failed: 0 }],
    ["feature 2 on feature 1's", gold(1), 2, { outcome: "failed", exit_code: 1 }],
    ["feature 1 on the base", Buffer.alloc(0), 1, { outcome: "failed", exit_code: 1, passed: 0 }],
  ];
  test.each(CASES)("%s", async (_, diff, feature, expected) => {
    const tests_patch = demoFile(`feature${feature}/tests.patch`);
    const verdict = await verdictOn(backend, demoTask(), { diff, tests_patch });
    expect(verdict).toMatchObject(expected);
    expect(verdict.text).toContain("bun test");
  });
});

describe("outcomes", () => {
  const SUMMARY = "echo '== 3 passed, 1 skipped in 0.01s =='";
  const CASES: [name: string, parts: Parts, expected: object][] = [
    ["passed", { runner: SUMMARY }, { outcome: "passed", exit_code: 0, passed: 3, skipped: 1 }],
    [
      "failed: status",
      { runner: `${SUMMARY}; exit 5` },
      { outcome: "failed", exit_code: 5, passed: 3 },
    ],
    [
      "V20: killed before a summary",
      { runner: "kill -KILL $$" },
      { outcome: "tests timed out", exit_code: 137 },
    ],
    [
      "V20: the runner's own timeout",
      { runner: "timeout 0.2 sleep 9" },
      { outcome: "tests timed out", exit_code: 124 },
    ],
    [
      "V20: killed behind the summary",
      { runner: `${SUMMARY}; kill -KILL $$` },
      { outcome: "failed", exit_code: 137 },
    ],
    [
      "V15: exit 0 though the summary tells failures",
      { runner: "echo '== 1 failed, 3 passed in 0.01s =='" },
      { outcome: "passed", passed: 3, failed: 1, marks: ["contradicts its summary"] },
    ],
    [
      "no tests ran",
      { runner: "echo all is well" },
      { outcome: "no tests ran", exit_code: 0, passed: 0 },
    ],
    [
      "no tests ran: result lines without a summary",
      { runner: "echo 'a.py::test_a PASSED'" },
      { outcome: "no tests ran", exit_code: 0 },
    ],
    [
      "the runner's output is kept as bytes",
      { runner: "printf '\\377\\0x'" },
      { output: Buffer.from([0xff, 0, 0x78]) },
    ],
  ];
  test.each(CASES)("%s", async (_, parts, expected) => {
    expect(await on(parts)).toMatchObject(expected);
  });

  test("timed out: the output so far is kept, and no process stays", async () => {
    const odd = `1${Math.floor(Math.random() * 1e9)}.75`;
    const runner = `echo begun; timeout 999 sleep ${odd} & sleep ${odd}`;
    const verdict = await on({ runner, timeout_ms: 300 });
    expect(verdict).toMatchObject({ outcome: "tests timed out", text: "begun\n" });
    expect(await processesWith(odd)).toEqual([]);
  });

  const MEMORY: [runner: string, outcome: SuiteOutcome][] = [
    ["exit 137", "out of memory"],
    [SUMMARY, "passed"],
  ];
  test.each(MEMORY)(
    "with something killed for want of memory: %s is %s",
    async (runner, outcome) => {
      const starved: Backend = {
        ...backend,
        async open(request) {
          const sandbox = await backend.open(request);
          const exec: Sandbox["exec"] = async (...given) => ({
            ...(await sandbox.exec(...given)),
            oom_killed: true,
          });
          return { ...sandbox, exec };
        },
      };
      expect((await verdictOn(starved, small, { runner })).outcome).toBe(outcome);
    },
  );

  const LOST: [name: string, tests_patch: string][] = [
    ["of lines that are not there", "--- a/six.txt\n+++ b/six.txt\n@@ -1 +1 @@\n-absent\n+x\n"],
    ["of a file that is not there", "--- a/gone.txt\n+++ b/gone.txt\n@@ -1 +1 @@\n-x\n+y\n"],
    ["that is no patch", "nonsense\n"],
  ];
  test.each(LOST)("tests patch does not apply: %s", async (_, tests_patch) => {
    const verdict = await on({ tests_patch, runner: "echo '3 passed in 1s'" });
    expect(verdict).toMatchObject({
      outcome: "tests patch does not apply",
      exit_code: null,
      passed: 0,
    });
  });
});

describe("the tree", () => {
  test("is tested as it is: added, changed and deleted files, modes, links, bytes, odd names", async () => {
    const diff = `${newFile("run me.sh", "echo ran", "100755")}${newFile("link", "six.txt", "120000").trimEnd()}
\\ No newline at end of file
${newFile("[a]*ü☃", "odd")}diff --git a/six.txt b/six.txt
--- a/six.txt
+++ b/six.txt
@@ -1,2 +1,2 @@
-one
+ONE
 two
diff --git a/.gitignore b/.gitignore
deleted file mode 100644
--- a/.gitignore
+++ /dev/null
@@ -1,2 +0,0 @@
-*.log
-built/
`;
    const script = "./run*; head -1 link; cat '[a]*ü☃'; ls .gitignore; cat a.test";
    const { text } = await on({ diff: Buffer.from(diff), runner: inRepo(script) });
    expect(text).toContain("ran\nONE\nodd\n");
    expect(text).toContain("cannot access '.gitignore'");
    expect(text).toEndWith("x\n");
  });

  test("survives the runner's own reset, and what setup.sh built is still there", async () => {
    const runner = `cd "$1" && git reset -q --hard && cat new.txt built/o untracked.txt && git status --short`;
    const { text } = await on({ diff: newFile("new.txt", "new"), runner });
    expect(text).toBe("new\nkept\nkept\n?? untracked.txt\n");
  });

  test("that comes out as another one is a fault, and the sandbox is closed", async () => {
    const making = on({ diff: newFile("new.txt", "new"), tree: "1".repeat(40) });
    await expect(making).rejects.toMatchObject({
      code: "sandbox_failed",
      message: expect.stringContaining(`not ${"1".repeat(40)}`),
    });
  });

  test("whose diff does not apply is a fault with git's words", async () => {
    const diff = "--- a/six.txt\n+++ b/six.txt\n@@ -1 +1 @@\n-absent\n+x\n";
    await expect(on({ diff, tree: "1".repeat(40) })).rejects.toMatchObject({
      code: "sandbox_failed",
      message: expect.stringContaining("six.txt"),
    });
  });

  test("is made without the hooks and settings of its repository", async () => {
    const husky = newFile(".husky/pre-commit", "touch $HOME/hook-ran; exit 1", "100755");
    const { text } = await on({ diff: husky, runner: "ls ~/hook-ran; exit 0" });
    expect(text).toContain("cannot access");
  });
});

describe("files that the tests patch touches go back to the base", () => {
  const change = (line: string) =>
    `--- a/six.txt\n+++ b/six.txt\n@@ -1,2 +1,2 @@\n-one\n+${line}\n two\n`;
  const CASES: [name: string, diff: string, tests_patch: string, script: string, text: string][] = [
    ["a changed one", change("mine"), change("theirs"), "head -1 six.txt", "theirs\n"],
    [
      "a deleted one",
      "diff --git a/src/index.ts b/src/index.ts\ndeleted file mode 100644\n--- a/src/index.ts\n+++ /dev/null\n@@ -1 +0,0 @@\n-export {};\n",
      "--- a/src/index.ts\n+++ b/src/index.ts\n@@ -1 +1 @@\n-export {};\n+tests\n",
      "cat src/index.ts",
      "tests\n",
    ],
    [
      "one that both add",
      newFile("a.test", "mine"),
      newFile("a.test", "theirs"),
      "cat a.test",
      "theirs\n",
    ],
    [
      "one with a name like a pattern",
      newFile("a.test", "kept"),
      newFile("[ab].test", "theirs"),
      "cat '[ab].test' a.test",
      "theirs\nkept\n",
    ],
    [
      "one whose name has become a folder",
      newFile("a.test/inner", "mine"),
      newFile("a.test", "theirs"),
      "cat a.test",
      "theirs\n",
    ],
    [
      "and no other file",
      `${change("mine")}${newFile("b.test", "kept")}`,
      newFile("a.test", "theirs"),
      "cat b.test; head -1 six.txt",
      "kept\nmine\n",
    ],
  ];
  test.each(CASES)("%s", async (_, diff, tests_patch, script, text) => {
    const verdict = await on({ diff, tests_patch, runner: inRepo(script) });
    expect(verdict.text).toBe(text);
  });
});

test("a task without run_tests.sh is a fault", async () => {
  await expect(on({})).rejects.toMatchObject({ code: "dataset_missing" });
});

test("an abort stops the suite and throws its reason", async () => {
  using marks = temporaryFolder();
  const odd = `1${Math.floor(Math.random() * 1e9)}.125`;
  const stop = new AbortController();
  const runner = `touch '${marks.path}/begun'; sleep ${odd}`;
  const testing = on({ runner, signal: stop.signal });
  while (!existsSync(join(marks.path, "begun"))) await Bun.sleep(10);
  stop.abort(new Error("interrupted"));
  await expect(testing).rejects.toThrow("interrupted");
  expect(await processesWith(odd)).toEqual([]);
});
