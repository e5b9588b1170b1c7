// Owns what in a patch configures or shadows a test runner: files that hold nothing else, modules in its place, and parts.
import type { PatchFile } from "./patch.ts";
import { runnerNamed } from "./runner-names.ts";

/** `whole`: an added file that is nothing but a runner's. `parts`: what of a file could change how tests are run. */
export type RunnerUse = { readonly whole: boolean; readonly parts: readonly string[] };

/** Files of many tools, read by their sections. */
const PYTEST_KEYS =
  /^[ \t]*["']?(?:addopts|testpaths|python_(?:files|classes|functions)|norecursedirs|collect_ignore|usefixtures|xfail_strict|required_plugins|conftest|asyncio_mode|pythonpath|minversion|filterwarnings|markers|junit_family|testmon)["']?[ \t]*=/;
const JEST_KEYS =
  /"(?:jest|vitest|mocha|ava|nyc|c8|tap|testMatch|testRegex|testRunner|testEnvironment|setupFiles(?:AfterEnv)?|globalSetup|globalTeardown|moduleNameMapper|modulePathIgnorePatterns|testPathIgnorePatterns|passWithNoTests|reporters|transform|preset|pretest|test|test:[\w-]+|posttest)"[ \t]*:/;
const RUNNER_TABLE =
  /^(?:tool[.:])?(?:pytest|coverage|tox|nox|nosetests|unittest|xdist|testenv|tox:tox)(?:[.:\s]|$)/;

/** The bytes, as a byte string, that a file has in the base; undefined where it has none, or they are not known. */
export type BaseText = (path: string) => string | undefined;

/**
 * What one file of a patch has to do with a runner; undefined for nothing. With the base, a change is known to be in a
 * runner's part wherever it is; without, by its hunk alone.
 */
export function runnerUse(file: PatchFile, base?: BaseText): RunnerUse | undefined {
  const path = file.new_path ?? file.old_path;
  if (path === undefined) return undefined;
  const added = file.new_path !== undefined && file.new_path !== file.old_path;
  const runner = runnerNamed(path);
  if (runner !== undefined) return { whole: added, parts: [runner] };
  const reader = READERS.find(([pattern]) => pattern.test(path))?.[1];
  if (reader === undefined) return undefined;
  const found = reader({
    ...file,
    base: file.old_path === undefined ? undefined : base?.(file.old_path),
  });
  return found.parts.length === 0
    ? undefined
    : { ...found, whole: found.whole && file.kind === "add" };
}

type BasedFile = PatchFile & { readonly base: string | undefined };
type Reader = (file: BasedFile) => RunnerUse;

const READERS: readonly (readonly [RegExp, Reader])[] = [
  [/(?:^|\/)(?:pyproject\.toml|setup\.cfg|tox\.ini)$/, readTables],
  // Metadata in the folder that Python is started in names plugins.
  [/(?:^|\/)[^/]+\.(?:dist|egg)-info\/entry_points\.txt$/, readTables],
  [
    /(?:^|\/)(?:GNUm|[Mm])akefile$|(?:^|\/)(?:\.?[Jj]ustfile|Taskfile\.ya?ml|noxfile\.py|tasks\.py|dodo\.py)$/,
    (file) =>
      mentions(
        file,
        /\b(?:pytest|unittest|go test|cargo (?:nex)?test|jest|vitest|mocha)\b/,
        "test command",
      ),
  ],
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

const TABLE = /^[ \t]*\[+[ \t]*([^\]]+?)[ \t]*\]+/;

/** Tables of TOML and INI files. A change is in the table last seen above it; some keys tell by themselves. */
function readTables(file: BasedFile, table = RUNNER_TABLE, key = PYTEST_KEYS): RunnerUse {
  const parts = new Set<string>();
  let others = false;
  for (const hunk of file.hunks) {
    let current = tableAbove(file.base, hunk.old_start);
    for (const { tag, text } of hunk.lines) {
      const head = TABLE.exec(text)?.[1]?.replace(/["']/g, "");
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

/** Items of a list over several lines, which begin with a bracket and end in a comma, are not a table's header. */
function tableAbove(base: string | undefined, line: number): string | undefined {
  const heads = (base ?? "").split("\n", Math.max(0, line - 1)).flatMap((text) => {
    const head = text.trimEnd().endsWith(",") ? undefined : TABLE.exec(text)?.[1];
    return head?.replace(/["']/g, "") ?? [];
  });
  return heads.at(-1);
}

function shortName(table: string, text: string): string {
  const known = /pytest|coverage|tox|nox|nose|unittest|testenv|test/.exec(table)?.[0];
  return known ?? (text.split("=")[0] ?? "").trim();
}

/** An added file is read as JSON; of a changed one, the keys of changed lines tell. */
function readJson(file: BasedFile): RunnerUse {
  const lines = file.hunks.flatMap((hunk) => hunk.lines.filter(({ tag }) => tag !== " "));
  const parts = new Set(
    lines.flatMap(({ text }) => JEST_KEYS.exec(text)?.[0].replace(/[":\s]/g, "") ?? []),
  );
  const changed = file.base === undefined ? [] : changedParts(file.base, applied(file.base, file));
  return {
    whole: parts.size > 0 && onlyRunners(lines.map(({ text }) => text).join("\n")),
    parts: [...new Set([...parts, ...changed])],
  };
}

/** What a patch makes of the base's text; hunks that do not fit make nonsense of it, and such a patch is not merged. */
function applied(base: string, { hunks }: PatchFile): string {
  const old = base.split("\n");
  const made: string[] = [];
  let at = 0;
  for (const { old_start, old_lines, lines } of hunks) {
    made.push(...old.slice(at, old_start - 1));
    made.push(...lines.filter(({ tag }) => tag !== "-").map(({ text }) => text));
    at = old_start - 1 + old_lines;
  }
  return [...made, ...old.slice(at)].join("\n");
}

const TEST_SCRIPT = /^(?:pre|post)?test(?::|$)/;

/** Runners' keys, and scripts that run tests, whose values differ between two JSON texts; none where one is not JSON. */
function changedParts(before: string, after: string): string[] {
  const [old, made] = [partsOf(before), partsOf(after)];
  if (old === undefined || made === undefined) return [];
  const names = new Set([...old.keys(), ...made.keys()]);
  return [...names].filter((name) => old.get(name) !== made.get(name));
}

function partsOf(text: string): ReadonlyMap<string, string> | undefined {
  const value = objectOf(text);
  if (value === undefined) return undefined;
  const own = Object.entries(value).filter(([name]) => RUNNERS.has(name));
  const scripts = Object.entries(value.scripts ?? {}).filter(([name]) => TEST_SCRIPT.test(name));
  return new Map([...own, ...scripts].map(([name, part]) => [name, JSON.stringify(part)]));
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

const RUNNERS = new Set(["jest", "vitest", "mocha", "ava", "nyc", "c8", "tap"]);

function onlyRunners(text: string): boolean {
  const value = objectOf(text);
  return value !== undefined && Object.keys(value).every((name) => RUNNERS.has(name));
}

/** Programs can only be searched: they are never a runner's alone. */
function mentions(file: PatchFile, pattern: RegExp, part: string): RunnerUse {
  const found = file.hunks.some((hunk) =>
    hunk.lines.some(({ tag, text }) => tag !== " " && pattern.test(text)),
  );
  return { whole: false, parts: found ? [part] : [] };
}
