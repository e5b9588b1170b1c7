// Owns the words of patches and good ones of every kind, for fuzzing what reads them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const DEMO = join(import.meta.dir, "../../dataset/demo_task/task1");
const demo = [1, 2, 3, 4, 5].flatMap((id) =>
  ["feature.patch", "tests.patch"].map((name) =>
    readFileSync(join(DEMO, `feature${id}`, name), "latin1"),
  ),
);

const MADE = [
  "diff --git a/f.txt b/f.txt\nindex 111..222 100644\n--- a/f.txt\n+++ b/f.txt\n@@ -1,2 +1,2 @@ def f():\n one\n-two\n+zwei\n",
  "--- a/f.txt\n+++ b/f.txt\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n",
  "--- a/f.txt\t2020-01-01 00:00:00.000000000 +0000\n+++ b/f.txt\t2020-01-01 00:00:01.000000000 +0000\n@@ -1 +1 @@\n-a\n+b\n",
  "--- /dev/null\n+++ b/conftest.py\n@@ -0,0 +1 @@\n+x\n",
  "diff --git a/x y.txt b/z.txt\nsimilarity index 90%\nrename from x y.txt\nrename to z.txt\n--- a/x y.txt\t\n+++ b/z.txt\n@@ -1 +1 @@\n-a\n+b\n",
  "diff --git a/x b/y\nsimilarity index 100%\ncopy from x\ncopy to y\n",
  "diff --git a/run me.sh b/run me.sh\nold mode 100644\nnew mode 100755\n",
  "diff --git a/tests/test_x.py b/tests/test_x.py\nnew file mode 100644\nindex 0000000..111\n",
  "diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+a/b\n\\ No newline at end of file\n",
  'diff --git "a/\\303\\244 \\t\\"x" "b/\\303\\244 \\t\\"x"\n--- "a/\\303\\244 \\t\\"x"\n+++ "b/\\303\\244 \\t\\"x"\n@@ -1 +1 @@\n-a\n+b\n',
  "diff --git a/d.bin b/d.bin\nindex 1111111..2222222 100644\nGIT binary patch\nliteral 5\nMc${NkU|?hb0ssI21ONa4\n\nliteral 0\nHc$@<O00001\n\n",
  "diff --git a/d.bin b/d.bin\nBinary files a/d.bin and b/d.bin differ\n",
  "diff --git a/f b/f\r\n--- a/f\r\n+++ b/f\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n",
  "From 1 Mon\nSubject: x\n\n---\n f | 2 +-\n\ndiff --git a/f b/f\ndeleted file mode 100644\n--- a/f\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n-- \n2.39.5\n",
] as const;

/** Good patches, as byte strings. */
export const PATCHES: readonly string[] = [
  ...demo,
  ...MADE,
  ...MADE,
  `${MADE[0]}${MADE[7]}${MADE[1]}`,
];

const PATHS = [
  "a/f.txt",
  "b/f.txt",
  "conftest.py",
  "a/conftest.py",
  "b/tests/test_x.py",
  "a/../x",
  "b/.git/config",
  "/dev/null",
  "b/d e.py",
  '"b/\\303\\244"',
  '"a/\\056\\056/x"',
  "\t2020-01-01 00:00:00 +0000",
  " 2020-01-01 00:00:00 +0000",
  " 1970-01-01 00:00:00 +0000",
];
const LINES = [
  "diff --git ",
  "diff --git a/f.txt b/f.txt\n",
  "diff --git a/conftest.py b/conftest.py\n",
  "diff --git aa/conftest.py b/conftest.py\n",
  "--- ",
  "+++ ",
  "--- a/f.txt\n+++ b/f.txt\n",
  "--- /dev/null\n+++ b/conftest.py\n",
  "@@ -1 +1 @@\n-a\n+b\n",
  "@@ -0,0 +1 @@\n+x\n",
  "@@ -1,2 +1,3 @@ def f():\n",
  "@@ -999999999,2 +999999999,2 @@\n",
  "old mode 100644\n",
  "new mode 100755\n",
  "new file mode 100644\n",
  "new file mode 120000\n",
  "deleted file mode 100644\n",
  "rename from ",
  "rename to ",
  "copy from ",
  "copy to ",
  "similarity index 100%\n",
  "index 111..222 100644\n",
  "GIT binary patch\n",
  "literal 5\n",
  "delta 12\n",
  "Mc${NkU|?hb0ssI21ONa4\n",
  "Binary files a/x and b/x differ\n",
  "\\ No newline at end of file\n",
  "<<<<<<< ours\n",
  "=======\n",
  "||||||| base\n",
  ">>>>>>> theirs\n",
  " a\n",
  "-a\n",
  "+b\n",
  "-../x\n",
  "+/etc/passwd\n",
  "+../../x\n",
];

/** Lines, halves of lines and paths. */
export const PATCH_WORDS: readonly string[] = [...LINES, ...PATHS, "\n", " ", "a/", "b/", "c"];
