// Owns what in a patch configures or shadows a test runner: files that hold nothing else, modules in its place, and parts.
import type { PatchFile } from "./patch.ts";

/** `whole`: an added file that is nothing but a runner's. `parts`: what of a file could change how tests are run. */
export type RunnerUse = { readonly whole: boolean; readonly parts: readonly string[] };

/** Files that are a runner's by their name alone, each with whose. */
const SETTINGS: readonly (readonly [RegExp, string])[] = [
  [/(?:^|\/)\.?pytest\.(?:ini|toml)$/, "pytest"],
  [/(?:^|\/)\.coveragerc$/, "coverage"],
  [
    /(?:^|\/)(?:jest|vitest)\.(?:config|setup|workspace|preset)\.(?:[cm]?[jt]s|json)$/,
    "jest, vitest",
  ],
  [/(?:^|\/)karma\.conf(?:ig)?\.[cm]?[jt]s$/, "karma"],
  [/(?:^|\/)\.mocharc(?:\.[cm]?js|\.json|\.jsonc|\.ya?ml)?$/, "mocha"],
  [/(?:^|\/)(?:ava|playwright|wtr|web-test-runner)\.config\.[cm]?[jt]s$/, "a runner"],
  [/(?:^|\/)\.(?:nycrc|c8rc|taprc)(?:\.json|\.ya?ml)?$/, "a runner"],
  [/(?:^|\/)\.cargo\/config(?:\.toml)?$/, "cargo"],
  [/(?:^|\/)\.config\/nextest\.toml$/, "nextest"],
  [/(?:^|\/)go\.work$/, "go"],
  [/(?:^|\/)\.npmrc$/, "npm"],
];
/** Python finds these first in the folder that it is started in, or by itself; Node in any node_modules. */
const MODULES: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:(?:src|lib|python)\/)?(?:pytest|_pytest|pluggy|iniconfig|unittest)(?:\.py|\/__init__\.py)$/,
    "pytest",
  ],
  [/^(?:pytest_\w+|nose|xdist)(?:\.py|\/__init__\.py)$/, "pytest"],
  [/(?:^|\/)(?:sitecustomize|usercustomize)\.py$/, "python"],
  [/(?:^|\/)[^/]*\.pth$/, "python"],
  [
    /(?:^|\/)node_modules\/(?:\.bin|@?jest[\w.-]*|vitest|@vitest|mocha|ts-jest|babel-jest|ava|tap)(?:\/|$)/,
    "node",
  ],
];
/** Files of many tools, read by their sections. */
const PYTEST_KEYS =
  /^[ \t]*["']?(?:addopts|testpaths|python_(?:files|classes|functions)|norecursedirs|collect_ignore|usefixtures|xfail_strict|required_plugins|conftest|asyncio_mode|pythonpath|minversion|filterwarnings|markers|junit_family|testmon)["']?[ \t]*=/;
const JEST_KEYS =
  /"(?:jest|vitest|mocha|ava|nyc|c8|tap|testMatch|testRegex|testRunner|testEnvironment|setupFiles(?:AfterEnv)?|globalSetup|globalTeardown|moduleNameMapper|modulePathIgnorePatterns|testPathIgnorePatterns|passWithNoTests|reporters|transform|preset|pretest|test|test:[\w-]+|posttest)"[ \t]*:/;
const RUNNER_TABLE =
  /^(?:tool[.:])?(?:pytest|coverage|tox|nox|nosetests|unittest|xdist|testenv|tox:tox)(?:[.:\s]|$)/;

/** What one file of a patch has to do with a runner; undefined for nothing. */
export function runnerUse(file: PatchFile): RunnerUse | undefined {
  const path = file.new_path ?? file.old_path;
  if (path === undefined) return undefined;
  const added = file.new_path !== undefined && file.new_path !== file.old_path;
  const named = [...SETTINGS, ...MODULES].find(([pattern]) => pattern.test(path));
  if (named !== undefined) return { whole: added, parts: [named[1]] };
  const reader = READERS.find(([pattern]) => pattern.test(path))?.[1];
  if (reader === undefined) return undefined;
  const found = reader(file);
  return found.parts.length === 0
    ? undefined
    : { ...found, whole: found.whole && file.kind === "add" };
}

type Reader = (file: PatchFile) => RunnerUse;

const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini)$/, readTables],
  [/(?:^|\/)bunfig\.toml$/, (file) => readTables(file, /^test(?:\.|$)/, /^[ \t]*preload[ \t]*=/)],
  [/(?:^|\/)(?:package|deno)\.jsonc?$/, readJson],
  [
    /(?:^|\/)(?:vite\.config\.[cm]?[jt]s)$/,
    (file) => mentions(file, /\btest\s*:|vitest/, "vitest"),
  ],
  [
    /(?:^|\/)(?:babel\.config\.(?:[cm]?[jt]s|json)|\.babelrc(?:\.json|\.[cm]?js)?)$/,
    (file) => mentions(file, /\S/, "babel"),
  ],
  [/(?:^|\/)setup\.py$/, (file) => mentions(file, /pytest11|test_suite/, "pytest")],
  [
    /(?:^|\/)Cargo\.toml$/,
    (file) =>
      readTables(
        file,
        /^(?:test|bench)$|^profile\.test/,
        /^[ \t]*(?:harness|autotests|test)[ \t]*=/,
      ),
  ],
  [/(?:^|\/)(?:\.husky|\.githooks)\/[^/]+$/, (file) => mentions(file, /\S/, "git hook")],
];

