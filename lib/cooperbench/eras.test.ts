import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contents, write } from "./export/write.fixture.ts";
import { wordOf } from "./import/runs.ts";
import { keptTrajectory } from "./import/write.ts";
import {
  coopPair,
  exchangePlace,
  goldPatch,
  RUN_TREE,
  soloPair,
  type Tree,
  under,
} from "./tree.fixture.ts";

const KEY = "theirs/demo_task/task1/features_1_2";
const whole = coopPair([1, 2]);
const result = whole["result.json"].json;

/** A team's pair, from 0.0.16 on: roles, a list of tasks with its log, and what was measured of it. */
const TEAM = {
  ...whole,
  "result.json": {
    json: {
      ...result,
      setting: "team",
      lead_agent: "agent1",
      agents: {
        agent1: { ...result.agents.agent1, team_role: "lead" },
        agent2: { ...result.agents.agent2, team_role: "member" },
      },
      metrics: {
        tasks_total: 3,
        tasks_done: 2,
        unowned_at_end: 0,
        time_to_first_claim_seconds: 12.5,
        claims_per_agent: { agent1: 2, agent2: 1 },
        updates_per_agent: { agent1: 4 },
      },
      team_features: { task_list: true, scratchpad: false },
    },
  },
  "task_log.json": { json: [{ kind: "create", ts: 1_760_000_000.5, by: "bench-runner" }] },
  "tasks.json": { json: [{ id: "1", title: "Build", status: "done", owner: "agent2" }] },
} satisfies Tree;

/** Token ids of an answer, as written by a model's server; numbers too large and spellings too odd for a second writing. */
const CAPTURE =
  '{"prompt_token_ids": [1, 151644,   2.0, 12345678901234567890], "output_token_ids": [9]}';
const call = (command: string, at: number) => ({
  role: "assistant",
  content: "",
  tool_calls: [
    {
      id: `c${at}`,
      type: "function",
      function: { name: "bash", arguments: JSON.stringify({ command }) },
    },
  ],
});
/** An agent of 0.0.23 and later: its work is pushed, and a pull request opened; the pushed branch becomes the patch file. */
const PUSHED = JSON.stringify({
  ...{ repo: "demo_task", task_id: 1, feature_id: 1, agent_id: "agent1", status: "Submitted" },
  messages: [
    call("git push origin HEAD:agent1", 1),
    { role: "tool", tool_call_id: "c1", content: "done" },
    {
      ...call('gh pr create --title "x" --body-file - <<EOF\nbody\nEOF', 2),
      extra: { token_capture: "HERE" },
    },
  ],
}).replace('"HERE"', CAPTURE);
const PULL_REQUESTS: Tree = {
  ...whole,
  "agent1_traj.json": PUSHED,
  // Nothing was pushed: graded as it is, empty.
  "agent2.patch": "",
  "eval.json": {
    json: {
      ...whole["eval.json"].json,
      merge: { status: "clean", strategy: "naive", diff: "" },
      both_passed: false,
      feature2: { ...whole["eval.json"].json.feature2, passed: false, exit_code: 1 },
    },
  },
};

const ERAS: [era: string, word: string, run: string, tree: Tree][] = [
  ["to 0.0.15, coop", "coop", "theirs", whole],
  ["to 0.0.15, solo", "solo", "theirs", soloPair([1, 2])],
  ["0.0.16 to 0.0.22, team", "team", "theirs", TEAM],
  ["from 0.0.23, pull requests", "coop", "theirs", PULL_REQUESTS],
  ["from 0.0.23, solo", "solo", "theirs", { ...soloPair([1, 2]), "solo_traj.json": PUSHED }],
  [
    "with the verdict alone",
    "coop",
    "theirs",
    { ...whole, "independent.json": { json: { feature1: { passed: true } } } },
  ],
];

