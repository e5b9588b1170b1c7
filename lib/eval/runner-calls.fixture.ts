// Owns what a runner does when it is called: in CooperBench's way, and in ours, with stand-ins for the tools it starts.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { imageRunner } from "../sandbox/docker/image-runner.ts";
import type { Backend, Runner, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { newFile, verdictOn } from "./suite.fixture.ts";

const TOOLS = [
  "python",
  "python3",
  "pip",
  "uv",
  "go",
  "cargo",
  "node",
  "npm",
  "npx",
  "pnpm",
  "jest",
];
/** Says how it was called, and on what: all files but the one that stands for the feature. */
const STAND_IN = `#!/bin/bash
printf 'CALL %s' "\${0##*/}"; printf ' <%s>' "$@"; echo
echo "IN \${PWD##*/}: $(git ls-files -co | grep -vxE '\\.tandem[-0-9a-f]*|feature\\.txt' | tr '\\n' ' ')"
echo '== 1 passed in 0.01s =='
`;
const FEATURE = newFile("feature.txt", "done");

export type Calls = { readonly calls: readonly string[]; readonly exit_code: number | null };
export type Called = {
  readonly backend: Backend;
  readonly task: TaskFiles;
  /** A runner as an image has it: names of files under /patches, the repository at /workspace/repo. */
  readonly script: string;
  readonly tests_patch: string;
};

/** Writes the stand-ins into a folder. */
export function putStandIns(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const tool of TOOLS) writeFileSync(join(folder, tool), STAND_IN, { mode: 0o755 });
}

/** The tree with the feature is committed, and the suite is run as an evaluation runs it. */
export async function callsOfOurs(called: Called, standIns: string): Promise<Calls> {
  const { backend, task, script, tests_patch } = called;
  const wrapped = { ...backend, runner: () => runnerOf(script, standIns) };
  const { text, exit_code } = await verdictOn(wrapped, task, { diff: FEATURE, tests_patch });
  return { calls: linesOf(text), exit_code };
}

/** The repository at its base, the runner with the tests patch and the feature's patch. */
export async function callsOfCooperBench(called: Called, standIns: string): Promise<Calls> {
  const { backend, task, script, tests_patch } = called;
  await using sandbox = await backend.open({ task, label: "r/calls", purpose: "suite" });
  const at = (name: string) => join(sandbox.work_path, name);
  await sandbox.putAll([
    { path: at("runner.sh"), bytes: movable(script) },
    { path: at("tests.patch"), bytes: Buffer.from(tests_patch) },
    { path: at("feature.patch"), bytes: Buffer.from(FEATURE) },
  ]);
  const run = `${surroundings(sandbox, standIns)}
bash '${at("runner.sh")}' tests.patch feature.patch`;
  const command = `cd '${sandbox.repo_path}'; git checkout -q --force HEAD; git clean -fdxq; ${run}`;
  const { output, exit_code } = await sandbox.exec(command, { timeout_ms: 60_000 });
  return { calls: linesOf(Buffer.from(output).toString("utf8")), exit_code };
}

function runnerOf(script: string, standIns: string): Runner {
  return {
    hash: "calls",
    script: { name: "runner.sh", bytes: movable(script) },
    path: ({ work_path }) => join(work_path, "runner.sh"),
    command(sandbox, ...paths) {
      const call = imageRunner().command(sandbox, ...paths);
      const here = call.replace("/usr/local/bin", sandbox.work_path);
      return `${surroundings(sandbox, standIns)}\n${here}`;
    },
  };
}

/** The runner with variables in the place of the paths that an image has. */
function movable(script: string): Buffer {
  const moved = script
    .replaceAll("/workspace/repo", "$REPO_HERE")
    .replaceAll("/patches", "$PATCHES_HERE")
    .replaceAll("/tmp/", "$PATCHES_HERE/");
  return Buffer.from(moved);
}

const surroundings = ({ repo_path, work_path }: Sandbox, standIns: string): string =>
  `export REPO_HERE='${repo_path}' PATCHES_HERE='${work_path}' PATH='${standIns}':"$PATH"`;

const linesOf = (text: string): string[] =>
  text.split("\n").filter((line) => /^(?:CALL|IN|SEEN) /.test(line));
