import { afterAll, describe, expect, test } from "bun:test";
import { SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { newFile, verdictOn } from "./suite.fixture.ts";

const place = taskPlace();
const backend = place.backend();
const small = place.task(SMALL_SETUP);
afterAll(() => place[Symbol.dispose]());

/** A suite whose tests patch adds files; the runner is called in the repository with all of them. */
async function suite(files: Record<string, string>, runner: string) {
  const tests_patch = Object.entries(files)
    .map(([path, text]) => newText(path, text))
    .join("");
  const script = `cd "$1" && git apply "$2" && { ${runner}\n}`;
  return await verdictOn(backend, small, { tests_patch, runner: script });
}

function newText(path: string, text: string): string {
  const lines = text.split("\n");
  const head = newFile(path, "").replace(/@@.*$/s, "");
  return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}`;
}

const has = (...command: string[]): boolean =>
  Bun.which(command[0] ?? "") !== null &&
  Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" }).success;
const pytest = has("python3", "-m", "pytest", "--version");
const go = has("go", "version");
if (!pytest) process.stderr.write("skipped: pytest's own word: no python3 with pytest\n");
if (!go) process.stderr.write("skipped: Go's own word: no go on the PATH\n");

const GOOD = "def test_good():\n    pass";
const DIES = "import os\ndef test_dies():\n    os._exit(0)";
const ENDS =
  "import pytest\ndef test_a():\n    pass\ndef test_b():\n    pytest.exit('x', returncode=0)";
const QUIET = "python3 -m pytest -p no:cacheprovider -q";

describe.skipIf(!pytest)("pytest", () => {
  const CASES: [name: string, files: Record<string, string>, runner: string, expected: object][] = [
    [
      "one session",
      { "test_a.py": GOOD },
      `${QUIET} test_a.py`,
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "V2: the second session of a loop is left",
      { "test_a.py": GOOD, "test_b.py": DIES },
      `for file in test_a.py test_b.py; do python3 -m pytest "$file"; done`,
      { outcome: "failed", exit_code: 0, marks: ["unfinished session"] },
    ],
    [
      "V2: a quiet one in the middle, whose output shows nothing",
      { "test_a.py": GOOD, "test_b.py": DIES },
      `${QUIET} test_a.py; ${QUIET} test_b.py; ${QUIET} test_a.py`,
      { outcome: "failed", exit_code: 0, marks: ["unfinished session"] },
    ],
    [
      "V4: it is killed, and the runner goes on",
      { "test_a.py": GOOD, "test_b.py": DIES.replace("os._exit(0)", "os.abort()") },
      `${QUIET} test_a.py; ${QUIET} test_b.py || true; echo done`,
      { outcome: "failed", exit_code: 0, marks: ["unfinished session"] },
    ],
    [
      "V2: a test ends its session by pytest's own word, with 0",
      { "test_a.py": ENDS, "test_b.py": GOOD },
      `${QUIET} test_a.py; ${QUIET} test_b.py`,
      { outcome: "failed", exit_code: 0, marks: ["unfinished session"] },
    ],
    [
      "V4: a module that exits as it is read, tolerated in the middle",
      { "test_a.py": GOOD, "test_b.py": "import sys\nsys.exit(0)" },
      `${QUIET} test_b.py || true; ${QUIET} test_a.py`,
      { outcome: "failed", exit_code: 0, marks: ["unfinished session"] },
    ],
    [
      "V2: a session within a session that was left is not its own",
      {
        "test_a.py":
          "import pytest\ndef test_good(tmp_path):\n    (tmp_path / 'test_x.py').write_text('import pytest\\ndef test_x():\\n    pytest.exit(\"x\", 0)')\n    assert pytest.main([str(tmp_path / 'test_x.py')]) == 0",
      },
      `${QUIET} test_a.py`,
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "V9: the terminal becomes wider",
      { "test_w.py": `import os\nos.environ["COLUMNS"] = "100"\n${GOOD}` },
      "python3 -m pytest test_w.py",
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "V11: a header that a passing test printed, at the end too",
      { "test_a.py": 'def test_good():\n    print("=" * 29 + " test session starts " + "=" * 30)' },
      "python3 -m pytest -rA test_a.py; echo '===== test session starts ====='",
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "sessions within a session are not its own",
      {
        "test_a.py":
          "import os, subprocess, sys, pytest\ndef test_good(tmp_path):\n    (tmp_path / 'test_x.py').write_text('import os\\ndef test_x():\\n    os._exit(0)')\n    subprocess.run([sys.executable, '-m', 'pytest', str(tmp_path)], check=True)\n    (tmp_path / 'test_y.py').write_text('def test_y(): pass')\n    assert pytest.main([str(tmp_path / 'test_y.py')]) == 0\n    if os.fork() == 0:\n        sys.exit(0)\n    os.wait()",
      },
      `${QUIET} test_a.py`,
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "a usage error, a collection that finds nothing, a version",
      { "test_a.py": GOOD },
      `${QUIET} nope.py; ${QUIET} -k nope test_a.py; python3 -m pytest --version; ${QUIET} test_a.py`,
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "the image's own options stay",
      { "test_a.py": GOOD, "test_b.py": DIES },
      `[[ $PYTEST_ADDOPTS == *-p* ]] && ${QUIET} test_a.py`,
      { outcome: "passed", marks: [] },
    ],
    [
      "a suite that the plugin breaks is run without it, which is said",
      { "test_a.py": GOOD },
      "PYTHONPATH= python3 -m pytest -p no:cacheprovider test_a.py",
      { outcome: "passed", passed: 1, marks: ["sessions unproven"] },
    ],
    [
      "a runner that forgets the options is believed by its output",
      { "test_a.py": GOOD },
      "env -u PYTEST_ADDOPTS python3 -m pytest -p no:cacheprovider test_a.py",
      { outcome: "passed", passed: 1, marks: ["sessions unproven"] },
    ],
    [
      "warnings are errors",
      { "test_a.py": GOOD },
      `python3 -W error -m pytest -W error -p no:cacheprovider test_a.py`,
      { outcome: "passed", passed: 1, marks: [] },
    ],
    [
      "nothing of it is in the repository",
      { "test_a.py": GOOD },
      `${QUIET} test_a.py && [ "$(git status --short | grep -v __pycache__)" = "?? test_a.py" ]`,
      { outcome: "passed", marks: [] },
    ],
  ];
  test.each(CASES)(
    "%s",
    async (_, files, runner, expected) => {
      const { output: _bytes, ...found } = await suite(files, runner);
      expect(found).toMatchObject(expected);
    },
    60_000,
  );
});

/** A cache that lasts: every sandbox has a home of its own, and an empty one costs a minute. */
const cache = go ? Bun.spawnSync(["go", "env", "GOCACHE"]).stdout.toString().trim() : "";
const MODULE = { "go.mod": "module ex.com/m\n\ngo 1.18", "m.go": "package m" };
const tests = (body: string, imports = '"testing"') => `package m\nimport (${imports})\n${body}`;
const OK = tests("func TestA(t *testing.T) {}");
const LEAVES = 'package m\nimport "os"\nfunc init() { os.Exit(0) }';

describe.skipIf(!go)("go", () => {
  const CASES: [name: string, files: Record<string, string>, runner: string, expected: object][] = [
    ["tests are counted", { "m_test.go": OK }, "go test ./...", { outcome: "passed", passed: 1 }],
    [
      "V5: a source file leaves before the tests",
      { "m_test.go": OK, "m.go": LEAVES },
      "go test ./...",
      { outcome: "no tests ran", exit_code: 0, passed: 0 },
    ],
    [
      "V6: all skipped",
      { "m_test.go": tests('func TestSkip(t *testing.T) { t.Skip("x") }') },
      "go test -run TestSkip ./...",
      { outcome: "no tests ran", passed: 0, skipped: 1 },
    ],
    [
      "V13: a passing test prints go's words",
      {
        "m_test.go": tests(
          'func TestA(t *testing.T) { fmt.Println("=== RUN   TestInner"); fmt.Println("FAIL"); fmt.Println("FAIL\\tex.com/m\\t0.01s"); t.Log("=== RUN   TestLogged") }',
          '"fmt"; "testing"',
        ),
      },
      "go test ./...",
      { outcome: "passed", passed: 1, failed: 0, marks: [] },
    ],
    [
      "the image's flags stay: in its environment",
      {
        "m_test.go": OK,
        "tagged_test.go": `//go:build extra\n\n${tests("func TestB(t *testing.T) {}")}`,
      },
      `[[ $GOFLAGS == *-v ]] && go test -tags extra ./...`,
      { outcome: "passed", passed: 2 },
    ],
    [
      "a runner with flags of its own was not made to name its tests",
      { "m_test.go": OK },
      "GOFLAGS=-count=1 go test ./...",
      { outcome: "passed", passed: 1 },
    ],
  ];
  test.each(CASES)(
    "%s",
    async (_, files, runner, expected) => {
      const cached = `export GOCACHE='${cache}'; ${runner}`;
      const { output: _bytes, ...found } = await suite({ ...MODULE, ...files }, cached);
      expect(found).toMatchObject(expected);
    },
    120_000,
  );
});
