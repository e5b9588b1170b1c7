import { describe, expect, test } from "bun:test";
import type { UnitEvent } from "../core/vocabulary.ts";
import { G12, G23, GOLD, studyPlace } from "./flow.fixture.ts";
import type { FlowEvent } from "./flow-plan.ts";

type Place = ReturnType<typeof studyPlace>;

/** What became of units, in order: `eval 1_2 fresh`. */
const said = (events: readonly FlowEvent[]) =>
  events.map(({ step, unit }) => {
    const what = "fault" in unit ? unit.fault.code : unit.fresh ? "fresh" : "before";
    return `${step} ${unit.key.slice(-3)} ${what}`;
  });
const journal = ({ ledger }: Place, event: UnitEvent) =>
  ledger.work.journal().flatMap((row) => (row.event === event ? `${row.step} ${row.unit}` : []));

describe("a target", () => {
  const CASES = [
    ["run", ["run"]],
    ["merge", ["run", "merge"]],
    ["eval", ["run", "merge", "eval"]],
  ] as const;
  test.each(CASES)(
    "%s does its steps once a unit, and the second time nothing",
    async (target, steps) => {
      using place = studyPlace();
      const first = await place.run(GOLD, { target });
      expect({ left: first.left, stopped: first.stopped }).toEqual({ left: 0, stopped: [] });
      const done = steps.flatMap((step) => [G12, G23].map((key) => `${step} ${key}`)).toSorted();
      expect(journal(place, "done").toSorted()).toEqual(done);
      const again = await place.run(GOLD, { target });
      expect(said(again.events).filter((line) => !line.endsWith("before"))).toEqual([]);
      expect(new Set(said(again.events))).toEqual(
        new Set(["run", target].flatMap((step) => [`${step} 1_2 before`, `${step} 2_3 before`])),
      );
      expect(journal(place, "claimed")).toHaveLength(done.length);
      expect(place.ledger.work.leases()).toEqual([]);
    },
  );

  test("goes pair by pair over all arms", async () => {
    using place = studyPlace();
    const keys = ["1_2", "2_3", "1_3", "1_4", "1_5", "2_4"].map(
      (name) => `"demo_task/task1/features_${name}"`,
    );
    const text = GOLD.replace(/keys = .*/, `keys = [${keys.join(", ")}]`);
    const { events } = await place.run(`${text}\n[arms.none]\nagent = "null"\n`, { target: "run" });
    const order = events.map(({ unit }) => unit.key.replace("/demo_task/task1/features", ""));
    expect(order.slice(0, 4)).toEqual(
      ["s-gold_1_2", "s-none_1_2", "s-gold_2_3", "s-none_2_3"].map((key) =>
        key.replace(/(gold|none)_/, "$1_"),
      ),
    );
  });
});

describe("a fault", () => {
  const MINI = GOLD.replace('agent = "gold"', 'model = "replay/none"').replaceAll(
    "arms.gold",
    "arms.a",
  );
  const ten = MINI.replace(/keys = .*/, 'repo = "demo_task"');

  test("five times in a row stops the arm and says why; the others are left", async () => {
    using place = studyPlace();
    const { events, left, stopped } = await place.run(ten, { target: "run" });
    expect(events).toHaveLength(5);
    expect({ left, codes: stopped.map(({ code }) => code) }).toEqual({
      left: 5,
      codes: ["recording_missing"],
    });
    expect(place.ledger.faults.open()).toHaveLength(5);
    expect(place.ledger.work.leases()).toEqual([]);
  });

  test("however often stops nothing for those who keep going", async () => {
    using place = studyPlace();
    const { events, left, stopped } = await place.run(ten, { target: "run", keep_going: true });
    expect({ units: events.length, left, stopped }).toEqual({ units: 10, left: 0, stopped: [] });
  });

  test("of one arm stops no other", async () => {
    using place = studyPlace();
    const both = `${ten}\n[arms.gold]\nagent = "gold"\n`;
    const { events, left } = await place.run(both, { target: "run" });
    const well = said(events).filter((line) => line.endsWith("fresh"));
    expect({ well: well.length, left }).toEqual({ well: 10, left: 5 });
  });
});

describe("a drain", () => {
  test("before anything begins nothing and leaves it all", async () => {
    using place = studyPlace();
    const { left, events } = await place.run(GOLD, { drain: AbortSignal.abort() });
    expect({ left, events }).toEqual({ left: 2, events: [] });
    expect(place.ledger.work.journal()).toEqual([]);
  });

  test("after the first unit: that one is stored, the next call does the rest, and nothing is done twice", async () => {
    using place = studyPlace();
    const drain = new AbortController();
    const { left, events } = await place.run(GOLD, {
      drain: drain.signal,
      on_unit: () => drain.abort(),
    });
    expect(left).toBe(2);
    expect(events).toEqual([]);
    expect(journal(place, "done")).toEqual([`run ${G12}`]);
    const rest = await place.run(GOLD);
    expect(rest.left).toBe(0);
    const done = journal(place, "done");
    expect([done.length, new Set(done).size]).toEqual([6, 6]);
  });
});
