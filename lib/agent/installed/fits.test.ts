import { describe, expect, test } from "bun:test";
import type { Platform } from "../../sandbox/sandbox.ts";
import { interpreterFor, packagesFor } from "./fits.ts";
import { buildName, platformName } from "./interpreter.ts";
import { type Program, programFields } from "./program.ts";
import { shippedProgram } from "./shipped.ts";

const base = { means: "", version: "1", wire: "chat", bin: "" } as const;
const programOn = (...python: string[]): Program => ({
  ...{ ...programFields({ ...base, python }), name: "mine", sha256: "" },
});

describe("what an image has decides", () => {
  const fit = (name: string, platform: Platform) => packagesFor(shippedProgram(name), platform);
  test("the packages", () => {
    expect(fit("claude_code", { libc: "musl" })[0]).toEndWith("-musl@2.1.197");
    expect(fit("claude_code", { libc: "glibc" })[0]).not.toContain("musl");
    expect(fit("codex", { libc: "musl" })).toEqual(fit("codex", { libc: "glibc" }));
  });
  test.each([
    ["gemini_cli", { libc: "musl" }, "has no packages for musl"],
    ["claude_code", { libc: "none" }, "has no packages for an image with neither glibc nor musl"],
  ] as const)("%s on %j is refused", (name, platform, message) => {
    expect(() => fit(name, platform)).toThrow(message);
  });

  type Row = [
    runs: readonly string[],
    image: Platform,
    arch: string,
    version: string,
    build: string,
    wheels: string,
  ];
  const own = "the image's own";
  const both = ["3.12", "3.10"];
  const brought = ["cpython-3.12-linux-x86_64-gnu", "x86_64-manylinux_2_28"] as const;
  const ROWS: Row[] = [
    [both, { libc: "glibc", python: "3.12" }, "x64", "3.12", own, "x86_64-manylinux_2_28"],
    [both, { libc: "glibc", python: "3.10" }, "x64", "3.10", own, "x86_64-manylinux_2_28"],
    [both, { libc: "musl", python: "3.10" }, "arm64", "3.10", own, "aarch64-unknown-linux-musl"],
    [both, { libc: "glibc", python: "3.9" }, "x64", "3.12", ...brought],
    [both, { libc: "glibc", python: "3.11" }, "x64", "3.12", ...brought],
    [both, { libc: "glibc", python: "3.13" }, "x64", "3.12", ...brought],
    [both, { libc: "glibc" }, "x64", "3.12", ...brought],
    [
      ...([["3.12"], { libc: "glibc" }, "arm64", "3.12"] as const),
      ...(["cpython-3.12-linux-aarch64-gnu", "aarch64-manylinux_2_28"] as const),
    ],
    [
      ...([["3.13"], { libc: "musl" }, "x64", "3.13"] as const),
      ...(["cpython-3.13-linux-x86_64-musl", "x86_64-unknown-linux-musl"] as const),
    ],
    [
      ...([["3.12"], { libc: "musl", python: "3.11" }, "arm64", "3.12"] as const),
      ...(["cpython-3.12-linux-aarch64-musl", "aarch64-unknown-linux-musl"] as const),
    ],
  ];
  test.each(ROWS)(
    "the Python: of %j on %j, %s: %s, %s",
    (runs, image, arch, version, build, wheels) => {
      const found = interpreterFor(programOn(...runs), image);
      expect(found).toEqual({ version, libc: image.libc as "glibc", brought: build !== own });
      if (found === undefined) return;
      if (found.brought) expect(buildName(found, arch)).toBe(build);
      expect(platformName(found, arch)).toBe(wheels);
    },
  );

  test("a program without Python needs none, and one with it has none without a C library", () => {
    expect(interpreterFor(shippedProgram("codex"), { libc: "none" })).toBeUndefined();
    expect(() => interpreterFor(programOn("3.12"), { libc: "none", python: "3.12" })).toThrow(
      "mine 1 needs Python 3.12, and there is none for an image with neither glibc nor musl",
    );
  });
});
