import { expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { REDIS_PASSWORD, withPassword } from "./password.ts";

const CASES: [url: string, password: string | undefined, opened: string][] = [
  ["redis://head:6379/2", undefined, "redis://head:6379/2"],
  ["redis://head", "", "redis://head"],
  ["redis://head:6379/2", "a b@c/%", "redis://:a%20b%40c%2F%25@head:6379/2"],
  ["rediss://me@head", "secret", "rediss://me:secret@head"],
  ["redis://:own@head", "secret", "redis://:own@head"],
];
test.each(CASES)("%s with the variable %p is %s", (url, password, opened) => {
  expect(withPassword(url, { [REDIS_PASSWORD]: password })).toBe(opened);
});

test("what is not an address of Redis is refused, with and without a password", () => {
  for (const env of [{}, { [REDIS_PASSWORD]: "secret" }])
    expect(() => withPassword("http://head", env)).toThrow(UsageError);
});
