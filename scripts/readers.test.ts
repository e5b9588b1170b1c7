import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { openLedger } from "../db/ledger.ts";
import { fill } from "../db/queries/filled.fixture.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { callIn } from "./cli.fixture.ts";

setDefaultTimeout(60_000);

const folder = temporaryFolder("tandem-readers");
const at = (...parts: string[]) => join(folder.path, ...parts);
beforeAll(() => {
  // Filled elsewhere: a connection of this process may keep its files beside the ledger for a while.
  using elsewhere = temporaryFolder();
  const filled = join(elsewhere.path, "ledger.sqlite");
  using ledger = openLedger(filled);
  fill(ledger);
  ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
  copyFileSync(filled, at("ledger.sqlite"));
  mkdirSync(at("logs"));
  chmodSync(folder.path, 0o755);
  symlinkSync("gone.sqlite", at("dangling"));
});
afterAll(() => folder[Symbol.dispose]());

const listing = () =>
  readdirSync(folder.path).map((name) => [name, lstatOf(name)?.size, lstatOf(name)?.mtimeMs]);
const lstatOf = (name: string) => statSync(at(name), { throwIfNoEntry: false });

type Call = { readonly env?: Record<string, string>; readonly as?: readonly string[] };
function call(script: string, args: readonly string[], { env = {}, as = [] }: Call = {}) {
  const command = [...as, process.execPath, join(import.meta.dir, `${script}.ts`), ...args];
  const child = Bun.spawnSync(command, {
    cwd: folder.path,
    env: { ...process.env, ...env },
    timeout: 30_000,
  });
  return { code: child.exitCode, stdout: String(child.stdout), stderr: String(child.stderr) };
}

const READERS: [script: string, args: string[]][] = [
  ["report", []],
  ["report", ["--query", "pass-rate-by-run"]],
  ["report", ["--html", "site"]],
  ["view", ["--port", "0"]],
  ["status", []],
  ["check-ledger", []],
  ["archive", ["demo"]],
  ["export-logs", ["demo", "-o", "exported"]],
  ["fetch-dataset", ["--diff", "a", "b"]],
  ["judge", ["-n", "demo", "--agreement", "rules"]],
  ["judge", ["-n", "demo", "-m", "anthropic/claude-sonnet-4-5", "--dry-run"]],
  ["pipeline", ["-r", "demo_task", "-a", "gold", "--dry-run"]],
  ["merge", ["-n", "demo", "--dry-run"]],
  ["eval", ["-n", "demo", "--dry-run"]],
  ["retry", ["-n", "demo", "--dry-run"]],
];

describe("S12: a mistyped --ledger is said, and nothing is made:", () => {
  test.each(READERS)("%s %p", async (script, args) => {
    const before = listing();
    const mistyped = [...args, "--ledger", "leger.sqlite"];
    const { code, stdout, stderr } = await callIn(folder.path, script, mistyped);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("there is no ledger at leger.sqlite: did you mean ledger.sqlite?");
    expect(listing()).toEqual(before);
  });

  const ELSEWHERE: [path: string, says: string][] = [
    ["nowhere/ledger.sqlite", "there is no folder nowhere"],
    [".", "is a folder: did you mean ledger.sqlite?"],
    ["dangling", "link to gone.sqlite"],
  ];
  test.each(ELSEWHERE)("status --ledger %s", async (path, says) => {
    const before = listing();
    const { code, stderr } = await callIn(folder.path, "status", ["--ledger", path]);
    expect(code).toBe(2);
    expect(stderr).toContain("there is no ledger at");
    expect(stderr).toContain(says);
    expect(listing()).toEqual(before);
  });

  test("TANDEM_LEDGER names it where no flag does", () => {
    const env = { TANDEM_LEDGER: at("leger.sqlite") };
    expect(call("report", [], { env })).toMatchObject({ code: 2, stdout: "" });
    const right = { TANDEM_LEDGER: at("ledger.sqlite") };
    expect(call("report", [], { env: right })).toMatchObject({ code: 0, stderr: "" });
    const both = call("report", ["--ledger", "leger.sqlite"], { env: right });
    expect(both.stderr).toContain("did you mean ledger.sqlite?");
  });
});

describe("S7: text from strangers", () => {
  const SQL = "SELECT char(27) || ']0;' || char(8238, 155, 13) || 'x' AS \"a\u001b]0;b\"\n";
  const ask = (...more: string[]) => {
    writeFileSync(at("q.sql"), SQL);
    return call("report", ["--query", "q.sql", "--ledger", "ledger.sqlite", ...more]);
  };
  test.each(["table", "md"])("of a query is shown by its code in a %s", (format) => {
    const { stdout } = ask("--format", format);
    expect(stdout).toContain("␛]0;⟨U+202E⟩⟨U+009B⟩␍x");
    expect(stdout).toContain("a␛]0;b");
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });
  test.each([[], ["--format", "json"]])("of a query is whole in JSON, and harmless", (...more) => {
    const { stdout } = ask(...more);
    expect([JSON.parse(stdout)].flat()).toEqual([{ "a\u001b]0;b": "\u001b]0;\u202e\u009b\rx" }]);
    expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\u202e]/u);
  });
  test("in a message is shown by its code", () => {
    const { code, stderr } = call("report", [
      "-n",
      "\u001b]0;\u202erun",
      "--ledger",
      "ledger.sqlite",
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain("␛]0;⟨U+202E⟩run");
  });
});

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
describe.if(process.getuid?.() === 0 && Bun.which("setpriv") !== null)(
  "S13: another user, who may not write, can call",
  () => {
    const CALLS: [script: string, args: string[]][] = [
      ["report", []],
      ["report", ["--query", "pass-rate-by-run"]],
      ["status", []],
      ["check-ledger", ["--quick", "-n", "idle"]],
      ["archive", ["idle", "--force"]],
    ];
    test.each(CALLS)("%s %p", (script, args) => {
      using mine = temporaryFolder();
      using theirs = temporaryFolder();
      chmodSync(theirs.path, 0o777);
      const before = listing();
      const argsIn = (path: string) => [
        ...[...args, "--ledger", "ledger.sqlite"],
        ...(script === "archive" ? ["-o", join(path, "out")] : []),
      ];
      const ours = call(script, argsIn(mine.path));
      const { code, stdout, stderr } = call(script, argsIn(theirs.path), { as: NOBODY });
      const clean = (text: string) =>
        text.replaceAll(mine.path, theirs.path).replaceAll(/"at":"[^"]*"/g, "");
      expect({ code, stdout: clean(stdout) }, stderr).toEqual({
        code: 0,
        stdout: clean(ours.stdout),
      });
      expect(listing()).toEqual(before);
    });
  },
);
