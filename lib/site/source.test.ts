import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SOURCES, type Source } from "./source.ts";

describe("the source", () => {
  const sources: [string, Source][] = Object.entries(SOURCES);
  test.each(sources)("%s exists", (_, { file, names = [] }) => {
    const text = readFileSync(join(import.meta.dir, "../..", file), "utf8");
    const absent = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
    expect(absent).toEqual([]);
  });
});
