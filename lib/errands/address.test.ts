import { expect, test } from "bun:test";
import { withoutPassword, withPassword } from "./address.ts";

const FULL = "rediss://ann:s3cr%2Ft-Pass9@queue.example:7000/2";
const SENT = "rediss://ann:hidden@queue.example:7000/2";

test("18: an address travels without its password, which comes from the other side's own environment", () => {
  expect(withoutPassword(FULL)).toBe(SENT);
  for (const sources of [
    { env: { ANY_NAME: "rediss://ann:s3cr%2Ft-Pass9@queue.example:7000/0" }, argv: [] },
    { env: { OTHER: "rediss://bob:wrong@queue.example:7000" }, argv: ["--redis", FULL] },
  ])
    expect(withPassword(SENT, "mailbox_gone", sources)).toBe(FULL);
});

test.each(["redis://queue.example:6379", "http://localhost:8000/v1", "auto"])(
  "18: %s has none, and travels as it is",
  (address) => {
    expect(withoutPassword(address)).toBe(address);
    expect(withPassword(address, "model_auth", { env: {}, argv: [] })).toBe(address);
  },
);

test("18: a password that is not there is a fault that says where to put it", () => {
  const env = { REDIS: "rediss://bob:else@queue.example:7000", PORT: "rediss://ann:a@other:7000" };
  expect(() => withPassword(SENT, "mailbox_gone", { env, argv: [] })).toThrow(
    expect.objectContaining({
      code: "mailbox_gone",
      message: "this machine has no password for rediss://queue.example:7000",
    }),
  );
});
