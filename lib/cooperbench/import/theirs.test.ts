import { describe, expect, test } from "bun:test";
import { truncateSync } from "node:fs";
import { reportTables } from "../../stages/report.ts";
import { coopPair, exchangePlace, goldPatch, soloPair, type Tree, under } from "../tree.fixture.ts";

type Place = ReturnType<typeof exchangePlace>;

const KEY = "theirs/demo_task/task1/features_1_2";
const whole = coopPair([1, 2]);
const AGENT = { status: "Submitted", cost: 0.5, steps: 3, input_tokens: 10, output_tokens: 1 };
const BROKEN = { status: "Error", cost: 0, steps: 0, input_tokens: 0, output_tokens: 0 };

/** The pair's result.json with these agents. */
function resultOf(agents: Readonly<Record<string, object>>) {
  return { json: { ...whole["result.json"].json, agents } };
}

async function read(pair: Tree, path = "coop/demo_task/1/f1_f2") {
  const place = exchangePlace();
  place.write(`in/theirs/${path}`, pair);
  const { units, warnings } = await place.read("in");
  const problems = units.flatMap((unit) => ("problems" in unit ? unit.problems : []));
  return { place, units, warnings, problems };
}

const lineOf = async ({ ledger }: Place, policy: "union" | "imported") => {
  const [table] = await reportTables({ ledger }, { policy, parts: ["runs"] });
  return table?.rows[0];
};

describe("X1: an agent that ended with an error and left no patch", () => {
  const none = { feature_id: 2, ...BROKEN };
  const cases: [what: string, agent: object, patch: string | undefined, said: RegExp][] = [
    ["a refused key", { ...none, error: "AuthenticationError: 401" }, "", /401/],
    ["an install that failed, no file", { ...none, error: "install failed" }, undefined, /install/],
    ["no word of why", { ...none, error: null }, "", /status Error, with no details/],
    ["an exception's name", { ...none, status: "RuntimeError" }, "", /status RuntimeError/],
    ["in small letters", { ...none, status: "error" }, "\n\n", /status error/],
    ["failed", { ...none, status: "failed", error: "docker" }, "", /docker/],
    ["no status but an error", { feature_id: 2, error: "boom" }, "", /boom/],
    ["after some work", { ...none, steps: 14, cost: 0.75, error: "503" }, "", /503/],
  ];
  test.each(cases)("%s", async (_, agent, patch, said) => {
    const { "agent2.patch": _own, "agent2_traj.json": _log, ...rest } = whole;
    const agents = { agent1: { feature_id: 1, ...AGENT }, agent2: agent };
    const tree = { ...rest, "result.json": resultOf(agents) };
    const failed = { ...whole["eval.json"].json, both_passed: false };
    const evaluation = { json: { ...failed, feature2: { feature_id: 2, passed: false } } };
    const patched = patch === undefined ? {} : { "agent2.patch": patch };
    const { place, problems } = await read({ ...tree, ...patched, "eval.json": evaluation });
    using _place = place;
    expect(problems.some((problem) => problem.startsWith("agent2 ended with"))).toBe(true);
    expect(place.ledger.faults.open()).toMatchObject([
      { unit: KEY, step: "run", code: "foreign_fault", message: expect.stringMatching(said) },
    ]);
    for (const policy of ["union", "imported"] as const)
      expect(await lineOf(place, policy)).toMatchObject({
        ...{ pairs: 1, faults: 1, passed: 0, pending: 0, pass_rate: null },
        ...{ rate_if_faults_fail: 0, rate_if_faults_pass: 1 },
      });
  });

  const sound: [what: string, agent: object, patch: string | Buffer][] = [
    ["that left its patch", { feature_id: 2, ...BROKEN, error: "late" }, goldPatch(2)],
    ["that reached a limit", { feature_id: 2, ...AGENT, status: "LimitsExceeded" }, ""],
    ["that ran out of context", { feature_id: 2, status: "ContextWindowExceededError" }, ""],
    ["that handed in nothing", { feature_id: 2, ...AGENT }, ""],
  ];
  test.each(sound)("is no fault of an agent %s", async (_, agent, patch) => {
    const agents = { agent1: { feature_id: 1, ...AGENT }, agent2: agent };
    const { place } = await read({
      ...whole,
      "result.json": resultOf(agents),
      "agent2.patch": patch,
    });
    using _place = place;
    expect(place.ledger.faults.open()).toEqual([]);
  });

  test("is one of solo's too, told once by the same import again, and gone with new logs", async () => {
    const solo = soloPair([1, 2], "");
    const broken = { ...solo["result.json"].json, agent: { ...BROKEN, error: "401" } };
    const trajectory = { ...solo["solo_traj.json"].json, status: "Error" };
    const { place } = await read(
      { ...solo, "result.json": { json: broken }, "solo_traj.json": { json: trajectory } },
      "solo/demo_task/1/f1_f2",
    );
    using _place = place;
    await place.read("in");
    expect(place.ledger.faults.open()).toHaveLength(1);
    await place.read("in", { force: true });
    expect(place.ledger.faults.open()).toHaveLength(1);
    place.write("in/theirs/solo/demo_task/1/f1_f2", soloPair([1, 2]));
    await place.read("in");
    expect(place.ledger.faults.open()).toEqual([]);
  });
});

