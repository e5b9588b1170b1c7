import { describe, expect, test } from "bun:test";
import { readTestBytes } from "../counts.ts";
import { FORMATS, type Formats, FRAMEWORKS, loadFormats, Recognition } from "./registry.ts";
import type { Format, Reader, Run } from "./types.ts";

test("every format has the name of its row", async () => {
  expect((await loadFormats(FORMATS)).map(({ name }) => name)).toEqual([...FRAMEWORKS]);
});

describe("an output calls for", () => {
  const CASES: [output: string, seen: string[]][] = [
    ["", []],
    ["hello\nworld\n", []],
    ["============================= test session starts =====\n", ["pytest"]],
    ["3 passed in 0.12s", ["pytest"]],
    ["=== RUN   TestA\n--- PASS: TestA (0.00s)\nPASS\nok  \tex.com/a\t0.1s\n", ["go"]],
    ["running 1 test\ntest a ... ok\n", ["cargo"]],
    ["PASS src/a.test.ts\n", ["jest"]],
    [" RUN  v3.0.0 /x\n", ["vitest"]],
    ["bun test v1.2.3\n(pass) x\n", ["bun"]],
    ["TAP version 13\n", ["node"]],
  ];
  test.each(CASES)("%j: %p", (output, seen) => {
    const recognition = new Recognition(FORMATS);
    for (const line of output.split("\n")) recognition.line(line);
    expect([...recognition.seen]).toEqual(seen);
  });
});

/** `N examples, M failures`, the whole of what RSpec's progress form ends with. */
class ExamplesReader implements Reader {
  readonly #runs: Run[] = [];

  line(text: string, number: number): void {
    const [, all, failures] = /^(\d+) examples?, (\d+) failures?$/.exec(text) ?? [];
    if (all === undefined) return;
    const failed = Number(failures);
    this.#runs.push({
      ...{ certainty: "whole", first_line: number, last_line: number, tests: [] },
      counts: { passed: Number(all) - failed, failed, skipped: 0, errors: 0 },
    });
  }

  end(): Run[] {
    return this.#runs;
  }
}

test("one more format is one object and one row, loaded for its own outputs alone", async () => {
  let loads = 0;
  const rspec: Format = { name: "rspec", read: () => new ExamplesReader() };
  const load = async () => {
    loads++;
    return rspec;
  };
  const formats: Formats = { ...FORMATS, rspec: { recognises: /^\d+ examples?, /, load } };
  const read = (text: string) => readTestBytes(Buffer.from(text), {}, formats);
  expect(await read("TAP version 13\n")).toMatchObject({ frameworks: [] });
  expect(loads).toBe(0);
  expect(await read("...F\n\n\u001b[31m4 examples, 1 failure\u001b[0m\n")).toMatchObject({
    ...{ frameworks: ["rspec"], passed: 3, failed: 1, runs: 1, summary: true },
  });
  expect(loads).toBe(1);
});
