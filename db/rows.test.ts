import { expect, test } from "bun:test";
import { inParts } from "./rows.ts";

test.each([0, 1, 99, 100, 101, 250])(
  "%i rows are all there, in order, at most a hundred together",
  (count) => {
    const rows = Array.from({ length: count }, (_, row) => row);
    const parts = inParts(rows);
    expect(parts.flat()).toEqual(rows);
    expect(parts.every(({ length }) => length > 0 && length <= 100)).toBe(true);
  },
);
