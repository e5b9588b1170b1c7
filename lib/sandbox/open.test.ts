// Owns the cases of backends' names.
import { expect, test } from "bun:test";
import { UsageError } from "../core/fault.ts";
import { backendName, openBackend } from "./open.ts";

test("the local backend opens under its name", async () => {
  const backend = await openBackend({
    name: "local",
    log_dir: "logs",
    hidden: [],
    unsafe_local: true,
  });
  expect(backend.name).toBe("local");
});

test.each(["", "locl", "LOCAL", "toString"])('"%s" is no backend', (name) => {
  expect(() => backendName(name)).toThrow(UsageError);
  expect(() => backendName(name)).toThrow(
    /unknown backend ".*"(: did you mean "local"\?| \(there are local, docker\))/,
  );
});
