import { expect } from "bun:test";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { fuzz, unlessRefused } from "./fuzz.fixture.ts";
import { floods, texts } from "./fuzz-inputs.fixture.ts";
import {
  attemptKey,
  checkedRunName,
  kindOfKey,
  pairKey,
  parseAttemptKey,
  parsePairKey,
} from "./keys.ts";

const TOKENS = [
  "/",
  "task",
  "/task1",
  "features_",
  "/features_1_2",
  "_3",
  "_10",
  "~2",
  "~",
  "run",
  "go_chi_task",
  "..",
];
const SEEDS = [
  "go_chi_task/task26/features_1_2",
  "my-run/go_chi_task/task26/features_1_2",
  "a.b/pallets_click_task/task0/features_3_10_12~2",
];
const input = texts({ seeds: SEEDS, tokens: TOKENS });

const pair = fc.record({
  repo: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
  task_id: fc.nat(999_999_999),
  features: fc.uniqueArray(fc.nat(999_999_999), { minLength: 2, maxLength: 5 }),
});
const attempt = fc.record({
  pair,
  run: fc
    .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._+@=-]{0,30}$/)
    .filter((name) => !name.includes("..")),
  try: fc.integer({ min: 1, max: 1_000_000 }),
});

fuzz(
  "a key that is built is parsed into what it was built from",
  { runs: 10_500, input: attempt },
  (given) => {
    const features = given.pair.features.toSorted((a, b) => a - b);
    const whole = { ...given.pair, run: given.run, try: given.try, features };
    expect(parseAttemptKey(attemptKey(whole))).toEqual(whole);
    expect(kindOfKey(attemptKey(whole))).toBe("attempt");
    expect(kindOfKey(pairKey(whole))).toBe("pair");
  },
);

fuzz(
  "a pair's key is refused, or names a folder inside and is the same after another turn",
  { runs: 42_000, input },
  (key) => {
    const parsed = unlessRefused(() => parsePairKey(key));
    if (!parsed) return;
    const built = pairKey(parsed);
    expect(pairKey(parsePairKey(built))).toBe(built);
    expect(parsePairKey(built)).toEqual(parsed);
    expect(
      parsed.features.every(Number.isSafeInteger) && Number.isSafeInteger(parsed.task_id),
    ).toBe(true);
    expect(resolve(join("/logs", built))).toBe(`/logs/${built}`);
  },
);

fuzz("and so is an attempt's", { runs: 56_000, input }, (key) => {
  const parsed = unlessRefused(() => parseAttemptKey(key));
  if (!parsed) return;
  const built = attemptKey(parsed);
  expect(parseAttemptKey(built)).toEqual(parsed);
  expect(Number.isSafeInteger(parsed.try)).toBe(true);
  expect(resolve(join("/logs", built))).toBe(`/logs/${built}`);
  expect(kindOfKey(key)).toBe("attempt");
});

fuzz("a run's name is one part of a path", { runs: 28_000, input }, (name) => {
  const checked = unlessRefused(() => checkedRunName(name));
  if (checked !== undefined) expect(resolve("/logs", checked)).toBe(`/logs/${name}`);
});

fuzz("floods end", { runs: 100, input: floods(TOKENS) }, (key) => {
  unlessRefused(() => parsePairKey(key));
  unlessRefused(() => parseAttemptKey(key));
  kindOfKey(key);
});