describe("X2: the policy imported", () => {
  test("gives rates, paths and conflicts of what came, without any work of ours", async () => {
    using place = exchangePlace();
    const evaluated = (passed: boolean, merge: object) => ({
      json: { ...whole["eval.json"].json, both_passed: passed, merge, ...parts(passed) },
    });
    const parts = (passed: boolean) => ({ feature1: { passed }, feature2: { passed } });
    const pairs: [string, boolean, object][] = [
      ["f1_f2", true, { status: "clean", strategy: "naive" }],
      ["f1_f3", true, { status: "conflicts", strategy: "solo-agent1" }],
      ["f2_f3", false, { status: "conflicts", strategy: "naive" }],
    ];
    for (const [pair, passed, merge] of pairs) {
      const [first = 1, second = 2] = (pair.match(/\d/g) ?? []).map(Number);
      place.write(`in/theirs/coop/demo_task/1/${pair}`, {
        ...coopPair([first, second]),
        "eval.json": evaluated(passed, merge),
      });
    }
    await place.read("in");
    const [runs, paths] = await reportTables(
      { ledger: place.ledger },
      { policy: "imported", parts: ["runs", "paths"] },
    );
    expect(runs?.rows).toMatchObject([
      { run: "theirs", pairs: 3, passed: 2, pending: 0, conflicts: 2, conflict_rate: 2 / 3 },
    ]);
    expect(runs?.rows[0]?.pass_rate).toBeCloseTo(2 / 3);
    expect(paths?.rows.map(({ path, pairs }) => [path, pairs])).toEqual([
      ["clean", 1],
      ["one patch", 1],
    ]);
  });
});

test("X2: comparisons and curves take their verdicts as they take ours", async () => {
  using place = exchangePlace();
  const solo = soloPair([1, 2]);
  place.write("in/theirs", {
    ...under("coop/demo_task/1/f1_f2", whole),
    ...under("solo/demo_task/1/f1_f2", solo),
  });
  await place.read("in");
  const parts = ["comparisons", "curves"] as const;
  const [ours] = await reportTables({ ledger: place.ledger }, { parts });
  expect(ours?.rows).toEqual([]);
  const [gap, curves] = await reportTables({ ledger: place.ledger }, { policy: "imported", parts });
  expect(gap?.rows).toMatchObject([
    { run_a: "theirs-solo", run_b: "theirs", comparison: "coordination gap", rate_a: 0, rate_b: 1 },
  ]);
  expect(curves?.rows.some(({ setting, passed }) => setting === "coop" && passed === 1)).toBe(true);
});

