import { expect, test } from "bun:test";
import { mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../core/files.ts";
import { temporaryFolder } from "../core/testing.ts";
import { folderEntries, packBundle, unpackBundle, writeEntries } from "./bundle.ts";

test("18: a folder comes back as it was, and one with the same content has the same hash", () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at("one/é b"), { recursive: true });
  const bytes = Uint8Array.from({ length: 256 }, (_, value) => value);
  writeFileSync(at("one/é b/all"), bytes);
  writeFileSync(at("one/run.sh"), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(at("one/empty"), "");
  symlinkSync("run.sh", at("one/link"));
  const bundle = packBundle(folderEntries(at("one")));
  writeEntries(at("two"), unpackBundle(bundle));
  expect(
    folderEntries(at("two"))
      .map(({ path }) => path)
      .toSorted(),
  ).toEqual(["empty", "link", "run.sh", "é b/all"].toSorted());
  expect(statSync(at("two/run.sh")).mode & 0o777).toBe(0o755);
  expect(sha256(packBundle(folderEntries(at("two"))))).toBe(sha256(bundle));
  expect(packBundle(folderEntries(at("one")).toReversed())).toEqual(bundle);
});

test.each(["../out", "/etc/passwd", "a/../../b", "", "a//b", "./a"])(
  "18: a bundle with the path %p is refused",
  (path) => {
    const bundle = packBundle([{ path, bytes: new Uint8Array(1) }]);
    expect(() => unpackBundle(bundle)).toThrow(expect.objectContaining({ code: "bad_file" }));
  },
);

test("18: bytes that are no bundle, or not all of one, are refused", () => {
  const whole = packBundle([{ path: "a", bytes: Buffer.from("text") }]);
  const inner = Bun.zstdDecompressSync(new Uint8Array(whole));
  const cut = Bun.zstdCompressSync(inner.subarray(0, inner.length - 1));
  for (const bytes of [new Uint8Array(), Buffer.from("text"), whole.subarray(0, 9), cut])
    expect(() => unpackBundle(bytes)).toThrow(expect.objectContaining({ code: "bad_file" }));
});
