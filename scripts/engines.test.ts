import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import { doors } from "../lib/sandbox/docker/engines/engines.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(600_000);

const LIMITS = { a: "agents = 4\nsuites = 1", b: "agents = 8\nsuites = 2" };

/** The demo's verdicts of features 1_2 to 1_5: what its recordings were made for. */
const FIRST_FOUR = ["failed", "empty patch", "failed", "passed"];

describeWith("docker", "several engines under one call", () => {
  test("Show 3: two engines share the demo by what they take; one dies in the middle, its units move, and the verdicts are the one engine's", async () => {
    using here = place();
    using all = await doors(here.at("."), LIMITS);
    const [a, b] = all.doors;
    if (!a || !b) throw new Error("there are two");
    const run = `spread-${process.pid}`;
    const engines = ["--backend", "docker", "--engines", all.file];
    const child = here.start("run-pair", [
      "-n",
      run,
      "-m",
      "replay/demo",
      "-r",
      "demo_task",
      "--limit",
      "4",
      ...engines,
    ]);
    const isSpread = () => a.created() > 0 && b.created() >= 4;
    while (!isSpread() && child.exitCode === null) await Bun.sleep(10);
    const spread = [a.created(), b.created()];
    b.cut();
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    expect({ code, done: jsonLines(stdout).length }).toEqual({ code: 0, done: 4 });
    expect(stderr).toContain("engine b is left out for now");
    expect(spread[0]).toBeLessThanOrEqual(4);
    expect(spread[0]).toBeGreaterThan(0);
    // Two sandboxes each: the attempts that b had, and those alone, met a fault and went on with a.
    const faults = codesIn(here.at("ledger.sqlite"));
    expect(new Set(faults)).toEqual(new Set(["engine_gone"]));
    expect(faults.length).toBeLessThanOrEqual(4);
    expect(a.created()).toBeGreaterThan(4);

    await b.open();
    const evaluated = await here.call("eval", ["-n", run, ...engines]);
    const verdicts = jsonLines(evaluated.stdout).map(({ key, outcome }) => [key, outcome] as const);
    expect(verdicts.sort().map(([, outcome]) => outcome)).toEqual(FIRST_FOUR);
    expect(b.created()).toBeGreaterThan(4);
    // What several engines have tested counts for one: same image, same key.
    const again = await here.call("eval", ["-n", run, "--backend", "docker"]);
    expect(again.stderr).toContain("0 evaluated, 4 evaluated before");
    const left = await here.call("clean", ["--dry-run", ...engines]);
    expect(left.code).toBe(0);
    expect(left.stdout).not.toContain(run);
    expect(await docker("ps", "-aq", "--filter", `label=tandem.run=${run}`)).toBe("");
  });

  test("Show 3: an engine that is gone is left out, doctor and clean say which; all gone are faults", async () => {
    using here = place();
    using all = await doors(here.at("."), LIMITS);
    const [a, b] = all.doors;
    const engines = ["--backend", "docker", "--engines", all.file];
    const ready = await here.call("doctor", engines);
    expect(
      jsonLines(ready.stdout).filter(({ part }) => /^[ab]: docker$/.test(`${part}`)),
    ).toMatchObject([
      { part: "a: docker", state: "good" },
      { part: "b: docker", state: "good" },
    ]);
    a?.cut();
    const cut = await here.call("doctor", engines);
    expect(jsonLines(cut.stdout).filter(({ state }) => state === "missing")).toMatchObject([
      { part: "a: docker", found: expect.stringContaining("the engine a") },
    ]);
    const pair = ["-n", "x", "-a", "gold", "-r", "demo_task", "-f", "1,2"];
    await here.call("run-pair", pair);
    const one = await here.call("eval", ["-n", "x", ...engines]);
    expect([one.code, jsonLines(one.stdout)[0]?.outcome]).toEqual([0, "passed"]);
    b?.cut();
    const none = await here.call("eval", ["-n", "x", "--force", ...engines]);
    expect([none.code, jsonLines(none.stdout)[0]?.fault]).toEqual([1, "engine_gone"]);
    expect(none.stderr).toMatch(/none of 2 engines answers: a: .*b: |the engine [ab]/);
    const clean = await here.call("clean", ["--dry-run", ...engines]);
    expect([clean.code, clean.stderr.includes("the engine a")]).toEqual([1, true]);
  });

  test("a file of engines that cannot be meant is refused in one line", async () => {
    using here = place();
    const file = here.at("engines.toml");
    writeFileSync(file, '[engines.a]\naddress = "ssh://x"\nagents = 0\nsuites = 1\n');
    const wrong = await here.call("eval", ["-n", "x", "--backend", "docker", "--engines", file]);
    expect(wrong.code).toBe(2);
    const lost = await here.call("eval", ["-n", "x", "--engines", file]);
    expect([lost.code, lost.stderr]).toEqual([
      2,
      expect.stringContaining("--engines needs --backend docker"),
    ]);
  });
});

/** Codes of the faults that units met. */
function codesIn(path: string): unknown[] {
  using database = new Database(path, { readonly: true });
  return database
    .query<{ code: string }, []>("SELECT code FROM faults")
    .all()
    .map(({ code }) => code);
}
