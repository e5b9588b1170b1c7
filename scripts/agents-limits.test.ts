import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import type { Script } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import {
  billOf,
  billOfServer,
  build,
  CLAUDE,
  diligent,
  KEYS,
  type Move,
  outcomesOf,
  playing,
  rows,
  type Scene,
  sceneOf,
} from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const runArgs = (base_url: string, more: readonly string[]) => [
  ...["-n", "a", "-m", CLAUDE, "--base-url", base_url, "-r", "demo_task"],
  ...more,
];

/** Builds at once, and then never hands in: it costs 60 cents a step, or waits. */
const tireless =
  (command: string): Script =>
  (asked) => {
    const scene = sceneOf(asked);
    const text = scene.step === 1 ? build(scene.features[0] ?? 0) : command;
    const usage = { input_tokens: 1, output_tokens: 40_000 };
    return { tool_calls: [{ name: "bash", arguments: { command: text } }], usage };
  };

const LIMITS: [limit: string, command: string, more: string[], steps: number][] = [
  ["steps", "true", ["--max-steps", "3"], 3],
  ["cost", "true", ["--max-cost", "1.5"], 3],
  ["wall time", "sleep 60", ["--max-wall", "6"], 2],
];
test.each(LIMITS)(
  "the limit of %s ends both agents, and their work is kept and merged",
  async (limit, command, more, steps) => {
    await using server = anthropicServer(tireless(command));
    using here = place();
    const called = await here.call(
      "run-pair",
      runArgs(server.base_url, ["-f", "1,2", "--unsafe-local", ...more]),
      { env: KEYS },
    );
    expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "limit reached" } });
    const ledger = here.at("ledger.sqlite");
    const agents = rows(ledger, "SELECT outcome, limit_reached, patch_source, steps FROM agents");
    const each = {
      outcome: "limit reached",
      limit_reached: limit,
      patch_source: "work tree",
      steps,
    };
    expect(agents).toEqual([each, each]);
    expect(server.served.requests).toBe(2 * steps);
    expect(billOf(ledger, "a")).toEqual(await billOfServer(server, CLAUDE));
    await here.call("merge", ["-n", "a"]);
    const { stdout } = await here.call("eval", ["-n", "a", "--unsafe-local"]);
    expect(jsonLines(stdout)).toMatchObject([{ outcome: "passed", path: "clean" }]);
  },
);

test("the run's budget stops it: exit 1, the attempts that are left are counted, and a raised budget goes on", async () => {
  await using server = anthropicServer(playing(dear));
  using here = place();
  const args = (budget: string) =>
    runArgs(server.base_url, ["-c", "1", "--limit", "4", "--unsafe-local", "--budget", budget]);
  const first = await here.call("run-pair", args("3"), { env: KEYS });
  // 60 cents a step, two steps an agent, two agents: the second attempt meets the budget at its start or soon after.
  expect(outcomesOf(first)).toEqual({
    code: 1,
    units: { "1_2": "submitted", "1_3": "budget_reached" },
  });
  expect(first.stderr).toContain("2 attempts are left: the run has cost $3.");
  expect(first.stderr).toContain(
    "raise --budget (a study: budget.usd) and run the same command again",
  );
  const ledger = here.at("ledger.sqlite");
  const [fault] = rows<{ cost_usd: number }>(
    ledger,
    "SELECT code, cost_usd FROM faults WHERE resolved_at IS NULL",
  );
  expect(fault?.cost_usd).toBeGreaterThanOrEqual(0.6);
  expect(first.stdout).not.toContain("1_4");

  const asked = server.served.requests;
  const same = await here.call("run-pair", args("3"), { env: KEYS });
  expect(outcomesOf(same).code).toBe(1);
  expect(server.served.requests).toBe(asked);

  const second = await here.call("run-pair", args("20"), { env: KEYS });
  const keys = ["1_2", "1_3", "1_4", "1_5"];
  expect(outcomesOf(second)).toEqual({
    code: 0,
    units: Object.fromEntries(keys.map((key) => [key, "submitted"])),
  });
  expect(second.stderr).toContain("3 run, 1 run before, 0 faults");
  const requests = server.asked.filter((one) => sceneOf(one).features.includes(2));
  expect(requests).toHaveLength(2);
  expect(rows(ledger, "SELECT * FROM faults WHERE resolved_at IS NULL")).toEqual([]);
});

/** A diligent agent at 60 cents a step. */
function dear(scene: Scene): Move[] {
  const usage = { input_tokens: 1, output_tokens: 40_000 };
  return diligent(scene).map((move) => (at: Scene) => {
    const command = typeof move === "function" ? move(at) : move;
    return { tool_calls: [{ name: "bash", arguments: { command: String(command) } }], usage };
  });
}

describeWith("docker", "a run in containers that was killed", () => {
  describeWith("redis", "with messages over Redis", () => {
    test("goes on with the same command: nothing finished is asked for again, nothing stays behind", async () => {
      const reached = Promise.withResolvers<void>();
      const play = playing((scene) => ["send_message all hello", ...diligent(scene)]);
      let answering = true;
      // The second attempt's last step is where the kill strikes: its answer never comes.
      const script: Script = async (asked) => {
        const { features, step } = sceneOf(asked);
        if (answering && features.includes(3) && step === 3) {
          reached.resolve();
          return "hang";
        }
        return play(asked);
      };
      await using server = anthropicServer(script);
      using here = place();
      const name = `killed-${process.pid}`;
      const args = [
        ...[
          "-n",
          name,
          "-m",
          CLAUDE,
          "--base-url",
          server.base_url,
          "-r",
          "demo_task",
          "--limit",
          "3",
        ],
        ...["-c", "1", "--backend", "docker", "--network", "none", "--redis", "auto", "--git"],
      ];
      const child = here.start("run-pair", args, { env: KEYS });
      await reached.promise;
      child.kill("SIGKILL");
      await child.exited;
      answering = false;
      const before = server.asked.length;
      const kept = readFileSync(here.at("logs", name, "demo_task/task1/features_1_2/result.json"));
      expect(await containersOf(name)).not.toBe("");

      const called = await here.call("run-pair", args, { env: KEYS });
      const units = { "1_2": "submitted", "1_3": "submitted", "1_4": "submitted" };
      expect(outcomesOf(called)).toEqual({ code: 0, units });
      expect(called.stderr).toContain("2 run, 1 run before, 0 faults");
      const later = server.asked.slice(before).map((asked) => sceneOf(asked).features[0]);
      expect(later.filter((feature) => feature === 2)).toEqual([]);
      expect(later).toHaveLength(12);
      expect(
        readFileSync(here.at("logs", name, "demo_task/task1/features_1_2/result.json")),
      ).toEqual(kept);
      const counts = rows(
        here.at("ledger.sqlite"),
        "SELECT count(*) AS calls, (SELECT count(*) FROM messages) AS messages FROM calls",
      );
      expect(counts).toEqual([{ calls: 18, messages: 6 }]);
      expect(await containersOf(name)).toBe("");
      expect(await docker("volume", "ls", "-q", "--filter", `label=tandem.run=${name}`)).toBe("");
    });
  });
});

async function containersOf(run: string): Promise<string> {
  return await docker("ps", "-aq", "--filter", `label=tandem.run=${run}`);
}
