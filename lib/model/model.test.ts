import { expect, test } from "bun:test";
import { addUsage, NO_USAGE } from "./model.ts";

test("usage is summed kind by kind", () => {
  const one = { ...NO_USAGE, input_tokens: 1, output_tokens: 2, reasoning_tokens: 3 };
  const two = { ...NO_USAGE, input_tokens: 10, cache_read_tokens: 20, cache_write_tokens: 30 };
  expect(addUsage(one, two)).toEqual({
    input_tokens: 11,
    output_tokens: 2,
    cache_read_tokens: 20,
    cache_write_tokens: 30,
    reasoning_tokens: 3,
  });
});
