// Owns a made-up task, for tests, whose features' hidden tests are shell scripts that can see a folder outside of the sandbox.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import type { CheckRow } from "../../db/schema.ts";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { indexDataset } from "../dataset/index.ts";
import { localBackend } from "../sandbox/local/local.ts";
import type { Backend } from "../sandbox/sandbox.ts";
import { goldTrees } from "./gold-trees.ts";
import { openTester, type TesterOptions, type TreeUnderTest } from "./results.ts";

export const SHELL_REPO = "shell_task";
const SETUP = `set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
mkdir shell && cd shell && git init -q --template= -b main
echo one >one.txt && git add . && git commit -q -m base
`;
const runner = (outside: string) =>
  `cd "$1" || exit 9\ngit apply "$2" || exit 8\ngit apply "$3" || exit 8\nOUTSIDE='${outside}'\n. ./tests.sh\n`;

/** Writes `shell_task/task1` below a dataset's root; the n-th script is the tests of feature n, whose gold adds `featureN.txt`. */
export function writeShellTask(root: string, scripts: readonly string[], outside: string): void {
  const dir = join(root, SHELL_REPO, "task1");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "setup.sh"), SETUP);
  writeFileSync(join(dir, "run_tests.sh"), runner(outside));
  for (const [index, script] of scripts.entries()) {
    const folder = join(dir, `feature${index + 1}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "feature.md"), `Feature ${index + 1}\n`);
    writeFileSync(join(folder, "feature.patch"), addFile(`feature${index + 1}.txt`, "done"));
    writeFileSync(join(folder, "tests.patch"), addFile("tests.sh", script));
  }
}

/** A diff that adds a file. */
export function addFile(path: string, text: string): string {
  const lines = text.split("\n");
  const added = lines.map((line) => `+${line}\n`).join("");
  return `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${added}`;
}

/** A ledger that knows the task, local sandboxes, and trees to test. */
export async function shellPlace(scripts: readonly string[]) {
  const folder = temporaryFolder("tandem-shell");
  const outside = join(folder.path, "outside");
  mkdirSync(outside);
  const root = join(folder.path, "dataset");
  writeShellTask(root, scripts, outside);
  const cache_dir = join(folder.path, "cache");
  const backend = localBackend({ cache_dir, hidden: [], unsafe_local: true });
  const ledger = openLedger(":memory:");
  indexDataset(ledger, root, "dataset");
  const [row] = ledger.dataset.tasks();
  if (!row) throw new Error("there is no task");
  const { repo, task_id, task_hash, features } = row;
  const task = { repo, task_id, dir: join(root, row.dir), task_hash };
  const { signal } = new AbortController();
  const nothing = { hash: sha256(""), bytes: new Uint8Array() };
  ledger.dataset.keepPatches([nothing]);
  const { tree } = await backend.base(task);
  const gold = await goldTrees(backend, { task, features }, { ledger, git: 1, signal });
  const subject = (feature_id: number, on: "base" | number): TreeUnderTest => {
    const made = gold.find(({ feature }) => feature.feature_id === on);
    const diff = made?.diff ?? nothing.hash;
    return { task, feature_id, tree: made?.tree ?? tree, diff, label: "r/shell" };
  };
  const tester = (options: Partial<TesterOptions> = {}) =>
    openTester({
      ...{ ledger, backend, signal, timeout_ms: 60_000, force: false, suites: 2 },
      ...options,
    });
  /** What the ledger keeps of a check by which a feature is known as flaky. */
  const keepFlaky = async (of: TreeUnderTest, using: Backend = backend) => {
    const { suite_key } = await tester().test(of);
    const row: CheckRow = {
      ...{ repo, task_id, task_hash, suite_key, feature_id: of.feature_id, kind: "gold" },
      ...{ backend: using.name, environment: (await using.environment(task)) ?? "", good: false },
      ...{ flaky: true, unknown: false, cause: null, outcomes: ["passed", "failed"] },
      checked_at: new Date().toISOString(),
    };
    ledger.checks.put([row]);
  };
  return {
    ...{ ledger, backend, outside, subject, tester, keepFlaky, root, task, features },
    stored: () => ledger.scores.suiteTotals().suites,
    [Symbol.dispose]() {
      ledger[Symbol.dispose]();
      folder[Symbol.dispose]();
    },
  };
}
