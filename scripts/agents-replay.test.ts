import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describeWith } from "../lib/core/testing.ts";
import type { Script } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import {
  build,
  CLAUDE,
  KEYS,
  type Move,
  outcomesOf,
  playing,
  rows,
  type Scene,
  sceneOf,
  submit,
} from "./agents.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

type Place = ReturnType<typeof place>;
const PAIR = "demo_task/task1/features_1_2";
const NO_KEYS = Object.fromEntries(Object.keys(KEYS).map((name) => [name, ""]));

/**
 * Both write at once, push, tell, and wait until they have heard; what is said depends on who comes first, what is
 * printed on the clock.
 */
const crossing = ({ agent_id, features, asked }: Scene): Move[] => {
  const partner = agent_id === "agent1" ? "agent2" : "agent1";
  const said = JSON.stringify(asked.turns);
  const waits = said.split(`"send_message --wait`).length - 1;
  const heard = said.includes(`[Message from ${partner}]: pushed`);
  const talk = (n: number) => `send_message ${partner} "${n} of ${agent_id}"; date; pwd`;
  return [
    talk(1),
    talk(2),
    `${build(features[0] ?? 0)}
git add -A && git commit -qm mine && git push team HEAD; git log -1 --format='%H %cd'`,
    `send_message ${partner} pushed`,
    ...Array.from({ length: waits + (heard ? 0 : 1) }, () => `send_message --wait ${partner} "?"`),
    `git fetch team; git log --oneline team/${partner}; git diff --stat HEAD team/${partner}`,
    talk(5),
    submit,
  ];
};

/** Three pushes within one command, and a fourth within another. */
const PUSHING = [
  `for text in one two three; do sleep 0.4; git commit -q --allow-empty -m $text; git push -q team HEAD; done`,
  "sleep 1.5; git commit -q --allow-empty -m four; git push -q team HEAD; sleep 2",
];
/** Fetches until the third is seen, which is any number of times, and once during the other command. */
const LOOKING = [
  `for n in $(seq 99); do git fetch -q team; git log -1 --format="$n %s" team/agent1
git log -1 --format=%s team/agent1 | grep -q three && break; sleep 0.2; done`,
  "git fetch -q team; git log --format=%s team/agent1",
];
/**
 * One pushes while the other fetches, within commands that overlap. What a fetch sees depends on how long the models
 * take, which nobody does in a replay.
 */
const overlapping = ({ agent_id, features }: Scene): Move[] => {
  const built = `${build(features[0] ?? 0)}\ngit add -A && git commit -qm mine`;
  return agent_id === "agent1" ? [...PUSHING, built, submit] : [...LOOKING, built, submit];
};
const SLOW_MS: Readonly<Record<string, number>> = { "agent1 1": 800, "agent2 2": 2200 };
const slow = ({ agent_id, step }: Scene): number => SLOW_MS[`${agent_id} ${step}`] ?? 0;

type Recording = {
  readonly moves: (scene: Scene) => Move[];
  /** How long the model takes at least. */
  readonly latency_ms?: (scene: Scene) => number;
  readonly more: readonly string[];
};

/** Answers after a while that nobody can foresee. */
function unsteady({ moves, latency_ms = () => 0 }: Recording): Script {
  const script = playing(moves);
  return async (asked) => {
    await Bun.sleep(Math.random() * 60 + latency_ms(sceneOf(asked)));
    return script(asked);
  };
}

/** Runs `first` over a server that is gone afterwards. */
async function record(here: Place, recording: Recording): Promise<void> {
  await using server = anthropicServer(unsteady(recording));
  const model = ["-m", CLAUDE, "--base-url", server.base_url];
  const args = ["-n", "first", "-r", "demo_task", "-f", "1,2", ...model, ...recording.more];
  const called = await here.call("run-pair", args, { env: KEYS });
  const ended = outcomesOf(called);
  expect({ ...ended, stderr: ended.code === 0 ? "" : called.stderr }).toEqual({
    ...{ code: 0, units: { "1_2": "submitted" }, stderr: "" },
  });
}

async function replay(here: Place, name: string, more: readonly string[]) {
  const args = ["-n", name, "--replay", "first", ...more];
  const called = await here.call("run-pair", args, { env: NO_KEYS });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
  return called;
}

