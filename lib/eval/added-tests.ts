// Owns whether a suite ran the tests that its tests patch adds, by the names and files in its output.
import type { SuiteResultRow } from "../../db/schema.ts";
import type { HunkLine } from "../patch/hunks.ts";
import { parsePatch } from "../patch/parse.ts";

/** The tests that a patch adds: files that gain at least one, and the names. */
export type AddedTests = { readonly files: readonly string[]; readonly names: readonly string[] };

/**
 * How tests are named in the dataset's languages; the first group is the name. Names made at run time cannot be found.
 */
const FORMS: readonly RegExp[] = [
  /^\s*(?:async\s+)?def\s+(test\w*)\s*\(/,
  /^func\s+((?:Test|Fuzz|Example)\w*)\s*\(/,
  /^\s*(?:it|test|describe)(?:\.\w+)*\(\s*(["'])((?:\\.|(?!\1)[^\\])+)\1/,
];
const RUST_TEST = /^\s*#\[(?:\w+::)*test\b/;
const RUST_FUNCTION = /^\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)\s*[(<]/;

/** The tests that a tests patch adds. Pure, never throws. */
export function addedTests(tests_patch: Uint8Array): AddedTests {
  const found = parsePatch(tests_patch).files.map(({ new_path, hunks }) => ({
    path: new_path,
    names: hunks.flatMap(({ lines }) => namesIn(lines.filter(({ tag }) => tag === "+"))),
  }));
  const gaining = found.filter(({ path, names }) => path !== undefined && names.length > 0);
  return {
    files: gaining.flatMap(({ path }) => path ?? []),
    names: [...new Set(gaining.flatMap(({ names }) => names))],
  };
}

function namesIn(added: readonly HunkLine[]): string[] {
  return added.flatMap(({ text }, index) => {
    for (const form of FORMS) {
      const found = form.exec(text);
      if (found) return [found[2] ?? found[1] ?? ""];
    }
    const name = RUST_FUNCTION.exec(text)?.[1];
    return name !== undefined && isRustTest(added.slice(0, index)) ? [name] : [];
  });
}

/** Whether the attributes right above a function make it a test. */
function isRustTest(above: readonly HunkLine[]): boolean {
  const last = above.findLastIndex(({ text }) => !/^\s*(?:#\[|\/\/)/.test(text));
  return above.slice(last + 1).some(({ text }) => RUST_TEST.test(text));
}

/** Lines in which pytest, and jest or vitest, name a test file. */
const FILE_LINES: readonly RegExp[] = [
  /^((?:[\w.@-]+\/)*[\w.@-]+\.py)(?:::\S+)? (?:[.sSxXFE]+(?:\s|$)|PASSED|FAILED|SKIPPED|ERROR)/,
  /^\s*(?:PASS|FAIL|[✓✗✘❯×√])\s+(?:\|[^|]+\|\s+)?((?:[\w.@-]+\/)*[\w.@-]+\.[cm]?[jt]sx?)(?:\s|$)/u,
];

function toldFiles(output: string): string[] {
  const lines = output.split("\n").map((line) => line.trimEnd());
  const paths = lines.flatMap((line) => FILE_LINES.map((form) => form.exec(line)?.[1]));
  return [...new Set(paths)].filter((path) => path !== undefined);
}

type Run = Pick<SuiteResultRow, "passed" | "tests">;

/**
 * Whether the output proves that none of these tests ran: it names every test that passed, or test files, and none of
 * theirs. False where nothing is proved.
 */
export function ranNone(added: AddedTests, { passed, tests }: Run, output: string): boolean {
  if (added.names.length === 0 || passed === 0) return false;
  const ran = tests.filter(({ status }) => status !== "skipped");
  if (ran.some(({ name }) => added.names.some((one) => name.includes(one)))) return false;
  const named = ran.filter(({ status }) => status === "passed").length;
  if (named >= passed) return true;
  const files = toldFiles(output);
  const theirs = added.files.map((path) => path.slice(path.lastIndexOf("/") + 1));
  const isTheirs = (path: string) =>
    theirs.some((file) => path === file || path.endsWith(`/${file}`));
  return files.length > 0 && !files.some(isTheirs);
}
