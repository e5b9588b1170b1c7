// Owns the cases of keys: found, missed with the variable's name, and known as secrets.
import { describe, expect, test } from "bun:test";
import { UsageError } from "../fault.ts";
import { secretValues } from "../redact.ts";
import { KEY_VARIABLES, keyFor, requireKey } from "./credentials.ts";

const KEY = "sk-canary-0123456789";

describe("keyFor", () => {
  const cases: [Parameters<typeof keyFor>[0], string, string | undefined][] = [
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
    expect(keyFor(provider, { [variable]: ` ${KEY} ` })).toBe(expected as string);
  });

  test("an empty variable is none, and the next one counts", () => {
    expect(keyFor("google", { GEMINI_API_KEY: "", GOOGLE_API_KEY: KEY })).toBe(KEY);
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
