import { expect } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fuzz } from "../core/fuzz.fixture.ts";
import { bytesLike, floodBytes, noiseBytes } from "../core/fuzz-inputs.fixture.ts";
import { describeWith, testData } from "../core/testing.ts";
import { isTestFile, withoutTests } from "./left-out.ts";
import { changedLines, type Hunk, isBlank, parsePatch } from "./parse.ts";
import type { PatchFile } from "./patch.ts";
import { PATCH_WORDS, PATCHES } from "./patch-fuzz.fixture.ts";
import { pathBytes, quoted } from "./quote.ts";

const input = bytesLike({ seeds: PATCHES, tokens: PATCH_WORDS });

fuzz("any bytes are a patch that is whole in itself", { runs: 56_000, input }, assertWhole);
fuzz("noise too", { runs: 7_000, input: noiseBytes(300) }, assertWhole);
fuzz("and floods", { runs: 250, input: floodBytes(PATCH_WORDS) }, (bytes) => {
  assertWhole(bytes);
  withoutTests(bytes, { tests: [bytes], gold: [] });
});

fuzz(
  "a good patch that is printed anew is the same patch",
  { runs: 35_000, input },
  assertPrintable,
);

fuzz(
  "what is left out is gone for good, the rest stays byte for byte",
  { runs: 21_000, input },
  assertLeftOut,
);

describeWith("data", "real gold patches, damaged", () => {
  const input = bytesLike({
    seeds: testData ? goldPatches(testData.dataset) : [],
    tokens: PATCH_WORDS,
  });
  fuzz("are whole in themselves", { runs: 4_200, input }, assertWhole);
  fuzz("are the same when printed anew", { runs: 2_100, input }, assertPrintable);
  fuzz("lose what is left out", { runs: 2_100, input }, assertLeftOut);
});

function goldPatches(dataset: string): string[] {
  const paths = readdirSync(dataset, { recursive: true, encoding: "utf8" });
  const found = paths.filter((path) => path.endsWith("feature.patch")).sort();
  return found.map((path) => readFileSync(join(dataset, path), "latin1"));
}

function assertWhole(bytes: Buffer): void {
  const { files, problems } = parsePatch(bytes);
  expect(files.length + problems.length > 0).toBe(!isBlank(bytes));
  expect(problems.filter((problem) => /[\r\n]/.test(problem) || problem.length > 1_000)).toEqual(
    [],
  );
  const lines = bytes.toString("latin1").split("\n").length;
  const starts = files.map(({ first_line }) => first_line);
  expect(starts).toEqual([...new Set(starts)].toSorted((a, b) => a - b).filter((at) => at < lines));
  const hunks = files.flatMap((file) => file.hunks);
  expect(linesNotIn(bytes, hunks)).toEqual([]);
  if (problems.length === 0) {
    expect(hunks.every(isComplete)).toBe(true);
    expect(files.flatMap(escapes)).toEqual([]);
  }
  const { added, removed } = changedLines({ files, problems });
  expect(added + removed).toBeLessThanOrEqual(lines);
}

/** Lines of hunks that are not, byte for byte and in this order, lines of the patch. */
function linesNotIn(bytes: Buffer, hunks: readonly Hunk[]): string[] {
  const given = bytes.toString("latin1").split("\n");
  let at = 0;
  return hunks
    .flatMap(({ lines }) => lines.map(({ tag, text }) => `${tag}${text}`))
    .filter((line) => {
      // A blank context line may have lost its space.
      while (at < given.length && given[at] !== line && !(line === " " && given[at] === "")) at++;
      return at++ >= given.length;
    });
}

function isComplete({ lines, old_lines, new_lines }: Hunk): boolean {
  const count = (tag: string) => lines.filter((line) => line.tag !== tag).length;
  return count("+") === old_lines && count("-") === new_lines;
}

