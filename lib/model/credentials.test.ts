import { describe, expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { PROVIDER_ROWS, type ProviderId } from "../core/providers.ts";
import { secretValues } from "../core/redact.ts";
import { cutKeys, KEY_VARIABLES, keyFor, requireKey } from "./credentials.ts";

const KEY = "sk-canary-0123456789";

describe("keyFor", () => {
  const cases: [ProviderId, string, string | undefined][] = [
    ["anthropic", "ANTHROPIC_API_KEY", KEY],
    ["openai", "OPENAI_API_KEY", KEY],
    ["google", "GEMINI_API_KEY", KEY],
    ["google", "GOOGLE_API_KEY", KEY],
    ["google", "GOOGLE_GENERATIVE_AI_API_KEY", KEY],
    ["openrouter", "OPENROUTER_API_KEY", KEY],
    ["openai-compatible", "OPENAI_COMPATIBLE_API_KEY", KEY],
    ["openai", "ANTHROPIC_API_KEY", undefined],
    ["openai-compatible", "OPENAI_API_KEY", undefined],
    ["replay", "OPENAI_API_KEY", undefined],
  ];
  test.each(cases)("%s from %s", (provider, variable, expected) => {
    expect(keyFor(PROVIDER_ROWS[provider], { [variable]: ` ${KEY} ` })).toBe(expected as string);
  });

  test("an empty variable is none, and the next one counts", () => {
    expect(keyFor(PROVIDER_ROWS.google, { GEMINI_API_KEY: "", GOOGLE_API_KEY: KEY })).toBe(KEY);
  });
});

describe("requireKey", () => {
  const cases: [name: string, base_url: string | undefined, variable: string | undefined][] = [
    ["anthropic/claude-x", undefined, "ANTHROPIC_API_KEY"],
    ["gemini/gemini-x", undefined, "GEMINI_API_KEY"],
    ["openrouter/a/b", undefined, "OPENROUTER_API_KEY"],
    ["openai/gpt-x", "http://127.0.0.1:1/v1", undefined],
    ["local/x", "http://127.0.0.1:1/v1", undefined],
    ["replay/demo", undefined, undefined],
  ];
  test.each(cases)("%s at %s", (name, base_url, variable) => {
    const check = () => requireKey(name, { base_url }, {});
    if (variable === undefined) return expect(check).not.toThrow();
    expect(check).toThrow(UsageError);
    expect(check).toThrow(`set ${variable}`);
    expect(() => requireKey(name, { base_url }, { [variable]: KEY })).not.toThrow();
  });
});

test("the value of every variable that holds a key is secret", () => {
  expect(KEY_VARIABLES.length).toBeGreaterThan(5);
  for (const name of KEY_VARIABLES) expect(secretValues({ [name]: KEY }, [])).toEqual([KEY]);
});

describe("A19: an address in the environment", () => {
  const at = "http://127.0.0.1:1/v1";
  const CASES: [
    name: string,
    env: Record<string, string>,
    base_url: string | undefined,
    refused: boolean,
  ][] = [
    ["openai/x", { OPENAI_BASE_URL: at }, undefined, true],
    ["openai/x", { OPENAI_BASE_URL: at }, at, false],
    ["openai/x", { OPENAI_BASE_URL: "https://api.openai.com/v1/" }, undefined, false],
    ["openai/x", { OPENAI_BASE_URL: " " }, undefined, false],
    ["openai/x", { ANTHROPIC_BASE_URL: at }, undefined, false],
    ["anthropic/x", { ANTHROPIC_BASE_URL: "somewhere" }, undefined, true],
    ["gemini/x", { GOOGLE_GEMINI_BASE_URL: at }, undefined, true],
    ["openrouter/a/x", { OPENROUTER_BASE_URL: at }, undefined, true],
    ["local/x", { OPENAI_BASE_URL: at }, at, false],
  ];
  const KEYS = Object.fromEntries(KEY_VARIABLES.map((name) => [name, KEY]));
  test.each(CASES)("%s with %j at %s", (name, env, base_url, refused) => {
    const check = () => requireKey(name, { base_url }, { ...KEYS, ...env });
    if (!refused) return expect(check).not.toThrow();
    expect(check).toThrow(UsageError);
    expect(check).toThrow(/^[A-Z_]+_BASE_URL is set, .*--base-url/);
  });
});

describe("A20: keys that are none", () => {
  const BAD: [key: string, words: string][] = [
    ["\u201csk-1234567890\u201d", "quotation mark"],
    ["'sk-1234567890'", "quotation mark"],
    ["sk-12345\u201967890", "at position 9"],
    ["Bearer sk-1234567890", 'begins with "Bearer"'],
    ["bearer  sk-1234567890", 'begins with "Bearer"'],
    ["OPENAI_API_KEY=sk-1234567890", "name of a variable"],
    ["$OPENAI_API_KEY_4567890", "was not replaced"],
    ['sk-1234567890"', "ends with"],
    ["sk-1234567890,", "ends with"],
    ["sk-123 4567890", "at position 7"],
    ["sk-123\n4567890", "at position 7"],
    ["sk-123\u200b4567890", "at position 7"],
  ];
  test.each(BAD)("%j is refused in one line that does not hold it", (key, words) => {
    for (const base_url of [undefined, "http://127.0.0.1:1/v1"]) {
      const check = () => requireKey("openai/x", { base_url }, { OPENAI_API_KEY: key });
      expect(check).toThrow(UsageError);
      expect(check).toThrow(`OPENAI_API_KEY `);
      expect(check).toThrow(words);
      expect(check).not.toThrow("4567890");
    }
  });

  const LINES: [line: string, taken: string, told: boolean][] = [
    ["OPENAI_API_KEY=sk-ab$cd", "sk-ab", true],
    ["OPENAI_API_KEY=sk-ab#cd", "sk-ab", true],
    ['export OPENAI_API_KEY="sk-ab$cd"', "sk-ab", true],
    ["OPENAI_API_KEY='sk-ab#cd'", "sk-ab#cd", false],
    ["OPENAI_API_KEY=sk-abcd", "another, of the shell", false],
    ["# OPENAI_API_KEY=sk-ab$cd", "", false],
    ["SOMETHING=a$b", "a", false],
    ["OPENAI_API_KEY=sk-ab # mine", "sk-ab", false],
    ["OPENAI_API_KEY='sk-ab#c' # mine", "sk-ab#c", false],
    ["OPENAI_API_KEY=", "", false],
    ["OPENAI_API_KEY= # none yet", "", false],
  ];
  test.each([
    "OPENAI_API_KEY: sk-abcde",
    "set OPENAI_API_KEY=sk-abcde",
    "\ufeffOPENAI_API_KEY=sk-abcde",
    "OPENAI_API_KEY=sk-abcde\rX=1",
  ])("%j, not taken at all", (line) => {
    const told = "OPENAI_API_KEY in .env has 8 characters, of which 0 were read";
    expect(cutKeys(line, {})).toEqual([expect.stringContaining(told)]);
  });
  test.each(LINES)("%s, taken as %s", (line, taken, told) => {
    const found = cutKeys(`X=1\n${line}\n`, { OPENAI_API_KEY: taken, SOMETHING: taken });
    expect(found).toEqual(
      told ? [expect.stringMatching(/^OPENAI_API_KEY in \.env has 8 characters, of which 5/)] : [],
    );
  });
});