const TIMES = /"(timestamp|acknowledged_at|read_at)": "[^"]*"/g;

/** What must be the same byte for byte: trajectories and patches, and messages but for their times. */
function bytesOf(here: Place, run: string): Record<string, string> {
  const folder = here.at("logs", run, PAIR);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  const wanted = [
    "trajectory.json",
    "patch.diff",
    "conversation.json",
    "order.json",
    "fetches.json",
  ];
  return Object.fromEntries(
    files
      .filter((file) => wanted.includes(basename(file)))
      .map((file) => {
        const text = readFileSync(`${folder}/${file}`, "latin1");
        return [file, text.replace(TIMES, '"$1": "…"')];
      }),
  );
}

function divergenceOf(here: Place, run: string): string | null | undefined {
  const sql = `SELECT diverged FROM attempts WHERE run = '${run}'`;
  return rows<{ diverged: string | null }>(here.at("ledger.sqlite"), sql)[0]?.diverged;
}

const PLACES = [
  { part: "docker", more: ["--backend", "docker", "--network", "none"], redis: true, times: 2 },
  { part: "bwrap", more: [], redis: false, times: 4 },
] as const;

describe.each(PLACES)("with $part", ({ part, more, redis, times }) => {
  describeWith(part, `in ${part}`, () => {
    test(`messages cross, and ${times} replays give the same bytes`, async () => {
      using here = place();
      const mail = redis ? ["--redis", "auto"] : [];
      await record(here, { moves: crossing, more: ["--git", ...mail, ...more] });
      const original = bytesOf(here, "first");
      expect(Object.keys(original)).toHaveLength(8);
      for (let n = 1; n <= times; n++) {
        // The messages' place is not the original's to say: half of the replays keep them in memory.
        const { stderr } = await replay(here, `again${n}`, [...(n % 2 ? mail : []), ...more]);
        expect(stderr).not.toContain("diverges");
        expect(divergenceOf(here, `again${n}`)).toBeNull();
        expect(bytesOf(here, `again${n}`)).toEqual(original);
      }
      const paid =
        "SELECT run, sum(cost_usd) AS cost_usd FROM calls JOIN attempts USING (attempt_key) GROUP BY run";
      for (const { run, cost_usd } of rows(here.at("ledger.sqlite"), paid))
        expect(Number(cost_usd) > 0).toBe(run === "first");
    });

    test(`a fetch during a push sees the same in ${times - 1} replays`, async () => {
      using here = place();
      await record(here, { moves: overlapping, latency_ms: slow, more: ["--git", ...more] });
      const original = bytesOf(here, "first");
      expect(original["agent2/trajectory.json"]).toContain(" base\\n");
      expect(original["agent2/trajectory.json"]).toContain(" three\\n");
      for (let n = 1; n < times; n++) {
        const { stderr } = await replay(here, `again${n}`, more);
        expect(stderr).not.toContain("diverges");
        expect(bytesOf(here, `again${n}`)).toEqual(original);
      }
    });
  });
});

describeWith("docker", "another environment", () => {
  test("is a divergence, in the ledger and on standard error, of the agent that saw it", async () => {
    const looking = ({ agent_id, features }: Scene): Move[] => [
      agent_id === "agent2"
        ? "cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max; true"
        : "true",
      build(features[0] ?? 0),
      submit,
    ];
    using here = place();
    const more = ["--backend", "docker"];
    await record(here, { moves: looking, more });
    const { stderr } = await replay(here, "smaller", [...more, "--pids", "777"]);
    const told = divergenceOf(here, "smaller");
    expect(told).toStartWith("agent2, call 2: turn 4 (tool) differs: recorded ");
    expect(told).toMatch(/\\n2048\\n .*, now .*\\n777\\n /);
    expect(stderr).toContain(
      `smaller/${PAIR}: the replay diverges from the recording at agent2's call 2: turn 4`,
    );
    // What the recorded answers say is done all the same.
    expect(bytesOf(here, "smaller")["agent2/patch.diff"]).toBe(
      bytesOf(here, "first")["agent2/patch.diff"] ?? "",
    );
  });
});
