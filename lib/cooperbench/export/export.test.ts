import { describe, expect, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { openLedger } from "../../../db/ledger.ts";
import { UsageError } from "../../core/fault.ts";
import { importLogs } from "../import/import.ts";
import {
  coopPair,
  exchangePlace,
  RUN_TREE,
  soloPair,
  type Tree,
  under,
  writeTree,
} from "../tree.fixture.ts";
import { contents, write } from "./write.fixture.ts";

const KEY = "theirs/demo_task/task1/features_1_2";

const LATER = {
  ...coopPair([2, 3]),
  "eval.json": {
    json: {
      merge: { status: "identical", strategy: "skip-merge-identical", diff: "x" },
      feature1: {
        passed: true,
        output: "1 passed",
        exit_code: 0,
        tests_passed: 1,
        tests_failed: 0,
      },
      feature2: { passed: false, output: "…", exit_code: 1, tests_passed: 0, tests_failed: 1 },
    },
  },
};
const { "result.json": _result, "agent2.patch": _patch, ...torn } = coopPair([1, 2]);
/** Times and fields that nobody has heard of, and a patch whose last line is blank context. */
const odd = {
  ...soloPair([3, 4], "@@ -1,2 +1,2 @@\n-a\n+b\n \n"),
  "conversation.json": {
    json: [{ from: "agent1", to: "agent2", message: "", unheard_of: { deep: [1, null] } }],
  },
};

describe("what was imported", () => {
  const trees: [form: string, run: Tree][] = [
    ["released, coop", { ...RUN_TREE, ...under("coop/demo_task/1/f1_f2", coopPair([1, 2])) }],
    ["released, solo", { ...RUN_TREE, ...under("solo/demo_task/1/f1_f2", soloPair([1, 2])) }],
    ["released, as of 0.0.16", { ...RUN_TREE, ...under("coop/demo_task/1/f2_f3", LATER) }],
    ["released, torn", { ...RUN_TREE, ...under("coop/demo_task/1/f1_f2", torn) }],
    ["released, odd", { ...RUN_TREE, ...under("solo/demo_task/1/f3_f4", odd) }],
    [
      "released, a trajectory cut off",
      {
        ...RUN_TREE,
        ...under("coop/demo_task/1/f1_f2", { ...coopPair([1, 2]), "agent1_traj.json": '{"a": [1' }),
      },
    ],
  ];
  test.each(trees)("goes out as it came in, %s", async (_form, tree) => {
    using place = exchangePlace();
    place.write("in/theirs", tree);
    await place.read("in");
    expect(await write(place, ["theirs"])).toMatchObject([{ problems: [], fresh: true }]);
    expect(contents(place.at("out/theirs"))).toEqual(contents(place.at("in/theirs")));
  });

  test.each([
    ["coop", coopPair([1, 2])],
    ["solo", soloPair([1, 2])],
    ["torn", torn],
  ])("keeps all its fields in the documented form, %s", async (setting, pair) => {
    using place = exchangePlace();
    const level = setting === "solo" ? "solo" : "coop";
    place.write(`in/theirs/${level}/demo_task/1/f1_f2`, pair);
    await place.read("in");
    await write(place, ["theirs"], { form: "documented", out_dir: place.at("documented") });
    // Into another ledger, and from there into the form that it came in.
    using other = exchangePlace();
    const { units } = await other.read("unused", { dir: place.at("documented") });
    expect(units).toMatchObject([{ key: KEY, form: "documented", imported: "new" }]);
    await write(other, ["theirs"]);
    const path = `theirs/${level}/demo_task/1/f1_f2`;
    expect(contents(other.at("out", path))).toEqual(contents(place.at("in", path)));
  });

  test("without its logs goes out without its turns, and says so", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    await place.read("in");
    rmSync(place.log_dir, { recursive: true });
    const [unit] = await write(place, ["theirs"]);
    expect(unit && "problems" in unit ? unit.problems : []).toHaveLength(3);
    const written = contents(place.at("out/theirs/coop/demo_task/1/f1_f2"));
    expect(written["agent1_traj.json"]).toMatchObject({ status: "Submitted", messages: [] });
    expect(written["result.json"]).toEqual(coopPair([1, 2])["result.json"].json);
  });
});

describe("a place", () => {
  test("that holds something is refused, or written over when asked", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    await place.read("in");
    await write(place, ["theirs"]);
    writeTree(place.at("out/theirs/coop/demo_task/1/f1_f2"), { "solo.patch": "stale" });
    const refused = (runs: string[], options = {}) =>
      write(place, runs, options).then(String, (error: unknown) => {
        expect(error).toBeInstanceOf(UsageError);
        return String(error);
      });
    expect(await refused(["theirs"])).toMatch(/exists: choose another folder with -o, or --force/);
    expect(await refused(["thiers"])).toMatch(/unknown run "thiers": did you mean "theirs"/);
    const own = { out_dir: place.log_dir, force: true };
    expect(await refused(["theirs"], own)).toMatch(/is the run's own folder/);
    await write(place, ["theirs"], { force: true });
    expect(existsSync(place.at("out/theirs/coop/demo_task/1/f1_f2/solo.patch"))).toBe(false);
  });
});

test("an export can be imported where the run is known, under another name only", async () => {
  using place = exchangePlace();
  place.write("in/theirs/coop/demo_task/1/f1_f2", coopPair([1, 2]));
  await place.read("in");
  await write(place, ["theirs"]);
  const again = importLogs({
    ledger: place.ledger,
    log_dir: place.log_dir,
    dir: place.at("out"),
    signal: new AbortController().signal,
    on_unit: () => undefined,
    on_warning: () => undefined,
  });
  expect(await again.catch(String)).toMatch(/was not imported from/);
  expect((await place.read("out", { prefix: "again-" })).units).toMatchObject([
    { imported: "new" },
  ]);
  using fresh = openLedger(":memory:");
  expect(fresh.imported.verdicts()).toEqual([]);
});
