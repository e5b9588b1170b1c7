// Owns the cases of files that are a test runner's: out when they are nothing else, marked when they are so in part.
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
