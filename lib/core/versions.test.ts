import { describe, expect, test } from "bun:test";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "./testing.ts";
import { gitVersion, TANDEM_VERSION } from "./versions.ts";

test("Tandem's version is its package's", () => {
  const text = readFileSync(join(import.meta.dir, "../../package.json"), "utf8");
  expect(text).toContain(`"version": "${TANDEM_VERSION}"`);
});

test("the real git is new enough", async () => {
  expect(await gitVersion()).toMatch(/^\d+\.\d+/);
});

describe("git as it may be found", () => {
  const cases: [printed: string | undefined, answer: string][] = [
    ["git version 2.38.0", "2.38.0"],
    ["git version 2.39.5 (Apple Git-154)", "2.39.5 (Apple Git-154)"],
    ["git version 2.47.0.windows.1", "2.47.0.windows.1"],
    ["git version 3.0.0", "3.0.0"],
    ["git version 2.37.9", "git_too_old"],
    ["git version 1.99.0", "git_too_old"],
    ["something else", "git_too_old"],
    [undefined, "git_too_old"],
  ];
  test.each(cases)("%p gives %p", (printed, answer) => {
    using folder = temporaryFolder();
    if (printed !== undefined) {
      const program = join(folder.path, "git");
      writeFileSync(program, `#!/bin/sh\necho '${printed}'\n`);
      chmodSync(program, 0o755);
    }
    const ask = `
      const { gitVersion } = await import(${JSON.stringify(join(import.meta.dir, "versions.ts"))});
      console.log(await gitVersion().catch((error) => error.code));`;
    const child = Bun.spawnSync([process.execPath, "-e", ask], { env: { PATH: folder.path } });
    expect(child.stdout.toString() + child.stderr.toString()).toBe(`${answer}\n`);
  });
});
