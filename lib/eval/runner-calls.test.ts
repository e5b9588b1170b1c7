import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { testData } from "../core/testing.ts";
import { parsePatch } from "../patch/parse.ts";
import { pathBytes } from "../patch/quote.ts";
import { SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { callsOfCooperBench, callsOfOurs, putStandIns } from "./runner-calls.fixture.ts";
import { newFile } from "./suite.fixture.ts";

const place = taskPlace();
const backend = place.backend();
const task = place.task(SMALL_SETUP);
const standIns = join(place.path, "tools");
putStandIns(standIns);
afterAll(() => place[Symbol.dispose]());

async function bothWays(script: string, tests_patch: string) {
  const called = { backend, task, script, tests_patch };
  const theirs = await callsOfCooperBench(called, standIns);
  return { ours: await callsOfOurs(called, standIns), theirs };
}

const CLEAN = "set -e; cd /workspace/repo; git reset -q --hard; git clean -fdxq";
const TESTS = `git apply "/patches/$1"`;
const FEATURE = `git apply "/patches/$2"`;
const SECOND = "python -m pytest tests/second.py -v";
const RUNNERS: [name: string, script: string][] = [
  [
    "a second argument that is not empty",
    `${CLEAN}; ${TESTS}; if [ -n "$2" ]; then ${FEATURE}; ${SECOND}; fi; go test ./...`,
  ],
  [
    "the number of arguments",
    `${CLEAN}; if [ $# -eq 2 ]; then ${FEATURE}; ${TESTS}; ${SECOND}; else ${TESTS}; pip; fi`,
  ],
  [
    "a default for an argument that is not there",
    `set -u; ${CLEAN}; feature="\${2:-}"; [[ -z "$feature" ]] || git apply --index "/patches/$feature"; ${TESTS}; cargo test \${feature:+--all}`,
  ],
  [
    "several flags, the feature first",
    `${CLEAN}; git apply --ignore-whitespace --ignore-space-change "/patches/$2" || git apply --3way "/patches/$2"; ${TESTS}; pnpm test`,
  ],
  [
    "three-way, the tests first",
    `${CLEAN}; git apply --3way "/patches/$1"; git apply --3way "/patches/$2"; npx jest`,
  ],
  [
    "a check before, numbers after",
    `${CLEAN}; git apply --check -v "/patches/$2"; git apply --whitespace=error-all --recount "/patches/$2"; [ "$(git apply --numstat "/patches/$2" | wc -l)" = 1 ]; ${TESTS}; ${SECOND}`,
  ],
  ["patch", `${CLEAN}; patch -p1 <"/patches/$2"; patch -p1 <"/patches/$1"; ${SECOND}`],
  [
    "a commit",
    `${CLEAN}; ${FEATURE}; git add -A; git -c user.name=a -c user.email=a@b commit -qm a; ${TESTS}; ${SECOND}`,
  ],
  [
    "the size of the patch",
    `${CLEAN}; [ -s "/patches/$2" ] && ${FEATURE} && ${SECOND}; ${TESTS}; go vet`,
  ],
  [
    "the folder it is called in",
    `set -e; [ "$PWD" = /workspace/repo ] && ${SECOND}; cd /workspace/repo; ${FEATURE}; ${TESTS}; go test`,
  ],
  [
    "the names it is called with",
    `${CLEAN}; echo "SEEN $# $1 $2"; for patch in /patches/*.patch; do echo "SEEN \${patch##*/}"; git apply "$patch"; done; go test`,
  ],
];

describe("V24: a runner's calls are CooperBench's when it goes by", () => {
  test.each(RUNNERS)("%s", async (_, script) => {
    const { ours, theirs } = await bothWays(script, newFile("tests/second.py", "pass"));
    expect(ours).toEqual(theirs);
    expect(theirs.exit_code).toBe(0);
    expect(theirs.calls.length).toBeGreaterThan(1);
  });
});

describe("V24: the file that stands for a feature has a name of its own", () => {
  const runner = `${CLEAN}; ${FEATURE}; ${TESTS}; echo "SEEN $(git ls-files -co | grep tandem | tr '\\n' ' ')"`;
  const seen = async (tests: string, setup = SMALL_SETUP) => {
    const called = { backend, task: place.task(setup), script: runner, tests_patch: tests };
    return await callsOfOurs(called, standIns);
  };
  test("beside a file, a folder or a dangling link of the tree", async () => {
    for (const made of [
      "echo > .tandem",
      "mkdir .tandem; echo > .tandem/x",
      "ln -s none .tandem",
    ]) {
      const { calls, exit_code } = await seen(
        newFile("a.test", "x"),
        `${SMALL_SETUP}${made}; git add .; git commit -qm c\n`,
      );
      expect({ calls, exit_code }).toEqual({
        calls: [expect.stringMatching(/^SEEN (?=.*\.tandem- )(?=.*\.tandem(?:\/x)? )/)],
        exit_code: 0,
      });
    }
  });
  test("beside files that the tests patch adds", async () => {
    for (const path of [".tandem", ".tandem/x", ".tandem-"]) {
      const { calls, exit_code } = await seen(newFile(path, "x"));
      expect(exit_code).toBe(0);
      expect(calls[0]?.split(" ").sort()).toContain(path);
    }
  });
});

const runners = process.env.TANDEM_TEST_RUNNERS ?? testData?.dataset;
const real = runners === undefined ? [] : tasksWithRunners(runners);
if (real.length === 0)
  process.stderr.write(
    "skipped: the dataset's own runners: TANDEM_TEST_RUNNERS does not name a folder with <repo>_task/task<id>/runner.sh\n",
  );

describe.skipIf(real.length === 0)("V24: the dataset's own runners", () => {
  test.each(real)(
    "%s",
    async (dir) => {
      const script = readFileSync(join(dir, "runner.sh"), "utf8");
      const patches = new Set(testsPatches(dir).map(addedOnly));
      expect(patches.size).toBeGreaterThan(0);
      for (const patch of patches) {
        const { ours, theirs } = await bothWays(script, patch);
        expect(ours).toEqual(theirs);
        expect(theirs.exit_code).toBe(0);
        expect(theirs.calls.length).toBeGreaterThan(1);
      }
    },
    120_000,
  );
});

function tasksWithRunners(root: string): string[] {
  return [...new Bun.Glob("*_task/task*/runner.sh").scanSync({ cwd: root })]
    .map((path) => join(root, path, ".."))
    .sort();
}

function testsPatches(dir: string): Buffer[] {
  const features = readdirSync(dir).filter((name) => /^feature\d+$/.test(name));
  const paths = features.map((name) => join(dir, name, "tests.patch"));
  return paths.filter((path) => existsSync(path)).map((path) => readFileSync(path));
}

/** A patch that adds the files which the tests patch touches, so that it applies without the repository. */
function addedOnly(patch: Buffer): string {
  const { files } = parsePatch(patch);
  const names = [...patch.toString("latin1").matchAll(/^\+.*?(func Test\w+)/gm)].map(
    ([, it]) => it,
  );
  const paths = files.map(({ new_path }) => new_path).filter((path) => path !== undefined);
  return paths
    .map((path) =>
      newFile(Buffer.from(pathBytes(path), "latin1").toString("utf8"), `// ${names.join(" ")}`),
    )
    .join("");
}
