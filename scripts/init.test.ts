import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../lib/core/testing.ts";
import { bubblewrapWorks } from "../lib/sandbox/local/isolation.ts";
import { jsonLines } from "./cli.fixture.ts";

// A study, on machines that may be busy.
setDefaultTimeout(120_000);

const ROOT = join(import.meta.dir, "..");

function place() {
  const folder = temporaryFolder("tandem-init");
  return {
    at: (...parts: string[]) => join(folder.path, ...parts),
    /** As in README: no flag says where things are. */
    call(...words: string[]) {
      const command = [process.execPath, join(ROOT, "scripts/tandem.ts"), ...words];
      const { exitCode, stdout, stderr } = Bun.spawnSync(command, { cwd: folder.path });
      return { code: exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

describe("init", () => {
  test("writes a study that is planned, run and reported without a key, and says what comes next", () => {
    using here = place();
    const { code, stdout, stderr } = here.call("init", "studies/first.toml");
    expect({ code, paths: jsonLines(stdout).map(({ path }) => path) }).toEqual({
      code: 0,
      paths: ["studies/first.toml", "studies/study.schema.json"],
    });
    expect(stderr).toContain("next: npx tandem pipeline -f studies/first.toml --dry-run");

    const unsafe = bubblewrapWorks() ? [] : ["--set", "sandbox.unsafe_local=true"];
    const study = ["pipeline", "-f", "studies/first.toml", "--set", "pairs.limit=2", ...unsafe];
    const planned = here.call(...study, "--dry-run");
    expect([
      planned.code,
      jsonLines(planned.stdout).map(({ run, to_run }) => [run, to_run]),
    ]).toEqual([0, ["gold", "coop", "solo"].map((arm) => [`first-${arm}`, 2])]);
    const done = here.call(...study);
    expect([done.code, done.code === 0 ? "" : done.stderr]).toEqual([0, ""]);
    expect(readFileSync(here.at("studies/first/report.md"), "utf8")).toContain("first-coop");
  });

  test("keeps a file that exists, unless told otherwise", () => {
    using here = place();
    writeFileSync(here.at("study.toml"), "mine");
    const { code, stderr } = here.call("init");
    expect(code).toBe(2);
    expect(stderr).toContain("study.toml already exists: name another file, or give --force");
    expect(readFileSync(here.at("study.toml"), "utf8")).toBe("mine");
    expect(existsSync(here.at("study.schema.json"))).toBe(false);

    writeFileSync(here.at("study.schema.json"), "mine");
    expect(here.call("init", "other.toml").stderr).toContain("study.schema.json already exists");
    expect(existsSync(here.at("other.toml"))).toBe(false);

    expect(here.call("init", "--force").code).toBe(0);
    expect(readFileSync(here.at("study.toml"), "utf8")).toContain('name = "study"');
    const schema = readFileSync(here.at("study.schema.json"), "utf8");
    expect(schema).toBe(readFileSync(join(ROOT, "docs/study.schema.json"), "utf8"));
    expect(here.call("init", "other.toml").code).toBe(0);
  });

  const WRONG: [words: string[], says: string][] = [
    [["folder"], "folder is a folder: name a file in it, such as folder/first.toml"],
    [["study.md"], 'a study is a .toml file, such as first.toml, not "study.md"'],
    [["my study.toml"], 'the file gives the study its name: run name "my study" must be'],
    [["a.toml", "b.toml"], 'one file at a time, not "a.toml b.toml"'],
    [["--nme"], "unknown flag --nme"],
  ];
  test.each(WRONG)("%p is refused in one line", (words, says) => {
    using here = place();
    mkdirSync(here.at("folder"));
    const { code, stderr } = here.call("init", ...words);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("pipeline --list", () => {
  test("names the targets, and a study's arms, and leaves nothing behind", () => {
    using here = place();
    here.call("init", "first.toml");
    const rows = jsonLines(here.call("pipeline", "--list").stdout);
    expect(rows.map(({ target }) => target)).toEqual([
      ...["dataset", "sample", "run", "merge", "eval", "report"],
    ]);
    expect(rows.every(({ does }) => typeof does === "string" && does.length > 10)).toBe(true);
    const set = ["--set", "arms.coop.max_steps=7"];
    const { code, stdout } = here.call("pipeline", "-f", "first.toml", "--list", ...set);
    expect(code).toBe(0);
    expect(jsonLines(stdout).slice(rows.length)).toMatchObject([
      { arm: "gold", run: "first-gold", agent: "gold", model: null },
      { arm: "coop", run: "first-coop", model: "replay/demo", settings: "max_steps 7" },
      { arm: "solo", run: "first-solo", setting: "solo" },
    ]);
    expect([existsSync(here.at("db")), existsSync(here.at("logs"))]).toEqual([false, false]);
  });

  test("of a file that is no study is refused", () => {
    using here = place();
    const { code, stderr } = here.call("pipeline", "-f", "none.toml", "--list");
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("no study none.toml"),
    });
  });
});
