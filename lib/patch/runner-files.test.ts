import { describe, expect, test } from "bun:test";
import { added, changed, clean } from "./left-out.fixture.ts";

describe("V7: an added file that is a runner's alone stays out, and is told", () => {
  const OUT: [path: string, ...lines: string[]][] = [
    ["pytest.py", "print('1 passed')", "raise SystemExit(0)"],
    ["src/pytest.py", "x = 1"],
    ["pytest/__init__.py", "x = 1"],
    ["_pytest/__init__.py", "x = 1"],
    ["pytest_asyncio.py", "x = 1"],
    ["unittest/__init__.py", "x = 1"],
    ["sitecustomize.py", "x = 1"],
    ["sitecustomize/__init__.py", "x = 1"],
    ["usercustomize.pyc", "x"],
    ["pytest.pyc", "x"],
    ["pytest.cpython-311-x86_64-linux-gnu.so", "x"],
    ["_pytest/__init__.pyc", "x"],
    ["pytest", "src/mine"],
    ["src/_pytest", "mine"],
    ["coverage.py", "x = 1"],
    ["mine.dist-info/entry_points.txt", "[pytest11]", "mine = mine"],
    ["src/mine.egg-info/entry_points.txt", "[pytest11]", "mine = mine"],
    [".cargo", "mine"],
    ["jest-preset.json", "{}"],
    ["cypress.config.ts", "export default {}"],
    ["lib/evil.pth", "import os; os._exit(0)"],
    ["node_modules/.bin/jest", "exit 0"],
    ["node_modules/vitest/package.json", "{}"],
    ["pytest.toml", "[pytest]", 'addopts = ["-p", "mine"]'],
    [".pytest.ini", "[pytest]", "addopts = -p mine"],
    ["pyproject.toml", "[tool.pytest.ini_options]", 'addopts = "-p mine"'],
    [
      "pyproject.toml",
      "# mine",
      "",
      "[tool.pytest.ini_options]",
      "addopts = [",
      '  "-p",',
      '  "mine",',
      "]",
    ],
    ["pyproject.toml", 'tool.pytest.ini_options.addopts = "-p mine"'],
    [
      "sub/pyproject.toml",
      "[tool.pytest]",
      "addopts = ['-p mine']",
      "[tool.coverage.run]",
      "branch = true",
    ],
    ["setup.cfg", "[tool:pytest]", "addopts = -p mine"],
    ["tox.ini", "[pytest]", "addopts = -p mine"],
    ["package.json", '{"jest": {"testMatch": []}}'],
    ["jest.config.mjs", "export default {}"],
    ["vitest.workspace.ts", "export default []"],
    [".mocharc.yml", "grep: none"],
    ["bunfig.toml", "[test]", 'preload = ["./x.ts"]'],
    [".cargo/config.toml", "[alias]", 'test = "version"'],
    [".config/nextest.toml", "[profile.default]", "retries = 9"],
    ["go.work", "go 1.22"],
  ];
  test.each(OUT)("%s", (path, ...lines) => {
    expect(clean(added(path, ...lines))).toMatchObject({
      text: "",
      left_out: [{ path, rule: "result changing" }],
      marked: [],
    });
  });
  const MARKED: [part: string, patch: string][] = [
    ["test command", added("Makefile", "test:", "\tpytest -p mine")],
    ["test command", added("noxfile.py", "import nox", 'session.run("pytest")')],
    [
      "pytest",
      added(
        "x.egg-info/entry_points.txt",
        "[console_scripts]",
        "x = x:main",
        "[pytest11]",
        "y = y",
      ),
    ],
    [
      "pytest",
      added(
        "pyproject.toml",
        "[project]",
        'name = "x"',
        "[tool.pytest.ini_options]",
        'addopts = "-p mine"',
      ),
    ],
    ["pytest", added("setup.cfg", "[metadata]", "name = x", "[tool:pytest]", "addopts = -p mine")],
    [
      "pytest",
      changed(
        "pyproject.toml",
        " [tool.pytest.ini_options]",
        "-addopts = ''",
        "+addopts = '-p mine'",
      ),
    ],
    [
      "addopts",
      changed("pyproject.toml", " # deep below", "+addopts = '-p mine'", " strict = true"),
    ],
    [
      "pytest",
      changed("pyproject.toml", "+[project.entry-points.pytest11]", "+mine = 'mine'", " [project]"),
    ],
    ["pytest", changed("pytest.ini", " [pytest]", "+addopts = -p mine")],
    ["jest, vitest", changed("jest.config.js", " module.exports = {", "+  testMatch: [],", " };")],
    ["jest", changed("package.json", " {", '+  "jest": { "testMatch": [] },', '   "name": "x"')],
    [
      "test",
      changed("package.json", '   "scripts": {', '-    "test": "jest",', '+    "test": "true",'),
    ],
    ["jest", added("web/package.json", '{"name": "x", "jest": {}}')],
    ["vitest", added("vite.config.ts", "export default { test: { include: [] } }")],
    ["test", changed("Cargo.toml", "+[[test]]", '+name = "x"', "+harness = false", " [lib]")],
    ["babel", added(".babelrc", "{}")],
  ];
  test.each(MARKED)(
    "with a part of %s beside other things, or changed: stays, and is marked: %s",
    (part, patch) => {
      const { text, left_out, marked } = clean(patch);
      expect({ text, left_out }).toEqual({ text: patch, left_out: [] });
      expect(marked.map((one) => one.part)).toContain(part);
    },
  );
  const PLAIN: [patch: string][] = [
    [added("setup.cfg", "[metadata]", "name = x")],
    [added("pyproject.toml", "[build-system]", "requires = []")],
    [changed("pyproject.toml", " [project]", '-version = "1"', '+version = "2"')],
    [changed("package.json", '   "dependencies": {', '+    "left-pad": "1.0.0",')],
    [added("package.json", '{"name": "x"}')],
    [added("pkg/pytest.py", "x = 1")],
    [added("src/mine/unittest/__init__.py", "x = 1")],
    [added("src/pytest_mock/util.py", "x = 1")],
    [added("vite.config.ts", "export default { plugins: [] }")],
    [changed("Cargo.toml", " [dependencies]", '+serde = "1"')],
    [added("tool.toml", "[tool.x]", "minversion = 3")],
  ];
  test.each(PLAIN)("ordinary work is neither dropped nor marked: %s", (patch) => {
    expect(clean(patch)).toMatchObject({ text: patch, left_out: [], marked: [] });
  });
  test("a gold patch that does the like lifts the mark, and what it touches stays", () => {
    const mine = changed("pyproject.toml", " [tool.pytest.ini_options]", "+markers = ['a']");
    expect(clean(mine, { gold: [mine] })).toMatchObject({ text: mine, marked: [] });
    expect(
      clean(mine, { gold: [changed("pyproject.toml", " [project]", "+x = 1")] }).marked,
    ).toHaveLength(1);
    const settings = added("pytest.ini", "[pytest]", "addopts = -q");
    expect(clean(settings, { gold: [settings] })).toMatchObject({
      text: settings,
      left_out: [],
      marked: [],
    });
  });
});

