import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { COMMANDS } from "../lib/cli/groups.ts";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";

// Packing, and installing in the full check, on machines that may be busy.
setDefaultTimeout(600_000);

const ROOT = join(import.meta.dir, "..");
const folder = temporaryFolder("tandem-pack");
afterAll(() => folder[Symbol.dispose]());

function call(command: readonly string[], cwd: string): string {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], { cwd });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${exitCode}: ${stderr}`);
  return stdout.toString();
}

describe("the package", () => {
  let files: ReadonlySet<string>;
  let tarball: string;
  beforeAll(() => {
    const told = call(
      ["npm", "pack", "--json", "--ignore-scripts", "--pack-destination", folder.path],
      ROOT,
    );
    const [packed]: { filename: string; files: { path: string }[] }[] = JSON.parse(told);
    files = new Set(packed?.files.map(({ path }) => path));
    tarball = join(folder.path, packed?.filename ?? "");
  });

  test("holds all that commands need, and nothing of tests, logs or ledgers", () => {
    for (const name of [...COMMANDS, "tandem"]) expect(files).toContain(`scripts/${name}.ts`);
    for (const path of [
      "bin/tandem.js",
      "README.md",
      "LICENSE",
      "docs/tutorial.md",
      "docs/study.schema.json",
    ])
      expect(files).toContain(path);
    const tracked = call(["git", "ls-files", "db", "dataset/demo_task", "docs"], ROOT)
      .trim()
      .split("\n");
    // npm packs no .gitignore, whatever is asked for; the demo's results are the same without its own.
    // The demo's agents wait for each other's commits for minutes where their repository lacks its tests.
    const ours = /^(db|lib|scripts)\/.*\.(test|fixture)\./;
    const wanted = tracked.filter((path) => !ours.test(path) && !path.endsWith(".gitignore"));
    expect(wanted.filter((path) => !files.has(path))).toEqual([]);
    const needless = /\.sqlite|^logs\/|^scripts\/dev\//;
    expect([...files].filter((path) => ours.test(path) || needless.test(path))).toEqual([]);
  });

  test("has every file that a file in it imports", () => {
    const missing = [...files]
      .filter((path) => path.endsWith(".ts"))
      .flatMap((path) => {
        const text = readFileSync(join(ROOT, path), "utf8");
        const named = text.matchAll(
          /\bfrom "(\.\.?\/[^"]+\.\w+)"|\bimport\("(\.\.?\/[^"]+\.\w+)"\)/g,
        );
        return [...named].flatMap(([, from, later]) => {
          const target = normalize(join(dirname(path), from ?? later ?? ""));
          return files.has(target) ? [] : [`${path}: ${target}`];
        });
      });
    expect(missing).toEqual([]);
  });

  test("works from an empty folder: a pair is run, merged, tested and reported", () => {
    const at = join(folder.path, "empty");
    const modules = join(at, "node_modules");
    mkdirSync(join(modules, "tandem"), { recursive: true });
    call(["tar", "-xzf", tarball, "--strip-components=1", "-C", join(modules, "tandem")], at);
    for (const name of readdirSync(join(ROOT, "node_modules")))
      if (name !== "tandem") symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
    const tandem = (...words: string[]) =>
      call(["node", "node_modules/tandem/bin/tandem.js", ...words], at);
    expect(tandem("--version")).toMatch(/^\d+\.\d+\.\d+\n$/);
    const key = "demo_task/task1/features_1_2";
    expect(tandem("run-pair", "-n", "x", "-a", "gold", key)).toContain('"outcome":"submitted"');
    expect(tandem("eval", "-n", "x")).toContain('"outcome":"passed"');
    expect(JSON.parse(tandem("report", "-n", "x"))).toMatchObject({
      runs: [{ run: "x", passed: 1 }],
    });
    expect(readdirSync(at).sort()).toEqual(["db", "logs", "node_modules"]);
  });

  describeWith("install", "installed by npm", () => {
    test("is there as `npx tandem`, and its demo ends with a finding", () => {
      const at = join(folder.path, "installed");
      mkdirSync(at);
      call(["npm", "install", "--no-fund", "--no-audit", tarball], at);
      expect(call(["npx", "--no-install", "tandem", "help", "demo"], at)).toContain(
        "Usage: tandem demo",
      );
      expect(call(["npx", "--no-install", "tandem", "demo"], at)).toContain("passed 9 of 10 pairs");
    });
  });
});
