import { expect, test } from "bun:test";
import { chunks, sum, sumOf, wholeSum } from "./lists.ts";

test("sums of nothing, of numbers, and of parts that nobody knows", () => {
  expect([sum([]), sum([1, 2.5]), sumOf(["a", "bc"], ({ length }) => length)]).toEqual([0, 3.5, 3]);
  expect([wholeSum([]), wholeSum([1, 2]), wholeSum([1, null, 2])]).toEqual([0, 3, null]);
});

const cases: [items: number, size: number, expected: number[]][] = [
  [0, 3, []],
  [3, 3, [3]],
  [7, 3, [3, 3, 1]],
  [2, 100, [2]],
];
test.each(cases)("%p items in pieces of %p", (items, size, expected) => {
  const list = Array.from({ length: items }, (_, at) => at);
  expect(chunks(list, size).map(({ length }) => length)).toEqual(expected);
  expect(chunks(list, size).flat()).toEqual(list);
});

test.each([0, -1, Number.NaN])("pieces of %p are refused", (size) => {
  expect(() => chunks([1], size)).toThrow(RangeError);
});
