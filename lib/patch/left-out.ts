// Owns which files of an agent's patch never reach the merge: tests, and files that are nothing but a test runner's.
import { parsePatch } from "./parse.ts";
import type { PatchFile } from "./patch.ts";
import { type BaseText, runnerUse } from "./runner-files.ts";

/**
 * Why a file is left out. `tests patch`: a hidden tests patch of the pair touches it. `test file`: it is a test by its
 * name or folder. `result changing`: the patch adds a file that holds only a runner's settings, or stands in place of a
 * runner's module. What a gold patch of the task touches is source, and stays. The tests that count are the dataset's;
 * what is left out is recorded with the merge and each suite.
 */
export const LEFT_OUT_RULES = ["tests patch", "test file", "result changing"] as const;
export type LeftOutRule = (typeof LEFT_OUT_RULES)[number];
export type LeftOut = { readonly path: string; readonly rule: LeftOutRule };
/** A file that stays, with a part that could change how tests are run; none where a gold patch does the like. */
export type Marked = { readonly path: string; readonly part: string };
/** The facts that the rules rest on: hidden tests patches of the pair, gold patches of the task. */
export type Facts = {
  readonly tests: readonly Uint8Array[];
  readonly gold: readonly Uint8Array[];
  /** What files hold in the base, where that can be read. */
  readonly base?: BaseText | undefined;
};
export type Cleaned = {
  readonly patch: Uint8Array;
  readonly left_out: readonly LeftOut[];
  readonly marked: readonly Marked[];
};

/** A folder that holds tests. `src/jinja2/tests.py` is a module, and stays: only whole folder names count. */
const TEST_FOLDER = /(?:^|\/)(?:tests?|Tests?|__tests__|__mocks__|e2e)\//;
const TEST_FILE = [
  /(?:^|\/)test_[^/]*\.py$/,
  /(?:^|\/)[^/]*_test\.(?:py|go|ts|js|rs)$/,
  /(?:^|\/)[^/]*\.(?:test|spec)\.[cm]?[jt]sx?$/,
  /(?:^|\/)conftest\.py$/,
  /(?:^|\/)[^/]*\.snap$/,
];

/** The patch without those files, every other byte as it was; what was left out, and what is marked. */
export function withoutTests(bytes: Uint8Array, facts: Facts): Cleaned {
  const { files } = parsePatch(bytes);
  const known = readFacts(facts);
  const verdicts = files.map((file) => verdictOn(file, known));
  const marked = files.flatMap((file, index) =>
    verdicts[index]?.keep === false ? [] : marksOf(file, known, facts.base),
  );
  const left_out = verdicts.flatMap((verdict) => verdict?.left_out ?? []);
  if (left_out.length === 0) return { patch: bytes, left_out, marked };
  const lines = Buffer.from(bytes).toString("latin1").split("\n");
  const kept = files.flatMap((file, index) => {
    const block = lines.slice(file.first_line, files[index + 1]?.first_line);
    if (verdicts[index] === undefined) return block;
    return verdicts[index]?.keep ? copied(block) : [];
  });
  const text = kept.join("\n");
  // A block that stood before a dropped one lost the newline that the split took from its last line.
  const whole = text === "" || text.endsWith("\n") || !endsWithNewline(bytes) ? text : `${text}\n`;
  return { patch: Buffer.from(whole, "latin1"), left_out, marked };
}

/** Paths that a patch names, old and new. */
export function touchedPaths(bytes: Uint8Array): string[] {
  return parsePatch(bytes).files.flatMap(pathsOf);
}

function pathsOf({ old_path, new_path }: PatchFile): string[] {
  return [old_path, new_path].flatMap((path) => path ?? []);
}

type Known = {
  readonly tests: ReadonlySet<string>;
  readonly source: ReadonlySet<string>;
  readonly sourceFolders: ReadonlySet<string>;
  /** `<path>\n<part>` of what gold patches do to runners. */
  readonly likes: ReadonlySet<string>;
};

function readFacts({ tests, gold, base }: Facts): Known {
  const facts = gold.map((bytes) => goldFacts(bytes, base));
  const source = new Set(facts.flatMap(({ paths }) => paths));
  return {
    tests: new Set(tests.flatMap(touchedPaths)),
    source,
    sourceFolders: new Set([...source].map(folderOf)),
    likes: new Set(facts.flatMap(({ likes }) => likes)),
  };
}

const goldRead = new WeakMap<Uint8Array, { paths: string[]; likes: string[] }>();

/** The same patches are asked about for every attempt at their task. */
function goldFacts(bytes: Uint8Array, base?: BaseText) {
  const seen = goldRead.get(bytes);
  if (seen) return seen;
  const { files } = parsePatch(bytes);
  const likes = files.flatMap((file) =>
    (runnerUse(file, base)?.parts ?? []).flatMap((part) =>
      pathsOf(file).map((path) => `${path}\n${part}`),
    ),
  );
  const facts = { paths: files.flatMap(pathsOf), likes };
  goldRead.set(bytes, facts);
  return facts;
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** `keep`: the block stays, as a copy: what it takes away from a test's place is left out, what it brings is not. */
type Verdict = { readonly left_out: LeftOut; readonly keep: boolean };

function verdictOn(file: PatchFile, known: Known): Verdict | undefined {
  const { old_path, new_path, kind } = file;
  const path = new_path ?? old_path;
  if (path === undefined) return undefined;
  const rule = ruleFor(path, known);
  if (rule !== undefined) return { left_out: { path, rule }, keep: false };
  if (kind === "rename" && old_path !== undefined) {
    const from = ruleFor(old_path, known);
    if (from !== undefined) return { left_out: { path: old_path, rule: from }, keep: true };
  }
  if (known.source.has(path) || runnerUse(file)?.whole !== true) return undefined;
  return { left_out: { path, rule: "result changing" }, keep: false };
}

function ruleFor(path: string, { tests, source, sourceFolders }: Known): LeftOutRule | undefined {
  if (source.has(path)) return undefined;
  if (tests.has(path)) return "tests patch";
  const isTest = isTestName(path) || (TEST_FOLDER.test(path) && !sourceFolders.has(folderOf(path)));
  return isTest ? "test file" : undefined;
}

function marksOf(file: PatchFile, { likes }: Known, base?: BaseText): Marked[] {
  const path = file.new_path ?? file.old_path;
  if (path === undefined) return [];
  const parts = runnerUse(file, base)?.parts ?? [];
  return parts.filter((part) => !likes.has(`${path}\n${part}`)).map((part) => ({ path, part }));
}

/** Renames as copies. Only the header: what stands below the first hunk is content. */
function copied(block: readonly string[]): string[] {
  const body = block.findIndex((line) => line.startsWith("@@ ") || line === "GIT binary patch");
  const end = body === -1 ? block.length : body;
  return block.map((line, at) =>
    at < end ? line.replace(/^rename (from|to) /, "copy $1 ") : line,
  );
}

/** Whether a path is a test by its name or folder. */
export function isTestFile(path: string): boolean {
  return TEST_FOLDER.test(path) || isTestName(path);
}

function isTestName(path: string): boolean {
  return TEST_FILE.some((pattern) => pattern.test(path));
}

function endsWithNewline(bytes: Uint8Array): boolean {
  return bytes.at(-1) === 10;
}
