// Owns suite jobs for tests: a tree made of a base and a diff, and a verdict on it in a real sandbox.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { git, gitText } from "../core/git.ts";
import { temporaryFolder } from "../core/testing.ts";
import type { Backend, TaskFiles } from "../sandbox/sandbox.ts";
import { runSuite, type SuiteJob } from "./suite.ts";

export type Parts = Partial<Omit<SuiteJob, "tests_patch" | "diff">> & {
  readonly diff?: string | Uint8Array;
  readonly tests_patch?: string | Uint8Array;
  /** Text of run_tests.sh; the task's own when absent. */
  readonly runner?: string;
};

/** Runs a suite on the base with a diff; without parts: the base itself, and tests that are one file. */
export async function verdictOn(backend: Backend, task: TaskFiles, parts: Parts = {}) {
  const { runner, tests_patch, ...fields } = parts;
  const diff = Buffer.from(parts.diff ?? "");
  const verdict = await runSuite(runner === undefined ? backend : withRunner(backend, runner), {
    task,
    feature_id: 1,
    tree: parts.tree ?? (await treeOf(backend, task, diff)),
    timeout_ms: 60_000,
    label: "r/pair.feature1",
    signal: new AbortController().signal,
    ...fields,
    diff,
    tests_patch: Buffer.from(tests_patch ?? newFile("a.test", "x")),
  });
  return { ...verdict, text: Buffer.from(verdict.output).toString("utf8") };
}

function withRunner(backend: Backend, text: string): Backend {
  return {
    ...backend,
    runner: () => ({
      hash: "given",
      script: { name: "run_tests.sh", bytes: Buffer.from(text) },
      path: ({ work_path }) => `${work_path}/run_tests.sh`,
      command: ({ repo_path, work_path }, tests, feature) =>
        `bash '${work_path}/run_tests.sh' '${repo_path}' '${tests}' '${feature}'`,
    }),
  };
}

/** The id of the tree that a diff makes of a task's base; nothing is written to the base's repository. */
async function treeOf(backend: Backend, task: TaskFiles, diff: Uint8Array): Promise<string> {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "objects"));
  const { git_dir, tree } = await backend.base(task);
  const env = {
    GIT_INDEX_FILE: join(folder.path, "index"),
    GIT_OBJECT_DIRECTORY: join(folder.path, "objects"),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(git_dir, "objects"),
  };
  await git(["read-tree", tree], { git_dir, env });
  if (diff.length > 0) await git(["apply", "--cached", "-"], { git_dir, env, input: diff });
  return await gitText(["write-tree"], { git_dir, env });
}

/** A diff that adds a file of one line. */
export const newFile = (path: string, line: string, mode = "100644"): string =>
  `diff --git "a/${path}" "b/${path}"\nnew file mode ${mode}\n--- /dev/null\n+++ "b/${path}"\n@@ -0,0 +1 @@\n+${line}\n`;
