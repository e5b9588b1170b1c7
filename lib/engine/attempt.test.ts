import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { SUBMIT } from "../agent/job.fixture.ts";
import { CONFIG, keyOf, MINI, pairPlace } from "../attempt/pair.fixture.ts";
import { plannedAttempts } from "../attempt/planned.ts";
import { startRun } from "../attempt/start.ts";
import { UsageError } from "../core/fault.ts";
import { demoFile, demoTask } from "../sandbox/task.fixture.ts";
import { runPairs } from "./attempt.ts";

const R12 = "r/demo_task/task1/features_1_2";

describe("gold and null", () => {
  test("gold patches reach files and ledger byte for byte", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan({ pairs: [keyOf(1, 2), keyOf(3, 4), keyOf(1, 5)] });
    await runPairs(plan);
    expect(units.map((unit) => "outcome" in unit && [unit.outcome, unit.fresh])).toEqual([
      ["submitted", true],
      ["submitted", true],
      ["submitted", true],
    ]);
    for (const attempt of place.ledger.attempts.select({ run: "r" }))
      for (const [index, { agent_id, patch }] of attempt.agents.entries()) {
        const gold = demoFile(`feature${attempt.features[index]}/feature.patch`);
        const written = readFileSync(place.at(attempt.attempt_key, agent_id, "patch.diff"));
        const stored = place.ledger.dataset.patchBytes([patch]).get(patch) ?? "";
        expect(Buffer.compare(written, gold)).toBe(0);
        expect(Buffer.compare(Buffer.from(stored), gold)).toBe(0);
      }
    expect(place.backend.opened).toEqual([]);
  });

  test("null hands in nothing", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan({ config: { ...CONFIG, agent: "null" } });
    await runPairs(plan);
    expect(units).toMatchObject([{ key: R12, outcome: "empty patch", fresh: true }]);
    expect(readFileSync(place.at(R12, "agent1/patch.diff"))).toBeEmpty();
  });
});

describe("what is done", () => {
  test("is not done again, unless forced", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan();
    for (const force of [false, false, true]) await runPairs({ ...plan, force });
    expect(units).toMatchObject([{ fresh: true }, { fresh: false }, { fresh: true }]);
    expect(place.ledger.attempts.keys({})).toEqual([R12]);
  });

  test("repeats have keys of their own, and more tries add to earlier ones", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan();
    await runPairs(plan);
    await runPairs({ ...plan, tries: 3, concurrency: 1 });
    expect(units).toMatchObject([
      { key: R12, fresh: true },
      { key: R12, fresh: false },
      { key: `${R12}~2`, fresh: true },
      { key: `${R12}~3`, fresh: true },
    ]);
    const planned = plannedAttempts({ ...plan, run_name: "r", tries: 4 });
    expect(planned.map(({ done }) => done !== undefined)).toEqual([true, true, true, false]);
  });

  test("on another version of the task is a fault, and stays until it is forced", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan();
    await runPairs(plan);
    const taskOf = () => ({ ...demoTask(), task_hash: "changed" });
    await runPairs({ ...plan, taskOf });
    expect(units[1]).toMatchObject({ key: R12, fault: { code: "dataset_changed" } });
    expect(place.ledger.attempts.has(R12)).toBe(true);
    await runPairs({ ...plan, taskOf, force: true });
    expect(units[2]).toMatchObject({ key: R12, fresh: true });
    expect(place.ledger.faults.open()).toEqual([]);
  });
});

describe("a fault", () => {
  test("is reported and kept, stops no other pair, and is overcome by the next success", async () => {
    using place = pairPlace();
    const pairs = [keyOf(1, 2), keyOf(1, 3)];
    const fields = { config: MINI, pairs, taskOf: () => place.task };
    for (const id of ["agent1", "agent2"]) place.record(id, [SUBMIT], "coop/features_1_3");
    const { plan, units } = await place.plan(fields);
    await runPairs({ ...plan, concurrency: 1 });
    expect(units).toMatchObject([
      { key: R12, fault: { code: "recording_missing" } },
      { key: "r/demo_task/task1/features_1_3", outcome: "empty patch" },
    ]);
    expect(place.ledger.faults.open()).toMatchObject([
      { unit: R12, step: "run", code: "recording_missing", features: [1, 2] },
    ]);
    expect(existsSync(place.at(R12))).toBe(false);
    for (const id of ["agent1", "agent2"]) place.record(id, [SUBMIT]);
    await runPairs(plan);
    expect(units).toContainEqual({ key: R12, outcome: "empty patch", fresh: true });
    expect(place.ledger.faults.open()).toEqual([]);
  });

  test("of a pair that the ledger does not know names the feature", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan({ pairs: [keyOf(1, 99)] });
    await runPairs(plan);
    expect(units).toMatchObject([
      { fault: { code: "dataset_missing", message: expect.stringContaining("feature 99") } },
    ]);
  });

  test("of one pair's preparation does not spoil another's", async () => {
    using place = pairPlace();
    writeFileSync(
      `${place.task.dir}/setup.sh`,
      `sleep 0.5\n${readFileSync(`${place.task.dir}/setup.sh`, "utf8")}`,
    );
    place.record("agent1", [SUBMIT]);
    for (const id of ["agent1", "agent2"]) place.record(id, [SUBMIT], "coop/features_1_3");
    const pairs = [keyOf(1, 2), keyOf(1, 3)];
    const { plan, units } = await place.plan({ config: MINI, pairs, taskOf: () => place.task });
    await runPairs(plan);
    expect(units).toContainEqual({
      key: R12,
      fault: expect.objectContaining({ code: "recording_missing" }),
    });
    expect(units).toContainEqual({
      key: "r/demo_task/task1/features_1_3",
      outcome: "empty patch",
      fresh: true,
    });
  });
});

