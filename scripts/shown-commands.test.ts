import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describeWith, temporaryFolder } from "../lib/core/testing.ts";

// The demo and a study, on machines that may be busy.
setDefaultTimeout(600_000);

const ROOT = join(import.meta.dir, "..");
/** What a block may need that a test machine lacks. */
const NEEDS = ["key", "docker", "network", "dataset", "install", "logs", "time", "browser"];
/** Later pages go on from what these leave behind. */
const FIRST = ["README.md", "docs/tutorial.md", "docs/studies.md"];

type Block = {
  readonly page: string;
  readonly info: string;
  readonly text: string;
  readonly line: number;
};

const others = readdirSync(join(ROOT, "docs"))
  .filter((name) => name.endsWith(".md"))
  .map((name) => `docs/${name}`)
  .filter((page) => !FIRST.includes(page));
const blocks = [...FIRST, ...others.sort()].flatMap(blocksOf);
const commands = blocks.filter(({ info }) => info.startsWith("sh"));
const runnable = commands.filter(({ info }) => info === "sh");

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(ROOT, page), "utf8");
  const found = text.matchAll(/^```(\w.*)\n([\s\S]*?)^```$/gm);
  return [...found].map(({ index, 1: info = "", 2: block = "" }) => {
    return { page, info, text: block, line: text.slice(0, index).split("\n").length };
  });
}

/** The name that the first line of a file's text gives it in a comment. */
function fileName({ info, text }: Block): string | undefined {
  return info.startsWith("sh") ? undefined : /^(?:#|\/\/) ([\w-]+\.(?:toml|ts)):/.exec(text)?.[1];
}

test("U4: what a block needs is one of a few things, and most blocks need nothing", () => {
  const marks = commands.filter(({ info }) => info !== "sh").map(({ info }) => info);
  expect(marks.filter((info) => !NEEDS.some((need) => info === `sh needs=${need}`))).toEqual([]);
  expect(runnable.length).toBeGreaterThan(20);
});

test("U4: no block is in another shell's name, where no test would run it", () => {
  const shells = blocks.filter(({ info }) => /^(bash|shell|console|zsh)\b/.test(info));
  expect(shells).toEqual([]);
});

describeWith("sqlite3", "U4: in a fresh folder", () =>
  describeWith("bwrap", "with isolation", () => {
    const folder = temporaryFolder("tandem-shown");
    afterAll(() => folder[Symbol.dispose]());
    const npx = join(folder.path, ".bin/npx");
    mkdirSync(dirname(npx));
    // A clone has it, and a first dry run reads there that nothing is done yet.
    mkdirSync(join(folder.path, "db"));
    // What npx does once it has found the program, without the second that it takes to find it.
    const start = `exec '${process.execPath}' '${join(ROOT, "bin/tandem.js")}' "$@"`;
    writeFileSync(npx, `#!/bin/sh\n[ "$1" = tandem ] || exit 127\nshift\n${start}\n`);
    chmodSync(npx, 0o755);
    const env: Record<string, string | undefined> = {
      ...process.env,
      PATH: `${dirname(npx)}:${process.env.PATH}`,
    };

    const [ofReadme = [], ofDocs = []] = [true, false].map((wanted) =>
      blocks.filter(
        (block) =>
          (block.page === "README.md") === wanted &&
          (block.info === "sh" || fileName(block) !== undefined),
      ),
    );
    const done = (block: Block) => {
      const name = fileName(block);
      if (name !== undefined) writeFileSync(join(folder.path, name), block.text);
      else expect(follow(block.text)).toEqual({ exitCode: 0, talk: "" });
    };

    test.each(ofReadme)("$page, line $line", done);

    test("git sees nothing new in a clone after README's commands", () => {
      const ignoring = ["-c", `core.excludesFile=${join(ROOT, ".gitignore")}`];
      const git = (...words: string[]) =>
        Bun.spawnSync(["git", ...ignoring, ...words], { cwd: folder.path }).stdout.toString();
      git("init", "-q");
      const seen = git("status", "--porcelain", "--untracked-files=all");
      rmSync(join(folder.path, ".git"), { recursive: true });
      // The npx of this test is in no clone.
      expect(seen).toBe("?? .bin/npx\n");
    });

    // README's run everywhere. The docs' take half a minute of processor time: the full check runs them.
    const isFull = Boolean(process.env.TANDEM_REQUIRE);
    if (!isFull)
      process.stderr.write(
        "skipped: U4: commands of docs/: they run in the full check alone, where TANDEM_REQUIRE is set\n",
      );

    test.skipIf(!isFull).each(ofDocs)("$page, line $line", done);

    test.skipIf(!isFull)("what they were to leave is there", () => {
      for (const path of ["first/report.md", "first/site/index.html", "report.tex", "mine-too.md"])
        expect([path, existsSync(join(folder.path, path))]).toEqual([path, true]);
    });

    function follow(text: string): { exitCode: number; talk: string } {
      const { exitCode, stderr } = Bun.spawnSync(["bash", "-euo", "pipefail", "-c", text], {
        cwd: folder.path,
        env,
        stdout: "ignore",
      });
      const talk = exitCode === 0 ? "" : stderr.toString();
      return { exitCode, talk };
    }
  }),
);

describe("reading blocks", () => {
  const CASES: [info: string, text: string, name: string | undefined][] = [
    ["toml", "# mine.toml: a study.\nname = 1\n", "mine.toml"],
    ["ts", "// idle.ts: an agent.\n", "idle.ts"],
    ["ts", 'import type { A } from "tandem";\n', undefined],
    ["sh", "# a.toml: not a file\n", undefined],
  ];
  test.each(CASES)("%s %p", (info, text, name) => {
    expect(fileName({ page: "x", line: 1, info, text })).toBe(name);
  });
});
