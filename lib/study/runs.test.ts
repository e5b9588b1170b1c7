import { describe, expect, test } from "bun:test";
import { addRun, memoryLedger } from "../../db/ledger.fixture.ts";
import { configHash } from "../attempt/config.ts";
import { G12, GOLD, studyPlace } from "./flow.fixture.ts";
import { CONFIG } from "./history.fixture.ts";
import { runNameOf } from "./runs.ts";

const [FIRST, SECOND, THIRD] = [10, 20, 30].map((max_steps) => ({ ...CONFIG, max_steps })) as [
  typeof CONFIG,
  typeof CONFIG,
  typeof CONFIG,
];

describe("the name of an arm's run", () => {
  const CASES: [
    what: string,
    runs: Record<string, typeof CONFIG>,
    config: typeof CONFIG,
    name: string,
  ][] = [
    ["is the arm's own when it is free", {}, FIRST, "s-a"],
    ["is the arm's own again", { "s-a": FIRST }, FIRST, "s-a"],
    ["is numbered once the configuration changed", { "s-a": FIRST }, SECOND, "s-a+2"],
    ["is the first again for a change back", { "s-a": FIRST, "s-a+2": SECOND }, FIRST, "s-a"],
    ["is the second again", { "s-a": FIRST, "s-a+2": SECOND }, SECOND, "s-a+2"],
    ["is the next free one", { "s-a": FIRST, "s-a+2": SECOND }, THIRD, "s-a+3"],
    ["may be a gap", { "s-a": FIRST, "s-a+3": SECOND }, SECOND, "s-a+2"],
    ["is not disturbed by other arms", { "s-b": SECOND }, SECOND, "s-a"],
  ];
  test.each(CASES)("%s", (_, runs, config, name) => {
    using ledger = memoryLedger();
    for (const [run, made] of Object.entries(runs))
      addRun(ledger, { run, config: made, config_hash: configHash(made) });
    expect(runNameOf(ledger, "s-a", { config })).toBe(name);
  });
});

describe("A15: the run of an arm whose server moved", () => {
  const at = (base_url: string, more: Partial<typeof CONFIG> = {}) => ({
    ...CONFIG,
    ...{ model: "local/qwen", base_url, ...more },
  });
  const [OLD, NEW] = [at("http://127.0.0.1:8000/v1"), at("http://localhost:8123/")];
  const OTHER = at("http://gpu2.lab:8000/v1");
  const nameOf = (runs: Record<string, typeof CONFIG>, config: typeof CONFIG, said?: boolean) => {
    using ledger = memoryLedger();
    for (const [run, made] of Object.entries(runs))
      addRun(ledger, { run, config: made, config_hash: configHash(made) });
    return runNameOf(ledger, "s-a", { config, same_server: said });
  };

  const CASES: [
    what: string,
    runs: Record<string, typeof CONFIG>,
    config: typeof CONFIG,
    said: boolean | undefined,
    name: string,
  ][] = [
    ["to another port is its own", { "s-a": OLD }, NEW, undefined, "s-a"],
    ["is the one at the very address", { "s-a": OLD, "s-a+2": NEW }, NEW, undefined, "s-a+2"],
    ["to another host that is the same", { "s-a": OLD }, OTHER, true, "s-a"],
    ["to another host that is another", { "s-a": OLD }, OTHER, false, "s-a+2"],
    ["back to a host that has a run", { "s-a": OLD, "s-a+2": OTHER }, OTHER, undefined, "s-a+2"],
    ["and whose steps changed too", { "s-a": OLD }, { ...OTHER, max_steps: 7 }, true, "s-a+2"],
  ];
  test.each(CASES)("%s", (_, runs, config, said, name) => {
    expect(nameOf(runs, config, said)).toBe(name);
  });

  test("to another host, and nobody says whether it is the same: refused by both hosts", () => {
    expect(() => nameOf({ "s-a": OLD }, OTHER)).toThrow(
      'run "s-a" was made with the server localhost, not gpu2.lab: if it is the same server, set same_server = true for the arm; otherwise same_server = false starts a separate run',
    );
  });
});

describe("the arms of a study", () => {
  const TWO = `${GOLD}\n[arms.none]\nagent = "null"\ntries = 2\n`;

  test("have attempts in the order of the pairs, every try, and none is done yet", async () => {
    using place = studyPlace();
    const arms = await place.armsOf(place.read(TWO));
    const pairs = ["features_1_2", "features_2_3"].map((name) => `demo_task/task1/${name}`);
    expect(arms.map(({ run, attempts }) => [run, attempts.map(({ key }) => key)])).toEqual([
      ["s-gold", pairs.map((pair) => `s-gold/${pair}`)],
      ["s-none", pairs.flatMap((pair) => [`s-none/${pair}`, `s-none/${pair}~2`])],
    ]);
    expect(arms.flatMap(({ attempts }) => attempts.flatMap(({ done }) => done ?? []))).toEqual([]);
  });

  test("are those named, in the order of the file; one that there is not is named with the nearest", async () => {
    using place = studyPlace();
    const study = place.read(TWO);
    expect((await place.armsOf(study, ["none"])).map(({ run }) => run)).toEqual(["s-none"]);
    expect((await place.armsOf(study, ["none", "gold"])).map(({ run }) => run)).toEqual([
      "s-gold",
      "s-none",
    ]);
    await expect(place.armsOf(study, ["golt"])).rejects.toThrow('did you mean "gold"?');
  });

  test("changed and changed back: only what was never done is done", async () => {
    using place = studyPlace();
    const fresh = async (sets: string[]) => {
      const { events } = await place.run(GOLD, { sets, target: "run" });
      return events.map(({ unit }) => [unit.key, "fresh" in unit && unit.fresh]);
    };
    const other = G12.replace("s-gold", "s-gold+2");
    expect((await fresh([]))[0]).toEqual([G12, true]);
    expect((await fresh(["arms.gold.max_steps=7"]))[0]).toEqual([other, true]);
    expect((await fresh([]))[0]).toEqual([G12, false]);
    expect((await fresh(["arms.gold.max_steps=7"]))[0]).toEqual([other, false]);
  });
});