describe("a kill in between", () => {
  test("forced: the row goes before the files are touched", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan();
    await runPairs(plan);
    const before = readFileSync(place.at(R12, "result.json"));
    // A file where the scratch folder belongs: writing fails at its very beginning.
    rmSync(place.at(".tmp"), { recursive: true, force: true });
    writeFileSync(place.at(".tmp"), "");
    await runPairs({ ...plan, force: true });
    expect(units[1]).toHaveProperty("fault");
    expect(place.ledger.attempts.has(R12)).toBe(false);
    expect(readFileSync(place.at(R12, "result.json"))).toEqual(before);
  });

  test("forced: while agents still work, the earlier result stands in row and files", async () => {
    using place = pairPlace();
    for (const id of ["agent1", "agent2"]) place.record(id, [SUBMIT]);
    const { plan } = await place.plan({ config: MINI, taskOf: () => place.task });
    await runPairs(plan);
    for (const id of ["agent1", "agent2"]) place.record(id, ["sleep 100"]);
    const stop = new AbortController();
    const running = runPairs({ ...plan, force: true, signal: stop.signal });
    while (place.backend.opened.length < 4) await Bun.sleep(10);
    expect(place.ledger.attempts.has(R12)).toBe(true);
    stop.abort();
    await running;
    expect(place.ledger.attempts.has(R12)).toBe(true);
    expect(existsSync(place.at(R12, "result.json"))).toBe(true);
  });

  test("files without a row are not done, and are replaced", async () => {
    using place = pairPlace();
    const { plan, units } = await place.plan();
    await runPairs(plan);
    place.ledger.superseded.setAside(R12, "test");
    writeFileSync(place.at(R12, "left.txt"), "half");
    await runPairs(plan);
    expect(units).toMatchObject([{ fresh: true }, { fresh: true }]);
    expect(existsSync(place.at(R12, "left.txt"))).toBe(false);
  });

  test("an interruption is no fault", async () => {
    using place = pairPlace();
    for (const id of ["agent1", "agent2"]) place.record(id, ["sleep 100"]);
    const stop = new AbortController();
    const fields = { config: MINI, taskOf: () => place.task, signal: stop.signal };
    const { plan, units } = await place.plan(fields);
    const running = runPairs(plan);
    while (place.backend.opened.length < 2) await Bun.sleep(10);
    stop.abort(new Error("interrupted"));
    await running;
    expect([units, place.ledger.faults.open(), place.ledger.attempts.keys({})]).toEqual([
      [],
      [],
      [],
    ]);
  });
});

describe("starting a run", () => {
  test("writes run.json, and again gives the same row", async () => {
    using place = pairPlace();
    const options = { ledger: place.ledger, name: "mine", config: MINI, log_dir: place.log_dir };
    const row = await startRun(options);
    expect(JSON.parse(readFileSync(place.at("mine/run.json"), "utf8"))).toEqual(row);
    expect(row).toMatchObject({ run: "mine", agent: "mini", model: "replay/test", config: MINI });
    expect(await startRun(options)).toEqual(row);
  });

  test("under a name that has another configuration is a usage error that names the field", async () => {
    using place = pairPlace();
    const options = { ledger: place.ledger, name: "mine", config: MINI, log_dir: place.log_dir };
    await startRun(options);
    const starting = startRun({ ...options, config: { ...MINI, max_steps: 5 } });
    await expect(starting).rejects.toThrow(UsageError);
    await expect(starting).rejects.toThrow('run "mine" was made with max_steps 20, not 5');
  });

  test.each(["a/b", "..", "", ".hidden"])('"%s" is no name of a run', async (name) => {
    using place = pairPlace();
    const options = { ledger: place.ledger, name, config: CONFIG, log_dir: place.log_dir };
    await expect(startRun(options)).rejects.toThrow(UsageError);
  });
});
