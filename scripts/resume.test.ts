import { Database } from "bun:sqlite";
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { jsonLines, place } from "./cli.fixture.ts";

// Real processes, many of them: far more than the usual five seconds.
setDefaultTimeout(180_000);

const PAIRS = ["-r", "demo_task", "--limit", "4"];

type Place = ReturnType<typeof place>;
const MOMENTS_MS = [90, 200, 350, 600];

/** Starts a step and kills it with SIGKILL after a while, unless it has ended by itself. */
async function killed(
  here: Place,
  call: { script: string; args: string[]; after_ms: number },
): Promise<void> {
  const child = here.start(call.script, call.args);
  const timer = setTimeout(() => child.kill("SIGKILL"), call.after_ms);
  await child.exited;
  clearTimeout(timer);
}

/** Every file under logs/<run> that a reader may meet: whole JSON, no temporary names. */
function checkFiles(here: Place, run: string): void {
  const folder = here.at("logs", run);
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.name.endsWith(".json"))
      expect(() => JSON.parse(readFileSync(path, "utf8"))).not.toThrow();
    if (entry.name === "result.json") expect(readdirSync(entry.parentPath)).toContain("agent1");
  }
}

/** What the ledger calls done has its files. */
function checkLedger(here: Place): void {
  using database = new Database(here.at("ledger.sqlite"));
  expect(database.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  expect(database.query("PRAGMA foreign_key_check").all()).toEqual([]);
  // Killed before its first migration, a ledger is empty, and the next call makes it.
  if (database.query("SELECT 1 FROM sqlite_master").get() === null) return;
  const keys = database
    .query<{ attempt_key: string }, []>("SELECT attempt_key FROM attempts")
    .all();
  for (const { attempt_key } of keys)
    expect(existsSync(here.at("logs", attempt_key, "result.json"))).toBe(true);
  const merged = database
    .query<{ attempt_key: string }, []>("SELECT DISTINCT attempt_key FROM merges")
    .all();
  for (const { attempt_key } of merged)
    expect(existsSync(here.at("logs", attempt_key, "merge.json"))).toBe(true);
}

describe("kill -9", () => {
  test("of run-pair, merge and eval at several moments, each followed by the same command, ends as an undisturbed run", async () => {
    using here = place();
    const steps: { script: string; args: string[] }[] = [
      {
        script: "run-pair",
        args: ["-n", "k", "-m", "replay/demo", ...PAIRS, "--unsafe-local"],
      },
      { script: "merge", args: ["-n", "k"] },
      { script: "eval", args: ["-n", "k", "--unsafe-local"] },
    ];
    for (const step of steps) {
      for (const after_ms of MOMENTS_MS) {
        await killed(here, { ...step, after_ms });
        checkFiles(here, "k");
        if (existsSync(here.at("ledger.sqlite"))) checkLedger(here);
      }
      const { code, stdout } = await here.call(step.script, step.args);
      expect({ script: step.script, code, lines: jsonLines(stdout).length }).toEqual({
        script: step.script,
        code: 0,
        lines: 4,
      });
    }
    checkLedger(here);
    const report = await here.call("report", ["-n", "k"]);
    expect(JSON.parse(report.stdout).runs[0]).toMatchObject({
      pairs: 4,
      passed: 1,
      pending: 0,
      faults: 0,
    });
    // The scratch folders of the killed processes went with the next one's start.
    const left = readdirSync(here.at("logs/.tmp")).filter(
      (name) => !basename(name).startsWith("."),
    );
    expect(left).toEqual([]);
  });

  test("of run-pair --force keeps the finished attempt or runs it again, never a mixture", async () => {
    using here = place();
    const args = ["-n", "f", "-a", "gold", "-r", "demo_task"];
    await here.call("run-pair", args);
    for (const after_ms of MOMENTS_MS) {
      await killed(here, { script: "run-pair", args: [...args, "--force"], after_ms });
      checkFiles(here, "f");
      checkLedger(here);
    }
    const { stdout } = await here.call("run-pair", args);
    expect(jsonLines(stdout)).toHaveLength(10);
  });
});

test("an interrupt (SIGINT) exits 130 with what was finished kept", async () => {
  using here = place();
  const args = ["-n", "i", "-m", "replay/demo", ...PAIRS, "--unsafe-local", "-c", "1"];
  const child = here.start("run-pair", args);
  // Whoever stops listening ends the program by that alone.
  const listening = child.stdout.getReader();
  await listening.read();
  child.kill("SIGINT");
  expect(await child.exited).toBe(130);
  checkLedger(here);
  const { code, stdout } = await here.call("run-pair", args);
  expect({ code, lines: jsonLines(stdout).length }).toEqual({ code: 0, lines: 4 });
});