describe("logs of an era", () => {
  test.each(ERAS)("%s, come in whole and go out as they came", async (_era, word, run, tree) => {
    using place = exchangePlace();
    const all = { ...RUN_TREE, ...under(`${word}/demo_task/1/f1_f2`, tree) };
    place.write("in/theirs", all);
    const { units, warnings } = await place.read("in");
    expect({ units, warnings }).toMatchObject({
      units: [{ key: KEY, form: "released" }],
      warnings: [],
    });
    await write(place, [run]);
    expect(contents(place.at("out/theirs"))).toEqual(contents(place.at("in/theirs")));
    // By way of the documented form, into another ledger, nothing is lost either.
    await write(place, [run], { form: "documented", out_dir: place.at("documented") });
    using other = exchangePlace();
    await other.read("unused", { dir: place.at("documented") });
    await write(other, [run]);
    const path = `theirs/${word}/demo_task/1/f1_f2`;
    expect(contents(other.at("out", path))).toEqual(contents(place.at("in", path)));
  });

  test("token ids are kept byte for byte, in the logs and on the way out", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", PULL_REQUESTS);
    await place.read("in");
    const kept = readFileSync(join(place.log_dir, KEY, "agent1", keptTrajectory("trajectory")));
    expect(Buffer.from(Bun.zstdDecompressSync(kept)).toString()).toBe(PUSHED);
    await write(place, ["theirs"]);
    const path = place.at("out/theirs/coop/demo_task/1/f1_f2/agent1_traj.json");
    expect(readFileSync(path, "utf8")).toContain(CAPTURE);
  });

  test("what was pushed is the hand-in, byte for byte", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", PULL_REQUESTS);
    await place.read("in");
    const [attempt] = place.ledger.attempts.select({});
    expect(attempt?.agents).toMatchObject([
      { patch_source: "imported", outcome: "submitted" },
      { patch_source: "none", outcome: "empty patch" },
    ]);
    const hash = attempt?.agents[0]?.patch ?? "";
    expect(place.ledger.dataset.patchBytes([hash]).get(hash)).toEqual(goldPatch(1));
  });
});

describe("X7: a folder between run and repository is the setting's word", () => {
  const named = (run_name: string, setting?: string): Tree => ({
    ...whole,
    "result.json": { json: { ...result, run_name, ...(setting ? { setting } : {}) } },
  });
  const cases: [what: string, tree: Tree, runs: [run: string, word: string][]][] = [
    ["team, known by its name", under("theirs/team/demo_task/1/f1_f2", TEAM), [["theirs", "team"]]],
    [
      "any word, where the run has its own files",
      { "theirs/config.json": "{}", ...under("theirs/trio/demo_task/1/f1_f2", whole) },
      [["theirs", "trio"]],
    ],
    [
      "two folders, where the run has its own files",
      { "theirs/summary.json": "{}", ...under("theirs/team/seed1/demo_task/1/f1_f2", TEAM) },
      [["theirs", "team/seed1"]],
    ],
    [
      "any word, where result.json names the run",
      under("theirs/relay/demo_task/1/f1_f2", named("theirs")),
      [["theirs", "relay"]],
    ],
    [
      "any word, where result.json has it",
      under("theirs/relay/demo_task/1/f1_f2", named("?", "relay")),
      [["theirs", "relay"]],
    ],
    [
      "any word, beside a setting's folder",
      {
        ...under("theirs/relay/demo_task/1/f1_f2", named("?")),
        ...under("theirs/solo/demo_task/1/f1_f2", soloPair([1, 2])),
      },
      [
        ["theirs", "relay"],
        ["theirs-solo", "solo"],
      ],
    ],
    [
      "all of a run's settings",
      {
        ...under("theirs/coop/demo_task/1/f1_f2", whole),
        ...under("theirs/solo/demo_task/1/f1_f2", soloPair([1, 2])),
        ...under("theirs/team/demo_task/1/f1_f2", TEAM),
      },
      [
        ["theirs", "coop"],
        ["theirs-solo", "solo"],
        ["theirs-team", "team"],
      ],
    ],
    ["a run without one", under("theirs/demo_task/1/f1_f2", named("theirs")), [["theirs", "coop"]]],
    [
      "a run without one, beside others",
      {
        ...under("one/demo_task/1/f1_f2", named("elsewhere")),
        ...under("two/demo_task/1/f1_f2", named("elsewhere")),
      },
      [
        ["one", "coop"],
        ["two", "coop"],
      ],
    ],
    [
      "a run without one, whose own files are in it",
      { "logs/one/config.json": "{}", ...under("logs/one/demo_task/1/f1_f2", named("logs")) },
      [["one", "coop"]],
    ],
    [
      "none, but in result.json",
      under("theirs/demo_task/1/f1_f2", named("theirs", "team")),
      [["theirs", "team"]],
    ],
  ];
  test.each(cases)("%s", async (_, tree, runs) => {
    using place = exchangePlace();
    place.write("in", tree);
    const { units } = await place.read("in");
    expect(units.map((unit) => "imported" in unit && unit.imported)).toEqual(runs.map(() => "new"));
    const found = place.ledger.runs.all().map((row): [string, string] => [row.run, wordOf(row)]);
    expect(found.sort()).toEqual(runs);
    // The same again is the same run, and goes out into the same folder.
    const again = await place.read("in");
    expect(again.units.map((unit) => "imported" in unit && unit.imported)).toEqual(
      runs.map(() => "same"),
    );
    const written = await write(
      place,
      runs.map(([run]) => run),
    );
    for (const [at, [run, word]] of runs.entries())
      expect(written[at]).toMatchObject({ path: place.at("out", run, word, "demo_task/1/f1_f2") });
  });
});