describe("V7: a change deep inside a runner's part is marked, however far its head is", () => {
  const LONG = Array.from({ length: 30 }, (_, n) => `    "rule ${n}",`);
  const at = (line: number, ...lines: string[]) => {
    const [old, fresh] = ["+", "-"].map((tag) => lines.filter((one) => one[0] !== tag).length);
    return `@@ -${line},${old} +${line},${fresh} @@\n${lines.join("\n")}\n`;
  };
  const patch = (path: string, hunk: string) =>
    `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n${hunk}`;
  const pyproject = [
    ...["[project]", 'name = "x"', "dependencies = [", '    "a",', '    "b",', "]", ""],
    ...["[tool.pytest.ini_options]", "filterwarnings = [", ...LONG, "]", ""],
    ...["[tool.ruff]", "select = [", ...LONG, "]", ""],
  ].join("\n");
  const rule = (first: number, n: number) =>
    at(first + n - 1, ` ${LONG[n - 1]}`, `-${LONG[n]}`, '+    "mine",', ` ${LONG[n + 1]}`);
  const json = JSON.stringify(
    {
      name: "x",
      jest: { coverageThreshold: { a: 1, b: 2 }, projects: [{ displayName: "one" }, "two"] },
      scripts: { build: "tsc", test: "jest" },
      prettier: { a: 1, projects: ["two"] },
    },
    null,
    2,
  );
  const line = (text: string, from = 0) =>
    json.split("\n").findIndex((one, n) => n >= from && one.includes(text)) + 1;
  const swap = (n: number, to: string) => at(n, `-${json.split("\n")[n - 1]}`, `+${to}`);
  const CASES: [what: string, path: string, base: string, hunk: string, parts: string[]][] = [
    ["a list of pytest's", "pyproject.toml", pyproject, rule(10, 15), ["pytest"]],
    ["a list of another tool's", "pyproject.toml", pyproject, rule(44, 15), []],
    [
      "the project's own",
      "pyproject.toml",
      pyproject,
      at(4, '-    "a",', '+    "c",', '     "b",'),
      [],
    ],
    [
      "a section of setup.cfg",
      "setup.cfg",
      `[tool:pytest]\nmarkers =\n${LONG.join("\n")}\n[flake8]\nx = 1\n`,
      rule(3, 15),
      ["pytest"],
    ],
    [
      "a section of tox.ini behind a list with brackets",
      "tox.ini",
      `[pytest]\nmarkers =\n  [slow],\n${LONG.join("\n")}\n`,
      rule(4, 15),
      ["pytest"],
    ],
    [
      "jest's in package.json",
      "package.json",
      json,
      swap(line('"b": 2'), '        "b": 3'),
      ["jest"],
    ],
    ["a list in jest's", "package.json", json, swap(line('"two"'), '        "three"'), ["jest"]],
    ["the test script", "package.json", json, swap(line('"test"'), '    "test": "true"'), ["test"]],
    ["the build script", "package.json", json, swap(line('"build"'), '    "build": "true",'), []],
    [
      "prettier's",
      "package.json",
      json,
      swap(line('"a": 1', line('"prettier"') - 1), '    "a": 2,'),
      [],
    ],
  ];
  test.each(CASES)("%s", (_, path, base, hunk, parts) => {
    const { marked, left_out } = clean(patch(path, hunk), { base: { [path]: base } });
    expect({ marked, left_out }).toEqual({
      marked: parts.map((part) => ({ path, part })),
      left_out: [],
    });
  });
  test("unless a gold patch of the task does the like", () => {
    const gold = [patch("pyproject.toml", rule(10, 3))];
    const made = clean(patch("pyproject.toml", rule(10, 15)), {
      gold,
      base: { "pyproject.toml": pyproject },
    });
    expect(made.marked).toEqual([]);
  });
});
