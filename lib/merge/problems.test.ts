import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { gitTry } from "../core/git.ts";
import { isBlank, parsePatch, patchProblems } from "../patch/parse.ts";
import { bytes, change, head, modify } from "../patch/text.fixture.ts";
import { mergeOne } from "./merge.fixture.ts";

setDefaultTimeout(120_000);

describe("problems", () => {
  const added = (path: string, mode = "100644", line = "x") =>
    `diff --git a/${path} b/${path}\nnew file mode ${mode}\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`;

  /** `git`: what `git apply --numstat` says of it; it reads the form only, not where paths lead. */
  test.each([
    ["a good patch", modify, undefined, "accepts"],
    ["a good patch without its last newline", `${modify}-- `, undefined, "accepts"],
    ["prose", "I changed the file.\n", "no file header", "refuses"],
    ["a hunk cut short", modify.slice(0, -6), "truncated", "refuses"],
    [
      "a hunk whose last blank context line was trimmed",
      `${head("f")}--- a/f\n+++ b/f\n@@ -1,2 +1,2 @@\n-a\n+b\n`,
      "truncated",
      "refuses",
    ],
    ["a wrong count", modify.replace("-1,2 +1,2", "-1,1 +1,2"), "miscounted", "refuses"],
    ["a line without a tag", modify.replace("-two", "two"), "does not fit", "refuses"],
    ["a hunk header in pieces", modify.replace("+1,2 @@ def f():", "+1,2"), "malformed", "refuses"],
    ["a hunk of nothing", `${head("f")}--- a/f\n+++ b/f\n@@ -0,0 +0,0 @@\n`, "empty", "refuses"],
    ["a hunk without a file", `@@ -1 +1 @@\n-a\n+b\n`, "without a file header", "refuses"],
    [
      "a header without a change",
      `${head("f", "index 111..222 100644")}\n`,
      "no change",
      "accepts",
    ],
    [
      "no prefix",
      "diff --git f.txt f.txt\n--- f.txt\n+++ f.txt\n@@ -1 +1 @@\n-a\n+b\n",
      "no file name",
      "refuses",
    ],
    ["a path upwards", added("../x"), "..", "accepts"],
    ["a path upwards inside", added("x/../../y"), "..", "accepts"],
    ["an absolute path", added("/etc/passwd"), "absolute", "accepts"],
    ["a path into .git", added("sub/.GIT/config"), "own files", "accepts"],
    ["a path into .git as Windows spells it", added("git~1/config"), "own files", "accepts"],
    ["a link out of the tree", added("a/link", "120000", "../../x"), "out of the tree", "accepts"],
    ["a link to an absolute path", added("link", "120000", "/etc"), "out of the tree", "accepts"],
    ["a mode that is none", "diff --git a/x b/x\nnew file mode 8\n", "not a mode", "refuses"],
    [
      "a path of two lines",
      '--- /dev/null\n+++ "b/x\\n/../y"\n@@ -0,0 +1 @@\n+x\n',
      '"x\\n/../y"',
      "accepts",
    ],
    ["a byte that only looks like white space", "\xa0", "no file header", "refuses"],
    [
      "a link that is cut to an absolute path",
      "diff --git a/l b/l\nindex 1..2 120000\n--- a/l\n+++ b/l\n@@ -1,2 +1 @@\n-a/b\n /etc\n",
      "out of the tree",
      "accepts",
    ],
    ["a link that stays inside", added("a/link", "120000", "../b/./c"), undefined, "accepts"],
    ["names that only look like .git", added(".github/x.git/.gitignore"), undefined, "accepts"],
  ])("%s", async (_, text, problem, verdict) => {
    const problems = patchProblems(bytes(text));
    if (problem === undefined) expect(problems).toEqual([]);
    else expect(problems.join("\n")).toContain(problem);
    const { exit_code } = await gitTry(["apply", "--numstat", "-"], { cwd: "/", input: text });
    expect(exit_code === 0 ? "accepts" : "refuses").toBe(verdict);
  });

  test("an empty patch has none, and is blank", () => {
    for (const text of ["", "\n", " \t\r\n"]) {
      expect(patchProblems(bytes(text))).toEqual([]);
      expect(isBlank(bytes(text))).toBe(true);
    }
    expect(isBlank(bytes("x"))).toBe(false);
  });

  test("any bytes give a patch: never a throw, never a loop", () => {
    const seeds = [modify, added("x", "120000", "../.."), `${modify}${added('"q\\303"')}`, change];
    const words = [
      "@@ -1 +1 @@",
      "\n",
      "\\ No newline at end of file",
      "diff --git ",
      '"',
      "\0",
      "GIT binary patch\n",
      "literal 9\n",
      "--- ",
      "+++ ",
      "\r",
      "\xff",
    ];
    let state = 7;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    for (let round = 0; round < 3000; round++) {
      let text = seeds[random(seeds.length)] ?? "";
      for (let edit = random(6); edit >= 0; edit--) {
        const [from, to] = [random(text.length), random(20)];
        text = text.slice(0, from) + words[random(words.length)] + text.slice(from + to);
      }
      const patch = parsePatch(bytes(text));
      expect(patch.files.length + patch.problems.length > 0 || isBlank(bytes(text))).toBe(true);
    }
  });

  test.each([
    ["open quotes", `diff --git "${"\\303".repeat(500_000)}\n`.repeat(3)],
    ["hunk headers", "@@ -1 +1 @@\n".repeat(300_000)],
    ["file headers", "diff --git a/x b/x\n".repeat(200_000)],
    ["one file, many times", `${head("f")}--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n`.repeat(20_000)],
    ["carriage returns", `diff --git a/x b/x\n${"\r".repeat(1_000_000)}\n`],
    ["binary heads", "diff --git a/x b/x\nGIT binary patch\nliteral 9\n".repeat(100_000)],
    [
      "a promised billion lines",
      `${head("f")}--- a/f\n+++ b/f\n@@ -999999999,3 +1,999999999 @@\n x\n`,
    ],
  ])("long and hostile: %s", async (_, text) => {
    expect(parsePatch(bytes(text)).problems).toBeArray();
    const outcome = await mergeOne({
      base: { kind: "patches", context: [] },
      patches: [bytes(text)],
    });
    expect(outcome.status).toMatch(/^(?:apply_failed|clean)$/);
  });
});
