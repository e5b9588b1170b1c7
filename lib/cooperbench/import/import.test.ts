import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesOf } from "../../core/artefacts.ts";
import {
  coopPair,
  exchangePlace,
  goldPatch,
  OURS,
  RUN_TREE,
  soloPair,
  type Tree,
  under,
} from "../tree.fixture.ts";

type Place = ReturnType<typeof exchangePlace>;

const KEY = "theirs/demo_task/task1/features_1_2";
const only = (place: Place) => place.ledger.attempts.select({})[0];
const without = (tree: Tree, ...names: readonly string[]): Tree =>
  Object.fromEntries(Object.entries(tree).filter(([name]) => !names.includes(name)));

describe("a tree", () => {
  const forms: [form: string, path: string, pair: Tree, expected: Record<string, unknown>][] = [
    [
      "released",
      "coop/demo_task/1/f1_f2",
      coopPair([1, 2]),
      { outcome: "submitted", wall_ms: 90500, started_at: "2026-01-31T12:00:00.123Z" },
    ],
    [
      "released",
      "solo/demo_task/1/f1_f2",
      soloPair([1, 2]),
      { outcome: "limit reached", wall_ms: 10000, started_at: "2026-01-31T12:00:00.000Z" },
    ],
    ["older", "demo_task/1/f1_f2", coopPair([1, 2]), { outcome: "submitted" }],
    ["older", "demo_task/1/f1_f2", soloPair([1, 2]), { outcome: "limit reached" }],
    [
      "older",
      "demo_task/1/f1_f2",
      without(soloPair([1, 2]), "result.json"),
      { outcome: "limit reached", wall_ms: 0, started_at: "2026-01-31T13:00:00.000Z" },
    ],
    [
      "documented",
      "demo_task/task1/features_1_2",
      OURS,
      { outcome: "limit reached", wall_ms: 2000 },
    ],
    [
      "documented",
      "demo_task/task1/features_1_2",
      { "solo/patch.diff": goldPatch(1), "eval.json": soloPair([1, 2])["eval.json"] },
      { outcome: "submitted", started_at: "2026-01-31T13:00:00.000Z" },
    ],
  ];
  test.each(forms)("of the form %s, %s", async (form, path, pair, expected) => {
    using place = exchangePlace();
    place.write("logs-of-others/theirs", under(path, pair));
    const { units, warnings } = await place.read("logs-of-others");
    expect({ units, warnings }).toMatchObject({
      units: [{ key: KEY, form, imported: "new" }],
      warnings: [],
    });
    const attempt = only(place);
    expect(attempt).toMatchObject({ attempt_key: KEY, ...expected });
    const solo = Object.keys(pair).some((name) => name.startsWith("solo"));
    expect(attempt?.agents.map(({ agent_id, features }) => [agent_id, features])).toEqual(
      solo
        ? [["agent1", [1, 2]]]
        : [
            ["agent1", [1]],
            ["agent2", [2]],
          ],
    );
    expect(place.ledger.runs.find("theirs")?.setting).toBe(solo ? "solo" : "coop");
    const folders = solo ? ["solo"] : ["agent1", "agent2"];
    for (const [index, folder] of folders.entries()) {
      const kept = readFileSync(join(place.log_dir, KEY, folder, "patch.diff"));
      expect(kept).toEqual(goldPatch(index + 1));
      const hash = attempt?.agents[index]?.patch ?? "";
      expect(place.ledger.dataset.patchBytes([hash]).get(hash)).toEqual(kept);
    }
    const files = ["conversation.json", "result.json", `${folders[0]}/trajectory.json`];
    for (const name of files) expect(existsSync(join(place.log_dir, KEY, name))).toBe(true);
    expect(place.ledger.artefacts.of(KEY).map((row) => row.path)).toEqual(
      filesOf(join(place.log_dir, KEY)),
    );
  });

  test("of ours keeps what only ours knows", async () => {
    using place = exchangePlace();
    place.write("logs-of-others/theirs/demo_task/task1/features_1_2~2", OURS);
    await place.read("logs-of-others");
    const [attempt] = place.ledger.attempts.select({ run: "theirs" });
    expect(attempt).toMatchObject({ attempt_key: `${KEY}~2`, try: 2 });
    expect(attempt?.agents[0]).toMatchObject({
      limit_reached: "steps",
      messages_sent: 1,
      input_tokens: 10,
      output_tokens: null,
      reasoning_tokens: 4,
      cost_usd: 0.5,
      model_ms: 7,
      wall_ms: 1900,
    });
    expect(attempt?.agents[1]).toMatchObject({ steps: null, cost_usd: null, wall_ms: null });
    expect(place.ledger.imported.messages(`${KEY}~2`)).toMatchObject([
      { sent_step: 2, read_at: null },
    ]);
    expect(place.ledger.runs.find("theirs")).toMatchObject({ agent: "mini", model: "replay/demo" });
  });

  test("with both settings makes two runs, whose names stay when one is imported first", async () => {
    using place = exchangePlace();
    place.write("in/theirs", { ...RUN_TREE, ...under("solo/demo_task/1/f1_f2", soloPair([1, 2])) });
    await place.read("in");
    place.write("in/theirs/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    const { units } = await place.read("in/theirs");
    expect(units.map((unit) => [unit.key, "imported" in unit && unit.imported])).toEqual([
      [KEY.replace("theirs", "theirs-coop"), "new"],
      [KEY, "same"],
    ]);
    const runs = place.ledger.runs
      .all()
      .map(({ run, setting, agent, model }) => [run, setting, agent, model]);
    expect(runs).toEqual([
      ["theirs", "solo", "mini_swe_agent", "gemini/flash"],
      ["theirs-coop", "coop", "mini_swe_agent", "gemini/flash"],
    ]);
    expect(place.ledger.runs.find("theirs")).toMatchObject({
      created_at: "2026-01-31T11:59:59.000Z",
      config: { imported: { files: { "config.json": { concurrency: 20 } } } },
    });
  });
});

describe("what is missing or damaged is told, and the rest is kept", () => {
  const whole = coopPair([1, 2]);
  const half = (name: keyof typeof whole) => {
    const content = whole[name];
    const text = content && "json" in content ? JSON.stringify(content.json) : "";
    return { [name]: text.slice(0, text.length / 2) };
  };
  const cases: [what: string, tree: Tree, problems: RegExp[], kept: Record<string, unknown>][] = [
    [
      "no result.json",
      without(whole, "result.json"),
      [/no result.json/, /no duration/],
      { wall_ms: 0, started_at: "2025-10-09T08:53:20.250Z" },
    ],
    [
      "result.json cut off",
      { ...whole, ...half("result.json") },
      [/^result.json is not complete JSON/],
      { wall_ms: 0 },
    ],
    [
      "eval.json cut off",
      { ...whole, ...half("eval.json") },
      [/^eval.json is not complete JSON/],
      { wall_ms: 90500 },
    ],
    [
      "conversation.json cut off",
      { ...whole, ...half("conversation.json") },
      [/^conversation.json/],
      {},
    ],
    [
      "an empty file",
      { ...whole, "result.json": "" },
      [/result.json is not complete JSON \(0 bytes\)/],
      {},
    ],
    [
      "no patch of one",
      without(whole, "agent2.patch"),
      [/^no patch of agent2/],
      { outcome: "empty patch" },
    ],
    [
      "a stranger's patch",
      { ...whole, "agent9.patch": "x" },
      [/^agent9.patch belongs to no agent/],
      {},
    ],
    [
      "another pair's result",
      { ...whole, "result.json": { json: { ...whole["result.json"].json, task_id: 7 } } },
      [/names a different pair/],
      { task_id: 1 },
    ],
    [
      "a trajectory cut off",
      { ...whole, "agent1_traj.json": "{" },
      [/^agent1_traj.json is not complete/],
      {},
    ],
    [
      "nobody counted",
      {
        ...whole,
        "result.json": {
          json: { agents: { agent1: { feature_id: 1, steps: 5, cost: 0, input_tokens: 0 } } },
        },
      },
      [/agent1's tokens and cost are all 0/],
      {},
    ],
    [
      "an agent with an error",
      {
        ...whole,
        "result.json": {
          json: { agents: { agent1: { feature_id: 1, status: "Error", error: "no key" } } },
        },
      },
      [/^agent1 ended with an error: no key/],
      {},
    ],
  ];
  test.each(cases)("%s", async (_what, tree, problems, kept) => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", tree);
    const { units } = await place.read("in");
    const [unit] = units;
    const said = unit && "problems" in unit ? unit.problems : [];
    for (const problem of problems) expect(said.some((one) => problem.test(one))).toBe(true);
    expect(place.ledger.imported.find(KEY)?.problems).toEqual([...said]);
    expect(only(place)).toMatchObject({ attempt_key: KEY, ...kept });
    const again = await place.read("in");
    expect(again.units).toMatchObject([{ imported: "same", problems: said }]);
  });

  test("tokens that nobody counted are unknown", async () => {
    using place = exchangePlace();
    const agent = { feature_id: 1, steps: 5, cost: 0, input_tokens: 0, output_tokens: 0 };
    const idle = { ...agent, feature_id: 2, steps: 0 };
    const result = { json: { agents: { agent1: agent, agent2: idle } } };
    place.write("in/theirs/coop/demo_task/1/f1_f2", { ...whole, "result.json": result });
    await place.read("in");
    const costs = only(place)?.agents.map(({ cost_usd, input_tokens }) => [cost_usd, input_tokens]);
    expect(costs).toEqual([
      [null, null],
      [0, 0],
    ]);
  });
});
