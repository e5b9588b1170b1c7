import { expect } from "bun:test";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fuzz, fuzzAsync, type Plan } from "../core/fuzz.fixture.ts";
import { floods, noiseBytes, texts } from "../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../core/testing.ts";
import { compatPatch } from "./compat.ts";
import { readTestBytes, type TestReport } from "./counts.ts";
import { readTestOutput } from "./formats/cases.ts";
import { peerCounts } from "./formats/peer.ts";
import { FRAMEWORKS } from "./formats/registry.ts";
import { inlineFiles } from "./inline-files.ts";
import { TEST_OUTPUTS, TEST_WORDS } from "./output-fuzz.fixture.ts";

const input = texts({ seeds: TEST_OUTPUTS, tokens: TEST_WORDS });

fuzz("every output has a reading that makes sense", { runs: 38_000, input }, (output) => {
  assertSense(readTestOutput(output));
});

fuzz("bytes that are no text too", { runs: 7_000, input: noiseBytes(400) }, (bytes) => {
  assertSense(readTestOutput(bytes.toString("utf8")));
  assertSense(readTestOutput(bytes.toString("latin1")));
});

fuzz("line ends of Windows and colours change nothing", { runs: 14_000, input }, (output) => {
  const plain = output.replaceAll("\r", "").replaceAll("\u001b", "").replaceAll("\u009b", "");
  const painted = plain.replace(/^.*\S.*$/gm, (line) => `\u001b[1;31m${line}\u001b[0m`);
  const expected = readTestOutput(plain);
  expect(readTestOutput(plain.replaceAll("\n", "\r\n"))).toEqual(expected);
  expect(readTestOutput(painted)).toEqual(expected);
});

fuzzAsync(
  "formats that no line tells of are not needed",
  { runs: 7_000, input },
  async (output) => {
    const bytes = Buffer.from(output);
    expect(await readTestBytes(bytes)).toEqual(readTestOutput(bytes.toString("utf8")));
  },
);

fuzz("floods end", { runs: 400, input: floods(TEST_WORDS) }, (output) => {
  assertSense(readTestOutput(output));
  assertCounts(Object.values(peerCounts(output)));
});

fuzz("the old system's numbers are numbers", { runs: 28_000, input }, (output) => {
  assertCounts(Object.values(peerCounts(output)));
});

const PATCH_WORDS = [
  "diff --git a/x b/x\n",
  "diff --git a/tests/x b/x\n",
  "'\\''",
  "\n",
  "\r\n",
  "+a\n",
];
const patch: Plan<string> = { runs: 21_000, input: texts({ tokens: PATCH_WORDS }) };
fuzz("a patch as the old system hands it on has a newline and no tests", patch, (text) => {
  const made = Buffer.from(compatPatch(Buffer.from(text), "0.0.14")).toString("utf8");
  expect(made === "" || made.endsWith("\n")).toBe(true);
  const heads = made.split("\n").filter((line) => line.startsWith("diff --git"));
  expect(heads.filter((line) => line.includes("/tests/"))).toEqual([]);
});

const files = fc.array(noiseBytes(300), { minLength: 60, maxLength: 60 });
fuzz("files in a script come out as they went in", { runs: 50, input: files }, (contents) => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, "it's"));
  const pathOf = (at: number) => join(folder.path, "it's", `${at}`);
  const script = inlineFiles(contents.map((bytes, at) => ({ path: pathOf(at), bytes }))) ?? "";
  const child = Bun.spawnSync(["bash", "-c", script], { stderr: "pipe" });
  expect(child.stderr.toString()).toBe("");
  for (const [at, bytes] of contents.entries())
    expect(Buffer.compare(readFileSync(pathOf(at)), bytes)).toBe(0);
});

function assertSense(report: TestReport): void {
  const { passed, failed, skipped, errors, runs, summary, frameworks, tests } = report;
  assertCounts([passed, failed, skipped, errors, runs]);
  expect(summary).toBe(runs > 0);
  expect(frameworks.filter((one) => !FRAMEWORKS.some((known) => known === one))).toEqual([]);
  expect(new Set(frameworks).size).toBe(frameworks.length);
  if (frameworks.length === 0)
    expect([passed, failed, skipped, errors, tests.length]).toEqual([0, 0, 0, 0, 0]);
  const odd = tests.filter(
    ({ name, status }) =>
      name.length > 1_100 || /\n/.test(name) || !/^(passed|failed|skipped|error)$/.test(status),
  );
  expect(odd).toEqual([]);
  if (!summary) expect(passed + failed + skipped + errors).toBeLessThanOrEqual(1_000_000);
}

function assertCounts(numbers: readonly number[]): void {
  expect(numbers.filter((number) => !Number.isSafeInteger(number) || number < 0)).toEqual([]);
}
