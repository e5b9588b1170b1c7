import { Database } from "bun:sqlite";
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(600_000);

/** The demo's verdicts under `union`, by pair: what the recordings were made for. */
const COOP: Record<string, string> = {
  "1_2": "failed",
  "1_3": "empty patch",
  "1_4": "failed",
  "1_5": "passed",
  "2_3": "passed",
  "2_4": "passed",
  "2_5": "passed",
  "3_4": "failed",
  "3_5": "failed",
  "4_5": "passed",
};

const NO_ENGINE = { env: { DOCKER_HOST: "tcp://127.0.0.1:9" } };

describeWith("docker", "the demo in containers", () => {
  test("agents work, suites run, and every verdict is the local one; a second eval starts no container", async () => {
    using here = place();
    const run = await here.call("run-pair", [
      "-n",
      "d",
      "-m",
      "replay/demo",
      "-r",
      "demo_task",
      "--backend",
      "docker",
      "-c",
      "4",
    ]);
    expect({ code: run.code, lines: jsonLines(run.stdout).length }).toEqual({ code: 0, lines: 10 });
    const evaluated = await here.call("eval", ["-n", "d", "--backend", "docker"]);
    expect(evaluated.code).toBe(0);
    const verdicts = Object.fromEntries(
      jsonLines(evaluated.stdout).map(({ key, outcome }) => [String(key).slice(-3), outcome]),
    );
    expect(verdicts).toEqual(COOP);
    // Without any engine: whoever wanted a container now would meet a fault.
    const again = await here.call("eval", ["-n", "d", "--backend", "docker"], NO_ENGINE);
    expect(again.stderr).toContain("0 evaluated, 10 evaluated before");
    expect(await ours()).toEqual([]);
  });

  test("check-dataset finds the demo as it should be, with no network", async () => {
    using here = place();
    const { code, stdout } = await here.call("check-dataset", [
      "-r",
      "demo_task",
      "--backend",
      "docker",
      "--network",
      "none",
    ]);
    expect({ code, good: jsonLines(stdout).filter(({ good }) => good === true).length }).toEqual({
      code: 0,
      good: 15,
    });
  });

  test("a killed eval leaves nothing that clean does not find, and the next one tests nothing twice", async () => {
    using here = place();
    await here.call("run-pair", ["-n", "d", "-a", "gold", "-r", "demo_task"]);
    const args = ["-n", "d", "--backend", "docker"];
    const child = here.start("eval", args);
    while (tested(here.at("ledger.sqlite")).length < 4) await Bun.sleep(100);
    child.kill("SIGKILL");
    await child.exited;
    const before = tested(here.at("ledger.sqlite"));
    const left = await settled();
    expect(left.length).toBeGreaterThan(0);
    const shown = await here.call("clean", ["--dry-run"]);
    expect(
      jsonLines(shown.stdout).filter(
        ({ kind, reason }) => kind === "container" && reason === "owner gone",
      ).length,
    ).toBeGreaterThan(0);
    expect(await ours()).toEqual(left);
    await here.call("clean", []);
    expect(await ours()).toEqual([]);
    const again = await here.call("eval", args);
    expect({ code: again.code, lines: jsonLines(again.stdout).length }).toEqual({
      code: 0,
      lines: 10,
    });
    expect(tested(here.at("ledger.sqlite"))).toEqual(expect.arrayContaining(before));
  });

  test("an engine that is gone is a fault of every unit, with a hint, and nothing is scored", async () => {
    using here = place();
    await here.call("run-pair", ["-n", "g", "-a", "gold", "-r", "demo_task", "-f", "1,2"]);
    const gone = { env: { DOCKER_HOST: "tcp://127.0.0.1:9" } };
    const { code, stdout, stderr } = await here.call(
      "eval",
      ["-n", "g", "--backend", "docker"],
      gone,
    );
    expect(code).toBe(1);
    expect(jsonLines(stdout)[0]).toMatchObject({ fault: "engine_gone" });
    expect(stderr).toContain("docker info");
    const later = await here.call("eval", ["-n", "g", "--backend", "docker"]);
    expect(jsonLines(later.stdout)[0]).toMatchObject({ outcome: "passed" });
  });
});

/** Which suites have results, and when they got them. */
function tested(path: string): unknown[] {
  if (!existsSync(path)) return [];
  using database = new Database(path, { readonly: true });
  try {
    return database.query("SELECT suite_key, tested_at FROM suite_results ORDER BY 1").all();
  } catch {
    // The other process may be making the tables just now.
    return [];
  }
}

/** Containers of the run `d` that are there now. */
async function ours(): Promise<string[]> {
  return await docker(["ps", "-aq", "--filter", "label=tandem", "--filter", "label=tandem.run=d"]);
}

/** The same, once the engine has ended what the killed process asked of it: containers come and go until then. */
async function settled(): Promise<string[]> {
  let before = await ours();
  for (let same = 0; same < 3; same++) {
    await Bun.sleep(300);
    const now = await ours();
    if (now.join() !== before.join()) same = 0;
    before = now;
  }
  return before;
}

async function docker(args: readonly string[]): Promise<string[]> {
  const child = Bun.spawn(["docker", ...args], { stdout: "pipe", stderr: "ignore" });
  return (await new Response(child.stdout).text()).split("\n").filter((line) => line !== "");
}
