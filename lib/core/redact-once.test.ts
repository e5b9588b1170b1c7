import { expect, test } from "bun:test";
import { neverChanges, redactDeep } from "./redact.ts";

test("what never changes is looked through once, and again when a secret is new", () => {
  let looks = 0;
  const turn = neverChanges({
    get content() {
      looks++;
      return "one-secret-1 and other-secret-2";
    },
  });
  const env: Record<string, string> = { A_API_KEY: "one-secret-1" };
  const [first, second] = [redactDeep([turn], env), redactDeep([turn], env)];
  expect(first).toEqual([{ content: "[redacted] and other-secret-2" }]);
  expect({ looks, same: second[0] === first[0] }).toEqual({ looks: 1, same: true });
  env.B_API_KEY = "other-secret-2";
  expect(redactDeep([turn], env)).toEqual([{ content: "[redacted] and [redacted]" }]);
});
