import { describe, expect, test } from "bun:test";
import {
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { coopPair, exchangePlace, OURS, under } from "../tree.fixture.ts";

type Place = ReturnType<typeof exchangePlace>;

const KEY = "theirs/demo_task/task1/features_1_2";

describe("names", () => {
  test("of runs are the folders', made usable, or what is asked for", async () => {
    using place = exchangePlace();
    place.write("in/their run (2)", under("coop/demo_task/1/f1_f2", coopPair([1, 2])));
    await place.read("in");
    await place.read("in", { name: "mine" });
    await place.read("in", { prefix: "x-" });
    expect(
      place.ledger.runs
        .all()
        .map(({ run }) => run)
        .sort(),
    ).toEqual(["mine", "their-run-2", "x-their-run-2"]);
  });

  test("of one pair's folder come from its files where the path says nothing", async () => {
    using place = exchangePlace();
    place.write("f1_f2", coopPair([1, 2]));
    expect((await place.read("f1_f2")).units).toMatchObject([
      { key: "their-run/demo_task/task1/features_1_2", imported: "new" },
    ]);
    expect((await place.read("f1_f2")).units).toMatchObject([{ imported: "same" }]);
  });

  const refused: [why: string, arrange: (place: Place) => Promise<unknown>, message: RegExp][] = [
    [
      "a run that came from elsewhere",
      async (place) => {
        place.write("other/theirs/coop/demo_task/1/f2_f3", coopPair([2, 3]));
        return await place.read("other");
      },
      /was not imported from .*-n or --prefix/,
    ],
    [
      "a folder in the logs that the ledger does not know",
      async (place) => place.write("logs/theirs", { "run.json": "{}" }),
      /holds a run that this ledger does not know/,
    ],
  ];
  test.each(refused)("that would touch %s are refused", async (_why, arrange, message) => {
    using place = exchangePlace();
    place.write("in/theirs/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    await arrange(place);
    const before = place.ledger.attempts.keys({});
    const refusal = await place.read("in").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(String(refusal)).toMatch(message);
    expect(place.ledger.attempts.keys({})).toEqual(before);
  });

  test("of a run's own folder, of two runs at once, or of no run are refused", async () => {
    using place = exchangePlace();
    place.write("logs/theirs/demo_task/task1/features_1_2", OURS);
    place.write("in/a/x/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    place.write("in/b/x/coop/demo_task/1/f1_f2", coopPair([1, 2]));
    const said = async (dir: string, options = {}) =>
      String(await place.read(dir, options).catch((error: unknown) => error));
    expect(await said("logs")).toMatch(/is where run "theirs" would be written/);
    expect(await said("in")).toMatch(/would both be run "x": import one at a time/);
    expect(await said("in", { name: "y" })).toMatch(/there are 2 runs/);
    expect(await said("in/a", { name: "../y" })).toMatch(/run name "..\/y" must be/);
    place.write("empty/theirs", { "notes.txt": "" });
    expect(await said("empty")).toMatch(/holds no attempt/);
    expect(place.ledger.runs.all()).toEqual([]);
  });

  test("of tasks are known by the dataset only", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop/go_chi_task/26/f1_f2", coopPair([1, 2]));
    const refusal = await place.read("in").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(String(refusal)).toMatch(/the ledger has no dataset/);
  });
});

describe("strangers", () => {
  test("pairs, empty folders and folders without a task are faults, and the others go on", async () => {
    using place = exchangePlace();
    place.write("in/theirs/coop", {
      ...under("demo_task/1/f1_f2", coopPair([1, 2])),
      ...under("demo_task/1/f1_f9", coopPair([1, 2])),
      ...under("chi_task/1/f1_f2", coopPair([1, 2])),
      "demo_task/1/f2_f3/notes.txt": "",
      "demo_task/one/f1_f2/eval.json": "{}",
    });
    const { units } = await place.read("in");
    const said = units.map((unit) =>
      "fault" in unit ? `${unit.fault.code} ${unit.fault.message}` : unit.key,
    );
    expect(said.sort()).toEqual([
      `bad_file ${place.at("in/theirs/coop/demo_task/1/f2_f3")}: nothing to import`,
      `bad_file ${place.at("in/theirs/coop/demo_task/one/f1_f2")}: neither path nor result.json names its task`,
      'dataset_missing chi_task/task1/features_1_2: unknown repo "chi_task" (there is demo_task)',
      'dataset_missing unknown pair "demo_task/task1/features_1_9": did you mean "demo_task/task1/features_1_2"?',
      KEY,
    ]);
    expect(place.ledger.runs.all().map(({ run }) => run)).toEqual(["theirs"]);
  });

  test("cannot lead out of their tree, or fill ours", async () => {
    using place = exchangePlace();
    const hostile = "in/theirs/coop/demo_task/1/f1_f2";
    const agents = { "../../../up": { feature_id: 1 }, agent2: { feature_id: 2 } };
    place.write(hostile, {
      ...coopPair([1, 2]),
      "result.json": {
        json: { repo: "../../x", run_name: "../../y", agents, model: "../z", log_dir: "/etc" },
      },
      "conversation.json": { json: [{ from: "../a", to: null, message: { x: 1 } }, 7] },
    });
    rmSync(place.at(hostile, "agent1.patch"));
    writeFileSync(place.at("secret"), "outside\n");
    symlinkSync(place.at("secret"), place.at(hostile, "agent1.patch"));
    truncateSync(place.at(hostile, "agent1_traj.json"), 2 ** 30);
    symlinkSync(place.at(), place.at("in/theirs/solo"));
    symlinkSync("/etc", place.at(hostile, "agent2"));
    const before = readdirSync(place.at()).sort();
    const { units, warnings } = await place.read("in");
    expect(warnings).toEqual(["theirs/solo is a symbolic link: not followed"]);
    expect(units).toMatchObject([{ key: KEY, imported: "new" }]);
    const problems = units.flatMap((unit) => ("problems" in unit ? unit.problems : []));
    expect(problems).toEqual(
      expect.arrayContaining([
        "agent1.patch is a symbolic link: not followed",
        "agent1_traj.json has 1024 MiB, more than 64: ignored",
        "agent2 is a symbolic link: not followed",
      ]),
    );
    expect(readdirSync(place.at()).sort()).toEqual([...new Set([...before, "logs"])].sort());
    expect(readdirSync(place.log_dir).filter((name) => name !== ".tmp")).toEqual(["theirs"]);
    expect(readdirSync(join(place.log_dir, KEY)).sort()).toEqual([
      "agent1",
      "agent2",
      "conversation.json",
      "result.json",
    ]);
    expect(readFileSync(join(place.log_dir, KEY, "agent1/patch.diff"), "utf8")).toBe("");
    expect(place.ledger.imported.messages(KEY)).toMatchObject([
      { sender: "../a", recipient: "unknown", content: '{"x":1}', sent_at: null },
    ]);
  });
});
