import { expect, test } from "bun:test";
import { Fault } from "../core/fault.ts";
import { readIndex } from "./index-file.ts";

const head = (entries: number) =>
  Buffer.from([0x44, 0x49, 0x52, 0x43, 0, 0, 0, 2, 0, 0, 0, entries]);

test("an index of no entries is empty", () => {
  expect([...readIndex(head(0))]).toEqual([]);
});

const CASES: [name: string, bytes: Buffer][] = [
  ["nothing", Buffer.alloc(0)],
  ["another version", Buffer.from("DIRC\0\0\0\u0004\0\0\0\0")],
  ["a promise of entries", head(200)],
  ["half an entry", Buffer.concat([head(1), Buffer.alloc(40)])],
  ["a path without an end", Buffer.concat([head(1), Buffer.alloc(80, "x")])],
];
test.each(CASES)("%s is a fault", (_, bytes) => {
  expect(() => readIndex(bytes)).toThrow(Fault);
});