test("X3: messages without a time of reading are not known to be unread", async () => {
  const { place } = await read(whole);
  using _place = place;
  expect(place.ledger.imported.find(KEY)?.reads_kept).toBe(false);
  expect(place.ledger.pages.messageTimes(["theirs"]).map(({ unread }) => unread)).toEqual([
    null,
    null,
  ]);
});

test("X3: of logs that keep times of reading, a message without one was never read", async () => {
  const [first] = whole["conversation.json"].json;
  const kept = { ...first, read_at: null };
  const read_at = { ...first, read_at: 1_760_000_010 };
  const { place } = await read({ ...whole, "conversation.json": { json: [kept, read_at] } });
  using _place = place;
  const unread = place.ledger.pages.messageTimes(["theirs"]).map((message) => message.unread);
  expect(unread).toEqual([1, 0]);
});

describe("X5: a cost of 0", () => {
  const zero = { steps: 4, cost: 0, input_tokens: 0, output_tokens: 0 };
  const cases: [what: string, agent: object, cost: number | null][] = [
    ["of an agent that broke is known", { status: "Error", ...zero }, 0],
    ["of an agent that never began is known", { ...zero, status: "Submitted", steps: 0 }, 0],
    ["with tokens is known", { ...zero, status: "Submitted", input_tokens: 5 }, 0],
    ["of steps that nobody metered is not", { ...zero, status: "Submitted" }, null],
  ];
  test.each(cases)("%s", async (_, agent, cost_usd) => {
    const agents = { agent1: { feature_id: 1, ...AGENT }, agent2: { feature_id: 2, ...agent } };
    const { place } = await read({ ...whole, "result.json": resultOf(agents) });
    using _place = place;
    const [attempt] = place.ledger.attempts.select({});
    expect(attempt?.agents.map((row) => row.cost_usd)).toEqual([0.5, cost_usd]);
    expect(await lineOf(place, "imported")).toMatchObject({
      cost_usd: 0.5,
      cost_unknown: cost_usd === null ? 1 : 0,
    });
  });
});

describe("X8: files that no form has", () => {
  test("are counted in one warning for all attempts", async () => {
    using place = exchangePlace();
    const more = {
      "agent1_stream.jsonl": "{}",
      "agent2_stream.jsonl": "{}",
      "agent1_session.jsonl": "{}",
      "notes.md": "",
      "debug/x.log": "",
      ".DS_Store": "",
    };
    place.write("in/theirs/coop", {
      ...under("demo_task/1/f1_f2", { ...whole, ...more }),
      ...under("demo_task/1/f1_f3", { ...coopPair([1, 3]), "solo_stream.jsonl": "" }),
    });
    const said = [
      "6 files were not imported, because no form of logs has them: 3 *_stream.jsonl, 1 *_session.jsonl, 1 debug/, 1 notes.md",
    ];
    expect((await place.read("in")).warnings).toEqual(said);
    expect((await place.read("in")).warnings).toEqual(said);
  });

  test("are not independent.json, nor the files of a team", async () => {
    const own = { json: { feature1: { passed: true } } };
    const list = { json: [] };
    const files = { "independent.json": own, "task_log.json": list, "tasks.json": list };
    const { place, warnings } = await read({ ...whole, ...files });
    using _place = place;
    expect(warnings).toEqual([]);
  });
});

describe("P7: a patch of more than 64 MiB", () => {
  test("is the outcome `patch too large`, with its size", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", whole);
    truncateSync(place.at("in/theirs/coop/demo_task/1/f1_f2/agent1.patch"), 2 ** 30);
    const { units } = await place.read("in");
    expect(units).toMatchObject([
      { key: KEY, problems: ["agent1.patch has 1024 MiB, more than 64: ignored"] },
    ]);
    expect(place.ledger.attempts.select({ run: "theirs" })[0]?.agents).toMatchObject([
      { outcome: "patch too large", taken: { size_bytes: 2 ** 30 } },
      { outcome: "submitted", taken: null },
    ]);
  });
});
