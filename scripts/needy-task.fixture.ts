// Owns a made-up task, for tests, whose suites fetch what they need before they run: a `go` that pretends does it.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** With a network it "downloads"; it builds into a cache, as the real one does. */
const GO = `#!/bin/bash
mods=\${GOMODCACHE:-/root/go/pkg/mod} built=/root/.cache/go-build
online() { [ "$(wc -l </proc/net/route)" -gt 1 ]; }
case $1 in
  env) echo "$mods" ;;
  clean) rm -f "$built/tests" ;;
  get) [ -e "$mods/$2" ] || { online && mkdir -p "$mods" && touch "$mods/$2"; } || { echo "no network for $2"; exit 1; } ;;
  build) mkdir -p "$built" && cp src/* "$built/" && touch "$built/tests" ;;
  online) online ;;
esac
`;

/** Cleans before and after, as the dataset's runners do; the last line is read as a test runner's summary. */
const RUNNER = `#!/bin/bash
cd /workspace/repo || exit 9
trap 'git reset -q --hard; git clean -fdxq' EXIT
git reset -q --hard && git clean -fdxq
git apply "/patches/$1" || exit 8
while read -r need; do go get "$need" || exit 7; done <needs.txt
go build && echo junk >/tmp/junk
for test in tests/*.sh; do [ ! -e "$test" ] || bash "$test" || { echo '== 1 failed in 0.01s =='; exit 1; }; done
echo '== 1 passed in 0.01s =='
`;

const SETUP = `set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
mkdir -p /workspace/repo/src && cd /workspace/repo && git init -q -b main
echo plain >needs.txt; echo base >src/base.txt; echo built/ >.gitignore
git add . && git commit -q -m base && git checkout -q --detach
mkdir built && echo lib >built/lib.so && echo loose >untracked.txt
`;

const newFile = (path: string, line: string) =>
  `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1 @@\n+${line}\n`;
const NEEDS_EXTRA = `diff --git a/needs.txt b/needs.txt
--- a/needs.txt
+++ b/needs.txt
@@ -1 +1,2 @@
 plain
+extra
`;

/** Words that stand only in gold patches, and only in tests patches. */
export const MARKS = { gold: "needy-gold-answer", tests: "needy-hidden-tests" } as const;

/** Feature 2's gold needs one download more; feature 3's tests need a network themselves. */
const FEATURES: readonly { readonly gold: string; readonly test: string }[] = [
  { gold: "", test: "" },
  { gold: NEEDS_EXTRA, test: "" },
  { gold: "", test: " && go online" },
];

/** Writes the task as `needy_task/task1` into a dataset's folder; its image is built from its Dockerfile. */
export function writeNeedyTask(root: string, baseImage: string): void {
  const put = (path: string, text: string) => {
    const target = join(root, "needy_task/task1", path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  };
  put("go", GO);
  put("runner.sh", RUNNER);
  put("setup.sh", SETUP);
  put("run_tests.sh", RUNNER);
  put(
    "Dockerfile",
    `FROM ${baseImage}\nCOPY runner.sh go /usr/local/bin/\nCOPY setup.sh /root/\nRUN chmod 755 /usr/local/bin/* && bash /root/setup.sh && rm /root/setup.sh\nWORKDIR /workspace/repo\nENV SET_BY=image\nENTRYPOINT ["/usr/local/bin/runner.sh"]\n`,
  );
  FEATURES.forEach(({ gold, test }, index) => {
    const id = index + 1;
    put(`feature${id}/feature.md`, `Feature ${id}\n`);
    put(`feature${id}/feature.patch`, newFile(`src/part${id}.txt`, `the ${MARKS.gold}`) + gold);
    const line = `grep -q the src/part${id}.txt${test} # the ${MARKS.tests}`;
    put(`feature${id}/tests.patch`, newFile(`tests/part${id}.sh`, line));
  });
}