/** Places outside the tree, or in a repository's own files, that the file would write to or link to. */
function escapes({ old_path, new_path, new_mode, hunks }: PatchFile): string[] {
  const paths = [old_path, new_path].flatMap((path) => path ?? []);
  const outside = paths.filter(
    (path) =>
      !`${resolve("/tree", path)}`.startsWith("/tree/") ||
      /(^|\/)\.git(\/|$)/i.test(path) ||
      path.includes("\0"),
  );
  if (new_mode !== "120000" || new_path === undefined) return outside;
  const left = hunks.flatMap(({ lines }) => lines.filter(({ tag }) => tag !== "-"));
  const target = left.map(({ text }) => text).join("\n");
  const end = resolve("/tree", new_path, "..", target);
  return end === "/tree" || end.startsWith("/tree/") ? outside : [...outside, target];
}

function assertPrintable(bytes: Buffer): void {
  const patch = parsePatch(bytes);
  const { files } = patch;
  if (patch.problems.length > 0 || files.some(({ binary }) => binary)) return;
  const again = parsePatch(Buffer.from(files.map(printed).join(""), "latin1"));
  expect(again.problems).toEqual([]);
  expect(again.files.map(withMode)).toEqual(files.map(withMode));
}

const withoutPlace = ({ first_line: _, ...file }: PatchFile) => file;

/** Only git's own header for an added or deleted file has a mode to print. */
const withMode = ({ first_line: _, ...file }: PatchFile) => ({
  ...file,
  ...(file.kind === "add" ? { new_mode: file.new_mode ?? "100644" } : {}),
  ...(file.kind === "delete" ? { old_mode: file.old_mode ?? "100644" } : {}),
});

/** The file as git would write it, names in quotes. */
function printed(file: PatchFile): string {
  const { kind, old_mode, new_mode, hunks } = file;
  const name = (prefix: string, path = "") => quoted(`${prefix}${pathBytes(path)}`);
  const [old, fresh] = [file.old_path ?? file.new_path, file.new_path ?? file.old_path];
  const modes = [
    kind === "add" ? `new file mode ${new_mode ?? "100644"}\n` : "",
    kind === "delete" ? `deleted file mode ${old_mode ?? "100644"}\n` : "",
    kind === "rename" || kind === "copy"
      ? `${kind} from ${name("", old)}\n${kind} to ${name("", fresh)}\n`
      : "",
    old_mode !== undefined && kind !== "delete" ? `old mode ${old_mode}\n` : "",
    new_mode !== undefined && kind !== "add" ? `new mode ${new_mode}\n` : "",
  ];
  const sides = [
    `--- ${kind === "add" ? "/dev/null" : name("a/", old)}\n`,
    `+++ ${kind === "delete" ? "/dev/null" : name("b/", fresh)}\n`,
  ];
  return [
    `diff --git ${name("a/", old)} ${name("b/", fresh)}\n`,
    ...modes,
    ...sides,
    ...hunks.map(printedHunk),
  ].join("");
}

function printedHunk({ old_start, old_lines, new_start, new_lines, section, lines }: Hunk): string {
  const body = lines.map(
    ({ tag, text, no_newline }) =>
      `${tag}${text}\n${no_newline ? "\\ No newline at end of file\n" : ""}`,
  );
  return `@@ -${old_start},${old_lines} +${new_start},${new_lines} @@ ${section}\n${body.join("")}`;
}

const placeOf = ({ old_path, new_path }: PatchFile) => new_path ?? old_path ?? "";

function assertLeftOut(bytes: Buffer): void {
  const tests = [Buffer.from(PATCHES[1] ?? "", "latin1")];
  const { patch, left_out } = withoutTests(bytes, { tests, gold: [] });
  if (left_out.length === 0) expect(patch).toBe(bytes);
  const kept = parsePatch(patch).files;
  expect(kept.map(placeOf).filter(isTestFile)).toEqual([]);
  expect(withoutTests(patch, { tests, gold: [] }).left_out).toEqual([]);
  const isLeftOut = (path: string) => left_out.some((one) => one.path === path);
  const original = parsePatch(bytes);
  if (original.problems.length > 0) return;
  const copies = original.files.filter(
    ({ kind, old_path = "", new_path = "" }) =>
      kind === "rename" && isLeftOut(old_path) && kept.some((file) => file.new_path === new_path),
  );
  if (copies.length > 0) return;
  expect(kept.length + left_out.length).toBe(original.files.length);
  const all = original.files.map((file) => JSON.stringify(withoutPlace(file)));
  for (const file of kept) expect(all).toContain(JSON.stringify(withoutPlace(file)));
}
