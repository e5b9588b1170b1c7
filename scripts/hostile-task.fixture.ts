// Owns a made-up task whose features' tests are scripts that mean harm, for tests: one feature a script.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BASE_IMAGE } from "../lib/sandbox/docker/docker.fixture.ts";

const DOCKERFILE = `FROM ${BASE_IMAGE}
RUN git init -q -b main /workspace/repo && cd /workspace/repo && echo one >one.txt && git add . && git -c user.name=a -c user.email=a@b commit -q -m base
COPY runner.sh /usr/local/bin/runner.sh
`;
/** The script takes the runner's place: its parent is the shell that the harness attached. */
const RUNNER = `cd /workspace/repo && git apply "/patches/$1" && exec bash tests.sh\n`;

/** Writes `hostile_task/task1` below a dataset's root; the n-th script is feature n. */
export function writeHostileTask(root: string, scripts: readonly string[]): void {
  const dir = join(root, "hostile_task/task1");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "Dockerfile"), DOCKERFILE);
  writeFileSync(join(dir, "runner.sh"), RUNNER, { mode: 0o755 });
  for (const [index, script] of scripts.entries()) {
    const folder = join(dir, `feature${index + 1}`);
    mkdirSync(folder);
    writeFileSync(join(folder, "feature.md"), `Feature ${index + 1}\n`);
    writeFileSync(join(folder, "feature.patch"), newFile(`feature${index + 1}.txt`, "done"));
    writeFileSync(join(folder, "tests.patch"), newFile("tests.sh", script));
  }
}

/** A diff that adds a file. */
export function newFile(path: string, text: string): string {
  const lines = text.split("\n");
  const added = lines.map((line) => `+${line}\n`).join("");
  return `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${added}`;
}
