import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { changesBy } from "./changes.fixture.ts";
import { takeWork } from "./submission.ts";

const place = taskPlace();
const backend = place.backend();
const task = place.task(SMALL_SETUP);
afterAll(() => place[Symbol.dispose]());

const open = () => backend.open({ task, label: "x", purpose: "agent" });
const never = new AbortController().signal;

/** The work after commands in a fresh sandbox, and what it does to the files of the base. */
async function workOf(script: string) {
  await using sandbox = await open();
  const { exit_code, text } = await run(sandbox, `set -e\n${script}`);
  expect({ exit_code, text }).toMatchObject({ exit_code: 0 });
  const work = await takeWork(sandbox, never);
  return { ...work, files: await changesBy(work.patch, await backend.base(task)) };
}

const HAND_IN = "git add -A && git diff --cached --binary HEAD -- . ':!patch.txt' > patch.txt";

describe("patch.txt", () => {
  const CASES: [name: string, script: string, files: string[]][] = [
    ["as the prompt says", `echo x >> six.txt; ${HAND_IN}`, ["M six.txt"]],
    [
      "twice as the prompt says",
      `echo x >> six.txt; ${HAND_IN}; echo y > y; ${HAND_IN}`,
      ["M six.txt", "A y"],
    ],
    [
      "of less than the work tree holds",
      "echo x > x; git add x; git diff --cached > patch.txt; echo y > y",
      ["A x"],
    ],
    [
      "in a repository whose base is gone",
      `echo x > x; ${HAND_IN}; rm -rf .git; git init -q`,
      ["A x"],
    ],
    [
      "in a repository with hostile settings",
      `git config apply.whitespace error; git config diff.noprefix true; git config core.hooksPath .; echo 'x  ' > x; git add x; git diff --cached --src-prefix=a/ --dst-prefix=b/ > patch.txt`,
      ["A x"],
    ],
  ];
  test.each(CASES)("%s", async (_, script, files) => {
    const work = await workOf(script);
    expect(work).toMatchObject({ patch_source: "patch.txt", files });
  });

  const EXACT: [name: string, latin1: string][] = [
    [
      "that ends in a blank context line",
      "diff --git a/blank.txt b/blank.txt\n--- a/blank.txt\n+++ b/blank.txt\n@@ -1,2 +1,2 @@\n-top\n+TOP\n \n",
    ],
    [
      "with bytes that are no UTF-8, and carriage returns",
      "diff --git a/n b/n\nnew file mode 100644\n--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+caf\xe9\r\n+\n",
    ],
    [
      "without a final newline, with words before it",
      "My work:\n\n--- a/six.txt\n+++ b/six.txt\n@@ -6 +6 @@\n-six\n+6\n\\ No newline at end of file",
    ],
  ];
  test.each(EXACT)("%s is handed in byte for byte", async (_, latin1) => {
    await using sandbox = await open();
    const patch = Buffer.from(latin1, "latin1");
    await sandbox.put(join(sandbox.repo_path, "patch.txt"), patch);
    const work = await takeWork(sandbox, never);
    expect(work.patch_source).toBe("patch.txt");
    expect(Buffer.compare(work.patch, patch)).toBe(0);
  });
});

describe("whatever it holds", () => {
  const BIG = "for n in 1 2 3 4 5; do seq -f 'line %.0f of a long file' 1 40000 > big$n.txt; done";
  const CASES: [name: string, script: string, files: number, least: number][] = [
    ["a binary file", "head -c 3000 /dev/urandom > b.bin", 1, 3000],
    ["five megabytes", BIG, 5, 5_000_000],
    ["five megabytes of binary", "head -c 4500000 /dev/urandom > b.bin", 1, 5_000_000],
    ["a blank context line at its end", "printf 'TOP\\n\\n' > blank.txt", 1, 50],
  ];
  for (const source of ["patch.txt", "work tree"] as const)
    test.each(CASES)(`${source}: %s`, async (_, script, files, least) => {
      const work = await workOf(source === "patch.txt" ? `${script}; ${HAND_IN}` : script);
      expect(work.patch_source).toBe(source);
      expect(work.files).toHaveLength(files);
      expect(work.patch.length).toBeGreaterThan(least);
    });
});

