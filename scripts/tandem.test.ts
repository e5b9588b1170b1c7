import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS, FIRST, GROUPS } from "../lib/cli/groups.ts";
import { temporaryFolder } from "../lib/core/testing.ts";

// Packing and installing, on machines that may be busy.
setDefaultTimeout(600_000);

const ROOT = join(import.meta.dir, "..");
type Options = { readonly cwd?: string; readonly env?: Record<string, string> };

function call(command: readonly string[], { cwd = ROOT, env = {} }: Options = {}) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([...command], {
    cwd,
    env: { ...process.env, ...env },
  });
  return { code: exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}
const tandem = (...words: string[]) => call([process.execPath, "scripts/tandem.ts", ...words]);

describe("alone", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])(
    "with %p it lists the commands in groups",
    (words) => {
      const { code, stdout } = tandem(...words);
      expect(code).toBe(0);
      for (const title of Object.keys(GROUPS))
        expect(stdout.toLowerCase()).toContain(`\n\n${title}:\n`);
      for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${name} +[A-Z]`, "m"));
      for (const line of Object.keys(FIRST)) expect(stdout).toContain(`  tandem ${line} `);
      expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
    },
  );
});

describe("a command", () => {
  test.each([["merge"], ["status"], ["docs"], ["completion"]])(
    "%s is that of its script",
    (name) => {
      const direct = call([process.execPath, `scripts/${name}.ts`, "--help"]);
      expect(direct.code).toBe(0);
      expect(direct.stdout).toContain(`Usage: tandem ${name} [OPTIONS]`);
      expect(tandem(name, "--help")).toEqual(direct);
      expect(tandem("help", name)).toEqual(direct);
    },
  );

  const WRONG: [words: string[], says: string][] = [
    [["repot"], 'unknown command "repot": did you mean report?'],
    [["run"], 'unknown command "run": did you mean run-pair?'],
    [["run_pair"], 'unknown command "run_pair": did you mean run-pair?'],
    [["Merge"], 'unknown command "Merge": did you mean merge?'],
    [["xyzzy"], 'unknown command "xyzzy" (tandem alone lists all commands)'],
    [["help", "evl"], 'unknown command "evl": did you mean eval?'],
    [["--nme", "x"], "unknown flag --nme"],
    [["merge", "--nme", "x"], "unknown flag --nme: did you mean --name?"],
    [["docs", "concept"], 'unknown page "concept": did you mean "concepts"?'],
    [["completion", "bsh"], 'unknown shell "bsh": did you mean "bash"?'],
    [["completion"], "completion takes one shell: bash, zsh, fish"],
  ];
  test.each(WRONG)("%p is refused with one line and exit status 2", (words, says) => {
    const { code, stdout, stderr } = tandem(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(says);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

describe("bin/tandem.js", () => {
  test.each([["node"], [process.execPath]])(
    "%s hands words and the exit status over",
    (runtime) => {
      expect(call([runtime, "bin/tandem.js", "--version"])).toMatchObject({ code: 0, stderr: "" });
      expect(call([runtime, "bin/tandem.js", "repot"]).code).toBe(2);
    },
  );

  test("finds its Bun with none on PATH", () => {
    const node = Bun.which("node") ?? "";
    const found = call([node, "bin/tandem.js", "--version"], { env: { PATH: "/nowhere" } });
    expect(found).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("completion", () => {
  test.each([["zsh"], ["fish"]])("of %s names every command", (shell) => {
    const { code, stdout } = tandem("completion", shell);
    expect(code).toBe(0);
    for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
    if (Bun.which(shell) === null) return;
    const checked = Bun.spawnSync([shell, "-n", "/dev/stdin"], { stdin: Buffer.from(stdout) });
    expect(checked.exitCode).toBe(0);
  });
});

describe("docs", () => {
  test("lists every page, and prints one", () => {
    const listed = tandem("docs").stdout;
    for (const file of readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md")))
      expect(listed).toContain(`"page":"${file.slice(0, -3)}"`);
    expect(tandem("docs", "sql").stdout).toBe(readFileSync(join(ROOT, "docs/sql.md"), "utf8"));
  });
});

describe("places from the environment", () => {
  const run = ["run-pair", "-n", "x", "-a", "gold", "-r", "demo_task", "-f", "1,2"];
  const program = [process.execPath, join(ROOT, "scripts/tandem.ts")];
  test("stand in for the path flags, which go before them", () => {
    using here = temporaryFolder("tandem-env");
    const at = (name: string) => join(here.path, name);
    const env = {
      TANDEM_LEDGER: at("l.sqlite"),
      TANDEM_LOG_DIR: at("own-logs"),
      TANDEM_DATASET_DIR: at("own-data"),
    };
    const options = { cwd: here.path, env };
    expect(call([...program, ...run], options)).toMatchObject({ code: 0 });
    expect(call([...program, "merge", "-n", "x"], options)).toMatchObject({ code: 0 });
    expect(readdirSync(here.path).sort()).toEqual(["l.sqlite", "own-logs"]);
    expect(existsSync(at("own-logs/x/demo_task/task1/features_1_2/merge.json"))).toBe(true);
    const fetched = call([...program, "fetch-dataset", "--from", at("nothing")], options);
    expect(fetched.code).not.toBe(0);
    const flags = ["--ledger", at("m.sqlite"), "--log-dir", at("other")];
    expect(call([...program, ...run, ...flags], options)).toMatchObject({ code: 0 });
    expect(readdirSync(here.path).sort()).toEqual(["l.sqlite", "m.sqlite", "other", "own-logs"]);
  });

  test.each(COMMANDS)("are the defaults of %s", (name) => {
    const env = { TANDEM_LEDGER: "e/l", TANDEM_LOG_DIR: "e/logs", TANDEM_DATASET_DIR: "e/data" };
    const { stdout } = call([...program, name, "--help"], { env });
    for (const [flag, value] of [
      ["ledger", "e/l"],
      ["log-dir", "e/logs"],
      ["dataset-dir", "e/data"],
    ])
      if (new RegExp(`--${flag}\\b`).test(stdout)) expect(stdout).toContain(`(default: ${value})`);
  });
});
