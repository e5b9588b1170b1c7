// Owns a small task with an image of its own, and backends over the real engine, for tests; all gone at the end.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../core/testing.ts";
import type { ExecOptions, OpenOptions, Sandbox, TaskFiles } from "../sandbox.ts";
import {
  DOCKER_DEFAULTS,
  type DockerBackend,
  type DockerOptions,
  dockerBackend,
} from "./docker.ts";

/** A small Debian-like image with git, bash and procps; `.ci/test-image` makes the default one. */
export const BASE_IMAGE = process.env.TANDEM_TEST_IMAGE ?? "tandem-test:base";

const LIFETIME_MS = 600_000;

/** Two commits and a branch beyond them, what a build left (ignored and not), a hook, a staged-clean index. */
const SETUP = `set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
mkdir -p /workspace/repo && cd /workspace/repo && git init -q -b trunk
echo 'the past' > past.txt && git add . && git commit -q -m 'the past'
git rm -q past.txt
printf 'one\\ntwo\\nthree\\n' > three.txt
printf '*.log\\nbuilt/\\n' > .gitignore
mkdir src && echo 'export {};' > src/index.ts && echo '#!/bin/sh' > run.sh && chmod +x run.sh
git add . && git commit -q -m 'the base'
git tag v1 && git checkout -q -b future
echo 'the answer' > answer.txt && git add . && git commit -q -m 'the future'
git stash list && echo wip >> three.txt && git stash -q
git checkout -q --detach trunk
git remote add origin https://example.invalid/small.git
git config core.hooksPath .hooks && mkdir .hooks && printf '#!/bin/sh\\ntouch /tmp/hook-ran\\n' > .hooks/pre-commit
chmod +x .hooks/pre-commit && echo .hooks >> .git/info/exclude
mkdir built env && echo lib > built/lib.so && echo x > env/lib.so && echo x > '#[a] !b*' && echo noise > build.log
`;
const RUNNER = `#!/bin/bash
cd /workspace/repo && git apply "/patches/$1" && cat tests.txt
`;

export type DockerPlace = AsyncDisposable & {
  readonly path: string;
  readonly cache_dir: string;
  readonly task: TaskFiles;
  /** Name of the task's image. */
  readonly image: string;
  /** Those of its backends, where nothing else is said. */
  readonly options: DockerOptions;
  backend(options?: Partial<DockerOptions>): DockerBackend;
};

/** A task whose image a backend with `build` makes at its first use; names are this process's own. */
export function dockerPlace(): DockerPlace {
  const folder = temporaryFolder("tandem-docker");
  const dir = join(folder.path, "task");
  const cache_dir = join(folder.path, "cache");
  const registry = `tandem-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const image = `${registry}/cooperbench-small:task1`;
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "setup.sh"), SETUP);
  writeFileSync(join(dir, "runner.sh"), RUNNER, { mode: 0o755 });
  writeFileSync(
    join(dir, "Dockerfile"),
    `FROM ${BASE_IMAGE}\nCOPY runner.sh /usr/local/bin/runner.sh\nCOPY setup.sh /tmp/setup.sh\nRUN bash /tmp/setup.sh && rm /tmp/setup.sh\nENTRYPOINT ["/usr/local/bin/runner.sh"]\n`,
  );
  const own: DockerOptions = {
    ...DOCKER_DEFAULTS,
    cache_dir,
    registry,
    build: true,
    network: "none",
    max_lifetime_ms: LIFETIME_MS,
  };
  return {
    path: folder.path,
    options: own,
    cache_dir,
    image,
    task: { repo: "small_task", task_id: 1, dir, task_hash: "small" },
    backend: (options = {}) =>
      dockerBackend({
        ...own,
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await docker("rmi", "-f", image);
      folder[Symbol.dispose]();
    },
  };
}

/** A sandbox of the place's task. */
export const openRequest = (
  place: DockerPlace,
  purpose: OpenOptions["purpose"] = "suite",
  label = "a-run/small_task/task1/features_1_2.agent1",
): OpenOptions => ({ task: place.task, label, purpose });

/** Runs a command and gives its exit status and output as text. */
export async function run(sandbox: Sandbox, command: string, options: Partial<ExecOptions> = {}) {
  const { output, ...rest } = await sandbox.exec(command, { timeout_ms: 60_000, ...options });
  return { ...rest, text: Buffer.from(output).toString("latin1") };
}

/** The docker client's standard output; empty when it fails, or there is none. */
export async function docker(...args: readonly string[]): Promise<string> {
  if (Bun.which("docker") === null) return "";
  const child = Bun.spawn(["docker", ...args], { stdout: "pipe", stderr: "ignore" });
  const [text] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  return text.trim();
}

/** What runs in a container, as the engine tells: one `comm args` line a process, without those that keep it up. */
export async function processesIn(containerId: string): Promise<string[]> {
  let lines: string[] = [];
  for (let patience = 0; patience < 30; patience++) {
    const [header, ...all] = (await docker("top", containerId, "-eo", "pid,args")).split("\n");
    if (!header?.includes("PID")) throw new Error(`the engine does not list ${containerId}`);
    lines = all
      .map((line) => line.trim().replace(/^\d+\s+/, ""))
      .filter((args) => !RESIDENT.test(args));
    if (lines.length === 0) break;
    await Bun.sleep(100);
  }
  return lines;
}
/** Init, the waiting shell, its sleep (of {@link LIFETIME_MS} at most, so none of a test's longer ones), the attached bash. */
const RESIDENT = /^(\/\S*(docker-init|tini|catatonit) |bash -p -c exec 3|sleep \d{1,3}$|bash -p$)/;
