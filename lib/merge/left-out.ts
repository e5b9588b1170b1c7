// Owns which files of an agent's patch never reach the merge: tests, and files that could change a test's result.
import { type PatchFile, parsePatch } from "./patch.ts";

/**
 * Why a file is left out. `tests patch`: a hidden tests patch of the pair touches it. `test file`: it is a test by its
 * name or folder. `result changing`: the patch adds a file that a test runner, interpreter or git hook picks up by
 * itself. The tests that count are the dataset's; what is left out is recorded with the merge and each suite.
 */
export const LEFT_OUT_RULES = ["tests patch", "test file", "result changing"] as const;
export type LeftOutRule = (typeof LEFT_OUT_RULES)[number];
export type LeftOut = { readonly path: string; readonly rule: LeftOutRule };

/** A folder that holds tests. `src/jinja2/tests.py` is a module, and stays: only whole folder names count. */
const TEST_FOLDER = /(?:^|\/)(?:tests?|Tests?|__tests__|__mocks__|e2e)\//;
const TEST_FILE = [
  /(?:^|\/)test_[^/]*\.py$/,
  /(?:^|\/)[^/]*_test\.(?:py|go|ts|js|rs)$/,
  /(?:^|\/)[^/]*\.(?:test|spec)\.[cm]?[jt]sx?$/,
  /(?:^|\/)conftest\.py$/,
  /(?:^|\/)[^/]*\.snap$/,
];
/** Picked up without being named: by pytest, Python, jest, vitest, mocha, Bun, Cargo, Go, npm and git. */
const RESULT_CHANGING = [
  /(?:^|\/)(?:pytest\.ini|\.pytest\.ini|tox\.ini|setup\.cfg|\.coveragerc)$/,
  /(?:^|\/)(?:sitecustomize|usercustomize)\.py$/,
  /(?:^|\/)[^/]*\.pth$/,
  /(?:^|\/)(?:jest|vitest|vite|babel|karma)\.config\.[cm]?[jt]s(?:on)?$/,
  /(?:^|\/)\.mocharc[^/]*$/,
  /(?:^|\/)(?:bunfig\.toml|\.npmrc|go\.work|\.babelrc)$/,
  /(?:^|\/)\.cargo\//,
  /(?:^|\/)\.(?:husky|githooks)\//,
];

/** The patch without those files, every other byte as it was; and what was left out. */
export function withoutTests(
  bytes: Uint8Array,
  tests: readonly Uint8Array[],
): { readonly patch: Uint8Array; readonly left_out: readonly LeftOut[] } {
  const { files } = parsePatch(bytes);
  const touched = new Set(tests.flatMap(touchedPaths));
  const verdicts = files.map((file) => leftOut(file, touched));
  const left_out = verdicts.flatMap((verdict) => verdict ?? []);
  if (left_out.length === 0) return { patch: bytes, left_out };
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const kept = files.flatMap((file, index) =>
    verdicts[index] ? [] : lines.slice(file.first_line, files[index + 1]?.first_line),
  );
  const text = kept.join("\n");
  // A block that stood before a dropped one lost the newline that the split took from its last line.
  const whole = text === "" || text.endsWith("\n") || !endsWithNewline(bytes) ? text : `${text}\n`;
  return { patch: Buffer.from(whole, "latin1"), left_out };
}

/** Paths that a patch names, old and new. */
export function touchedPaths(bytes: Uint8Array): string[] {
  return parsePatch(bytes).files.flatMap(({ old_path, new_path }) =>
    [old_path, new_path].flatMap((path) => path ?? []),
  );
}

function leftOut(file: PatchFile, touched: ReadonlySet<string>): LeftOut | undefined {
  const paths = [file.new_path, file.old_path].flatMap((path) => path ?? []);
  const [path] = paths;
  if (path === undefined) return undefined;
  if (paths.some((name) => touched.has(name))) return { path, rule: "tests patch" };
  if (paths.some(isTestFile)) return { path, rule: "test file" };
  // Also one that is copied or renamed to that name: what counts is that the base has none there.
  const added = file.new_path !== undefined && file.new_path !== file.old_path;
  const changing = added && RESULT_CHANGING.some((pattern) => pattern.test(path));
  return changing ? { path, rule: "result changing" } : undefined;
}

/** Whether a path is a test by its name or folder. */
export function isTestFile(path: string): boolean {
  return TEST_FOLDER.test(path) || TEST_FILE.some((pattern) => pattern.test(path));
}

function endsWithNewline(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 10;
}
