import { expect, test } from "bun:test";
import { z } from "zod";
import { safeParse } from "./safe-parse.ts";

const schema = z.object({
  name: z.string().min(1),
  list: z.array(z.string().max(3)).min(1).optional(),
});
const CASES: [given: unknown, problem: string | undefined][] = [
  [{ name: "x", list: ["a"] }, undefined],
  [{ name: "" }, "Too small"],
  [{ name: { length: 0 } }, "expected string"],
  [{ name: { length: { toString: 1 } } }, '"length"'],
  [{ name: "x", list: { length: Object.create(null) } }, '"length"'],
];
test.each(CASES)("%j", (given, problem) => {
  const parsed = safeParse(schema, given);
  expect(parsed.success).toBe(problem === undefined);
  expect(parsed.error?.issues[0]?.message ?? "").toContain(problem ?? "");
});
