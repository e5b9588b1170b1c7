import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import { socketProxy } from "../lib/sandbox/docker/proxy.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(600_000);

const PAIRS = 10;

describeWith("docker", "an engine that goes away in the middle of eval", () => {
  test("gives faults with a hint, keeps what was tested, and all the rest is done when it is back", async () => {
    using here = place();
    const run = `cut-${process.pid}`;
    const socket = here.at("engine.sock");
    const through = { env: { DOCKER_HOST: `unix://${socket}` } };
    const args = ["-n", run, "--backend", "docker", "-c", "4", "--suites", "2"];
    const ledger = here.at("ledger.sqlite");
    await here.call("run-pair", ["-n", run, "-a", "gold", "-r", "demo_task"]);

    const proxy = socketProxy(socket);
    const child = here.start("eval", args, through);
    while (tested(ledger).length < 4 && child.exitCode === null) await Bun.sleep(50);
    proxy.stop();
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    const units = jsonLines(stdout);
    const faults = units.filter(({ fault }) => fault !== undefined);
    const before = tested(ledger);
    expect({ code, units: units.length }).toEqual({ code: 1, units: PAIRS });
    expect(faults.length).toBeGreaterThan(0);
    expect(new Set(faults.map(({ fault }) => fault))).toEqual(new Set(["engine_gone"]));
    expect(stderr).toContain("docker info");
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(scored(ledger)).toBe(PAIRS - faults.length);

    const back = socketProxy(socket);
    const again = await here.call("eval", args, through);
    back.stop();
    expect({ code: again.code, units: jsonLines(again.stdout).length }).toEqual({
      code: 0,
      units: PAIRS,
    });
    expect(jsonLines(again.stdout).filter(({ passed }) => passed === true)).toHaveLength(7);
    expect(scored(ledger)).toBe(PAIRS);
    // What had a result kept it, with its time.
    expect(tested(ledger)).toEqual(expect.arrayContaining(before));
    // The new process cleared away what the cut one could not.
    expect(await docker("ps", "-aq", "--filter", `label=tandem.run=${run}`)).toBe("");
  });
});

/** Which suites have results, and when they got them. */
function tested(path: string): unknown[] {
  return rowsOf(path, "SELECT suite_key, tested_at FROM suite_results ORDER BY 1");
}

/** Attempts that have a verdict. */
function scored(path: string): number {
  return rowsOf(path, "SELECT attempt_key FROM scores WHERE policy = 'union'").length;
}

function rowsOf(path: string, sql: string): unknown[] {
  if (!existsSync(path)) return [];
  using database = new Database(path, { readonly: true });
  database.run("PRAGMA busy_timeout = 10000");
  return database.query(sql).all();
}