describe("the work tree, where patch.txt is", () => {
  const WORK = "echo new > new.txt";
  const CASES: [name: string, script: string][] = [
    ["missing", WORK],
    ["empty", `${WORK}; : > patch.txt`],
    ["blank", `${WORK}; printf '\\n \\t\\n' > patch.txt`],
    ["no patch", `${WORK}; echo 'I am done.' > patch.txt`],
    [
      "of something else",
      `${WORK}; printf '%s\\n' '--- a/six.txt' '+++ b/six.txt' '@@ -1 +1 @@' -absent +x > patch.txt`,
    ],
    ["cut off", `${WORK}; ${HAND_IN}; head -c -2 patch.txt > p; mv p patch.txt`],
    [
      "holding itself",
      `echo old > patch.txt; ${WORK}; git add -A; git diff --cached HEAD > "$TMPDIR/p"; mv "$TMPDIR/p" patch.txt`,
    ],
    ["a folder", `${WORK}; mkdir patch.txt; echo x > patch.txt/x`],
    ["a pipe", `${WORK}; mkfifo patch.txt`],
    ["a link out of the sandbox", `${WORK}; ln -s /etc/passwd patch.txt`],
  ];
  test.each(CASES)("%s", async (_, script) => {
    expect(await workOf(script)).toMatchObject({ patch_source: "work tree", files: ["A new.txt"] });
  });
});

describe("the work tree's diff", () => {
  const CASES: [name: string, script: string, files: string[]][] = [
    [
      "new, changed and deleted files",
      "echo x > src/new.ts; echo x >> six.txt; rm .gitignore",
      ["D .gitignore", "M six.txt", "A src/new.ts"],
    ],
    ["binary files", "printf '\\000\\377\\001' > b.bin", ["A b.bin"]],
    ["changed modes", "chmod +x six.txt", ["M six.txt"]],
    ["links", "ln -s six.txt link", ["A link"]],
    ["renamed files", "git mv six.txt sechs.txt", ["A sechs.txt", "D six.txt"]],
    [
      "names with spaces, quotes and unicode",
      "mkdir 'a b'; echo x > 'a b/it'\\''s \"ü\" ☃.txt'",
      ['A a b/it\'s "ü" ☃.txt'],
    ],
    [
      "names that look like patterns or options",
      "echo x > '[a]*'; echo x > ':(top)x'; echo x > -n",
      ["A -n", "A :(top)x", "A [a]*"],
    ],
    ["committed work", "echo x > x; git add x; git commit -qm x; echo y > y", ["A x", "A y"]],
    [
      "work on another branch",
      "git checkout -q -b mine; echo x > x; git add x; git commit -qm x",
      ["A x"],
    ],
    [
      "without files the repository ignores",
      "mkdir built; echo x > built/o; echo x > a.log; echo x > x",
      ["A x"],
    ],
    ["without staged but deleted files", "echo x > x; git add x; rm x; echo y > y", ["A y"]],
    ["with a repository inside that has no commit", "git init -q inner; echo x > x", ["A x"]],
    [
      "without a repository inside",
      "git init -q inner; git -C inner -c user.name=a -c user.email=a@b commit -q --allow-empty -m x; echo x > x",
      ["A x"],
    ],
    ["with its own index broken", "echo x > x; echo broken > .git/index", ["A x"]],
    ["with an index that is locked", "echo x > x; touch .git/index.lock", ["A x"]],
    [
      "with hostile settings",
      "echo x > x; git config diff.external false; git config color.ui always; git config diff.noprefix true; git config core.fsmonitor ./absent",
      ["A x"],
    ],
    [
      "in the middle of a conflict",
      "git checkout -q -b o; echo a > six.txt; git commit -qam a; git checkout -q main; echo b > six.txt; git commit -qam b; git merge o || true; echo both > six.txt",
      ["M six.txt"],
    ],
  ];
  test.each(CASES)("%s", async (_, script, files) => {
    expect(await workOf(script)).toMatchObject({ patch_source: "work tree", files });
  });
});

describe("no work", () => {
  const CASES: [name: string, script: string][] = [
    ["nothing was done", "true"],
    ["it was stashed away", "echo x >> six.txt; git stash -q"],
    ["it was undone", "echo x >> six.txt; git checkout -q six.txt"],
    ["only ignored files were made", "echo x > a.log"],
    ["only patch.txt was written", "echo notes > patch.txt"],
    ["the whole repository was removed", 'rm -rf "$PWD"'],
  ];
  test.each(CASES)("%s", async (_, script) => {
    expect(await workOf(script)).toMatchObject({ patch_source: "none", files: [] });
  });
});

test("an abort stops the taking", async () => {
  await using sandbox: Sandbox = await open();
  const signal = AbortSignal.abort(new Error("stopped"));
  await expect(takeWork(sandbox, signal)).rejects.toThrow("stopped");
});
