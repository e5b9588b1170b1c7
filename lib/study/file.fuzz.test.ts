import { expect } from "bun:test";
import { isAbsolute } from "node:path";
import fc from "fast-check";
import { UsageError } from "../core/fault.ts";
import { fuzz } from "../core/fuzz.fixture.ts";
import { floods, texts } from "../core/fuzz-inputs.fixture.ts";
import { parseToml, TomlError } from "../core/toml.ts";
import { loadStudy, parseStudy, type Study } from "./file.ts";

const STUDY = `name = "first"
description = "Does talking help?"

[dataset]
revision = "0123456"
dir = "data"

[pairs]
subset = "lite"
features = [2, 1]
sample = { size = 20, seed = 7, stratify = "repo" }

[defaults]
model = "anthropic/some-model"
max_cost_usd = "none"

[arms.coop]
tries = 3
max_wall_s = 60.5

[arms.solo]
setting = "solo"
max_cost_usd = 2

[budget]
usd = 10

[[reports]]
path = "report.md"
`;
const NAMES =
  "name description dataset hub revision dir pairs subset repo task features limit sample size seed stratify defaults model agent git max_steps max_cost_usd arms coop solo setting tries budget usd sandbox backend memory_mib concurrency retries wait_s messages redis evaluation policies timeout_s reports path format parts __proto__ constructor length".split(
    " ",
  );
const VALUES = [
  '"lite"',
  '"none"',
  '"gold"',
  "true",
  "1",
  "-1",
  "1.5",
  "1e400",
  "nan",
  "[1, 2]",
  '["union"]',
  "{ size = 1 }",
  "{ length = {} }",
  "1979-05-27",
  "'x'",
  '"""',
  "'''",
];
const tokens = [
  ...NAMES.map((name) => `${name} = `),
  ...NAMES.map((name) => `[${name}]\n`),
  ...VALUES,
  "[arms.",
  "]\n",
  "[[reports]]\n",
  "\n",
  ".",
  "# x\n",
  "\\u0000",
  "\\U0010FFFF",
  '"',
];
const study = texts({ seeds: [STUDY], tokens });

fuzz("a study is read or refused", { runs: 1_800, input: study }, (text) => {
  const read = readOrRefused(text, []);
  if (read) assertSaid(read);
});

const set = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...NAMES),
      fc.constantFrom("", ...NAMES.map((name) => `.${name}`)),
      fc.constantFrom(...VALUES),
    )
    .map(([first, second, value]) => `${first}${second}=${value}`),
  texts({ tokens: [...NAMES, ".", "=", ...VALUES] }),
);
fuzz(
  "values of the command line are taken or refused",
  { runs: 800, input: fc.array(set, { maxLength: 3 }) },
  (sets) => {
    const read = readOrRefused(STUDY, sets);
    if (read) assertSaid(read);
  },
);

fuzz("TOML is read or its line is named", { runs: 8_400, input: study }, (text) => {
  try {
    const { value, linesOf } = parseToml(text);
    for (const key of Object.keys(value))
      expect(linesOf([key])?.key).toBeLessThanOrEqual(text.split("\n").length);
  } catch (error) {
    expect(error).toBeInstanceOf(TomlError);
    if (error instanceof TomlError)
      expect(error.line).toBeLessThanOrEqual(text.split("\n").length + 1);
  }
});

fuzz("floods are read or refused in time", { runs: 40, input: floods(tokens) }, (text) => {
  readOrRefused(text, []);
});

fuzz(
  "a name of any kind is no study, or is one that can be read",
  { runs: 700, input: texts({ tokens: ["/", "..", "\0", "tmp"] }) },
  (path) => {
    expect(() => loadStudy(`/nonexistent/${path}`)).toThrow(UsageError);
  },
);

function readOrRefused(text: string, sets: readonly string[]): Study | undefined {
  try {
    return parseStudy(text, { path: "study.toml", sets });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    const message = error instanceof UsageError ? error.message : "";
    expect({ lines: message.split(/[\r\n]/).length, is_long: message.length > 2_000 }).toEqual({
      lines: 1,
      is_long: false,
    });
    return undefined;
  }
}

function assertSaid({
  name,
  dataset,
  arms,
  reports,
  retries,
  evaluation,
  budget_usd,
}: Study): void {
  expect(name).not.toBe("");
  const paths = [dataset.dir, dataset.from, ...reports.map(({ path }) => path)];
  expect(paths.filter((path) => path !== undefined && !isAbsolute(path))).toEqual([]);
  expect(arms.length).toBeGreaterThan(0);
  for (const number of [retries.wait_ms, evaluation.timeout_ms])
    expect(Number.isSafeInteger(number)).toBe(true);
  expect(budget_usd === null || (budget_usd > 0 && Number.isFinite(budget_usd))).toBe(true);
}