/** Tables of TOML and INI files. A change is in the table last seen above it in its hunk; some keys tell by themselves. */
function readTables(file: PatchFile, table = RUNNER_TABLE, key = PYTEST_KEYS): RunnerUse {
  const parts = new Set<string>();
  let others = false;
  for (const hunk of file.hunks) {
    let current: string | undefined;
    for (const { tag, text } of hunk.lines) {
      const head = /^[ \t]*\[+[ \t]*([^\]]+?)[ \t]*\]+/.exec(text)?.[1]?.replace(/["']/g, "");
      if (head !== undefined) current = head;
      if (tag === " " || text.trim() === "" || /^[ \t]*[#;]/.test(text)) continue;
      const dotted = /^[ \t]*([\w."'-]+)[ \t]*=/.exec(text)?.[1]?.replace(/["']/g, "");
      const name = current ?? dotted ?? "";
      if (table.test(name) || (current === undefined && key.test(text)))
        parts.add(shortName(name, text));
      else if (/pytest11|\bpytest\b.*\{/.test(`${name} ${text}`)) parts.add("pytest");
      else others = true;
    }
  }
  return { whole: !others && parts.size > 0, parts: [...parts] };
}

function shortName(table: string, text: string): string {
  const known = /pytest|coverage|tox|nox|nose|unittest|testenv|test/.exec(table)?.[0];
  return known ?? (text.split("=")[0] ?? "").trim();
}

/** An added file is read as JSON; of a changed one, the keys of changed lines tell. */
function readJson(file: PatchFile): RunnerUse {
  const lines = file.hunks.flatMap((hunk) => hunk.lines.filter(({ tag }) => tag !== " "));
  const parts = new Set(
    lines.flatMap(({ text }) => JEST_KEYS.exec(text)?.[0].replace(/[":\s]/g, "") ?? []),
  );
  return {
    whole: parts.size > 0 && onlyRunners(lines.map(({ text }) => text).join("\n")),
    parts: [...parts],
  };
}

const RUNNERS = new Set(["jest", "vitest", "mocha", "ava", "nyc", "c8", "tap"]);

function onlyRunners(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === "object" &&
      value !== null &&
      Object.keys(value).every((name) => RUNNERS.has(name))
    );
  } catch {
    return false;
  }
}

/** Programs can only be searched: they are never a runner's alone. */
function mentions(file: PatchFile, pattern: RegExp, part: string): RunnerUse {
  const found = file.hunks.some((hunk) =>
    hunk.lines.some(({ tag, text }) => tag !== " " && pattern.test(text)),
  );
  return { whole: false, parts: found ? [part] : [] };
}
