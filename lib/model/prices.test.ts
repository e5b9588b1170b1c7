import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { writeWhole } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { NO_USAGE, type Usage } from "./model.ts";
import { openPrices } from "./prices.ts";

const usage = (counts: Partial<Usage>): Usage => ({ ...NO_USAGE, ...counts });
const MILLION = 1_000_000;

describe("the table", () => {
  /** Published prices: Claude Sonnet 4 $3 in, $0.30 read, $3.75 written, $15 out; GPT-5 $1.25, $0.125, $10. */
  const cases: [provider: string, model: string, counts: Partial<Usage>, usd: number | null][] = [
    ["anthropic", "claude-sonnet-4-5", { input_tokens: 100_000 }, 0.3],
    ["anthropic", "claude-sonnet-4-5", { cache_read_tokens: 100_000 }, 0.03],
    ["anthropic", "claude-sonnet-4-5", { cache_write_tokens: 100_000 }, 0.375],
    ["anthropic", "claude-sonnet-4-5", { output_tokens: 100_000, reasoning_tokens: 90_000 }, 1.5],
    [
      "anthropic",
      "claude-sonnet-4-5",
      {
        input_tokens: 50_000,
        cache_read_tokens: 30_000,
        cache_write_tokens: 20_000,
        output_tokens: 1000,
      },
      0.15 + 0.009 + 0.075 + 0.015,
    ],
    ["openai", "gpt-5", { input_tokens: MILLION, cache_read_tokens: MILLION }, 1.375],
    ["openai", "gpt-5", { output_tokens: MILLION }, 10],
    ["openai", "gpt-5", { cache_write_tokens: MILLION }, 1.25],
    ["google", "gemini-2.5-flash", {}, 0],
    ["openrouter", "anthropic/claude-sonnet-4.5", { input_tokens: 100_000 }, 0.3],
    ["anthropic", "claude-of-next-year", { input_tokens: 1 }, null],
    ["openai-compatible", "gpt-5", { input_tokens: 1 }, null],
    ["nobody", "gpt-5", { input_tokens: 1 }, null],
  ];
  test.each(cases)("%s %s %j", async (provider, model, counts, usd) => {
    const cost = (await openPrices()).cost(provider, model, usage(counts));
    if (usd === null) expect(cost).toBeNull();
    else expect(cost).toBeCloseTo(usd, 10);
  });

  test("says which version it is", async () => {
    expect((await openPrices()).source).toMatch(/^@pydantic\/genai-prices \d+\.\d+\.\d+$/);
  });
});

async function withFile(content: unknown) {
  const folder = temporaryFolder();
  const file = join(folder.path, "prices.json");
  writeWhole(file, typeof content === "string" ? content : JSON.stringify(content));
  return { file, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

test("a file wins over the table, under either of a provider's names", async () => {
  using place = await withFile({
    models: {
      "openai/gpt-5": { input: 1, output: 2, cache_read: 3, cache_write: 4 },
      "gemini/gemini-x": { input: 10, output: 20 },
      "local/qwen": { input: 0, output: 0 },
    },
  });
  const prices = await openPrices({ file: place.file });
  const all = usage({
    input_tokens: MILLION,
    output_tokens: MILLION,
    cache_read_tokens: MILLION,
    cache_write_tokens: MILLION,
    reasoning_tokens: MILLION,
  });
  expect(prices.cost("openai", "gpt-5", all)).toBe(10);
  expect(prices.cost("google", "gemini-x", all)).toBe(50);
  expect(prices.cost("openai-compatible", "qwen", all)).toBe(0);
  expect(prices.cost("openai", "gpt-5-mini", all)).toBeGreaterThan(0);
  expect(prices.source).toStartWith(`${place.file} over @pydantic/genai-prices`);
});

describe("a wrong file is a usage error that names the place", () => {
  const cases: [content: unknown, words: string][] = [
    ["{", "not a price file"],
    [[], "the file"],
    [{ models: { "openai/gpt-x": { input: "1" } } }, "models.openai/gpt-x.input"],
    [{ models: { "openai/gpt-x": { input: 1, output: -1 } } }, "models.openai/gpt-x.output"],
    [{ models: { "openai/gpt-x": { input: 1, output: 1, cached: 1 } } }, "cached"],
    [{ models: { "opnai/gpt-x": { input: 1, output: 1 } } }, 'did you mean "openai/gpt-x"?'],
  ];
  test.each(cases)("%j", async (content, words) => {
    using place = await withFile(content);
    const opening = openPrices({ file: place.file });
    await expect(opening).rejects.toThrow(UsageError);
    await expect(opening).rejects.toThrow(words);
    await expect(opening).rejects.toThrow(place.file);
  });

  test("one that is not there", async () => {
    await expect(openPrices({ file: "/nonexistent/prices.json" })).rejects.toThrow(
      "not a price file",
    );
  });
});
