import { expect, test } from "bun:test";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "../core/testing.ts";
import { PLATFORM_SCRIPT, platformFrom } from "./platform.ts";

/** Files of a system, those with a target being links. */
const SYSTEMS: [name: string, files: Record<string, string | null>, libc: string][] = [
  ["Debian", { "lib64/ld-linux-x86-64.so.2": null }, "glibc"],
  [
    "an older Debian, its loader a link",
    {
      "lib/x86_64-linux-gnu/ld-2.31.so": null,
      "lib64/ld-linux-x86-64.so.2": "../lib/x86_64-linux-gnu/ld-2.31.so",
    },
    "glibc",
  ],
  [
    "Debian with the package musl",
    { "lib/ld-musl-x86_64.so.1": null, "lib64/ld-linux-x86-64.so.2": null },
    "glibc",
  ],
  ["glibc on ARM", { "lib/ld-linux-aarch64.so.1": null }, "glibc"],
  ["Alpine", { "lib/ld-musl-x86_64.so.1": null }, "musl"],
  ["Alpine on ARM", { "lib/ld-musl-aarch64.so.1": null }, "musl"],
  [
    "Alpine with gcompat",
    {
      "lib/ld-musl-x86_64.so.1": null,
      "lib/libgcompat.so.0": null,
      "lib/ld-linux-x86-64.so.2": "libgcompat.so.0",
    },
    "musl",
  ],
  [
    "Alpine with libc6-compat",
    { "lib/ld-musl-x86_64.so.1": null, "lib64/ld-linux-x86-64.so.2": "../lib/ld-musl-x86_64.so.1" },
    "musl",
  ],
  ["busybox alone", { "bin/busybox": null }, "none"],
  ["a loader that leads nowhere", { "lib64/ld-linux-x86-64.so.2": "nowhere" }, "none"],
];
test.each(SYSTEMS)("%s: %j has %s", (_name, files, libc) => {
  using folder = temporaryFolder();
  for (const [path, target] of Object.entries(files)) {
    const at = join(folder.path, path);
    mkdirSync(dirname(at), { recursive: true });
    if (target === null) writeFileSync(at, "");
    else symlinkSync(target, at);
  }
  const { stdout, exitCode } = Bun.spawnSync(["sh", "-c", PLATFORM_SCRIPT, "sh", folder.path]);
  expect(exitCode).toBe(0);
  expect(platformFrom(stdout.toString()).libc).toBe(libc as never);
});

test("Python's version is the first two numbers; a Python 2 is none", () => {
  expect(platformFrom("glibc\nPython 3.11.2\n")).toEqual({ libc: "glibc", python: "3.11" });
  expect(platformFrom("musl\nPython 2.7.18\n")).toEqual({ libc: "musl", python: undefined });
});
