// Owns tasks and local sandboxes for tests: the demo task, small tasks made by a script, and backends over them.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { localBackend } from "./local/local.ts";
import type { Backend, ExecOptions, Sandbox, TaskFiles } from "./sandbox.ts";

/** The demo task, as the dataset would name it. */
export function demoTask(): TaskFiles {
  const dir = join(import.meta.dir, "../../dataset/demo_task/task1");
  return { repo: "demo_task", task_id: 1, dir, task_hash: sha256(`demo ${dir}`) };
}

/** The bytes of one of the demo task's files, such as `feature1/feature.patch`. */
export const demoFile = (path: string): Buffer => readFileSync(join(demoTask().dir, path));

/** Two commits: what an agent sees must end at the second, and must not tell of the first. */
export const SMALL_SETUP = `set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
mkdir small && cd small && git init -q --template= -b main
echo 'the past' > past.txt && git add . && git commit -q -m 'the past'
git rm -q past.txt
printf 'one\\ntwo\\nthree\\nfour\\nfive\\nsix\\n' > six.txt
printf 'top\\n\\n' > blank.txt
mkdir src && echo 'export {};' > src/index.ts
printf '*.log\\nbuilt/\\n' > .gitignore
git add . && git commit -q -m 'the base'
`;

/** A folder for tasks, a cache and a backend over it; gone at the end of the `using` scope. */
export function taskPlace() {
  const folder = temporaryFolder("tandem-sandbox");
  const cache_dir = join(folder.path, "cache");
  let made = 0;
  return {
    path: folder.path,
    cache_dir,
    /** A task whose repository `setup` makes; without a script when undefined. */
    task(setup: string | undefined): TaskFiles {
      const dir = join(folder.path, "dataset", `task${++made}`);
      mkdirSync(dir, { recursive: true });
      if (setup !== undefined) writeFileSync(join(dir, "setup.sh"), setup);
      return { repo: "small_task", task_id: made, dir, task_hash: sha256(`${made} ${setup}`) };
    },
    backend: (unsafe_local = true): Backend =>
      localBackend({ cache_dir, hidden: [], unsafe_local }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** Runs a command and gives its exit status and output as text. */
export async function run(sandbox: Sandbox, command: string, options: Partial<ExecOptions> = {}) {
  const { exit_code, output } = await sandbox.exec(command, { timeout_ms: 60_000, ...options });
  return { exit_code, text: Buffer.from(output).toString("utf8") };
}

/** Ids of processes of this machine whose arguments contain the text; waits for dying ones. */
export async function processesWith(text: string): Promise<number[]> {
  let found = runningWith(text);
  for (let patience = 0; patience < 50 && found.length > 0; patience++) {
    await Bun.sleep(10);
    found = runningWith(text);
  }
  return found;
}

/** The same, at this moment. */
export function runningWith(text: string): number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => pid !== process.pid && argumentsOf(pid).includes(text));
}

/** Empty for a process that is gone or only waits to be reaped. */
function argumentsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error) return "";
    throw error;
  }
}
