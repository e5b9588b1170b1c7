import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { addTalk, judging, keyOf } from "../labels/judge.fixture.ts";
import { type JudgedUnit, judge } from "../labels/judge.ts";
import { MEASURES } from "../labels/taxonomy.ts";
import { withKeys } from "../model/provider/provider.fixture.ts";
import { anthropicServer } from "../model/wire/servers.fixture.ts";
import { ASKS, pairs, pricedModel, withVariable, workersPlace } from "./agents.fixture.ts";
import { farPlace } from "./far.fixture.ts";

setDefaultTimeout(60_000);

describe("18: the model of attempts at other processes", () => {
  test("costs what the whole study may cost, and at most the calls under way more", async () => {
    await using place = workersPlace({ workers: 2 });
    let asked = 0;
    await using model = pricedModel(place, async () => {
      asked++;
      await Bun.sleep(5);
      return { text: "yes" };
    });
    const agent = place.file("asks.ts", ASKS(3));
    const select = { keys: pairs("1_2", "1_3", "1_4") };
    const call = { ...model.options, agent, select, concurrency: 2, budget_usd: 3 };
    const first = await place.run(call);
    // Two attempts of two agents at a time: four calls may be under way when the sixth is paid.
    expect(asked * 0.5).toBeLessThanOrEqual(3 + 4 * 0.5);
    expect(asked * 0.5).toBeGreaterThanOrEqual(3);
    expect(first.stopped).toMatchObject({ code: "budget_reached" });
    // Of a call that is cut off when its partner meets the end of the money nobody knows what it cost, as in one process.
    const { usd, cut_off } = place.ledger.runs.spent("r");
    expect(usd).toBeLessThanOrEqual(asked * 0.5);
    expect(usd + cut_off * 0.5).toBeGreaterThanOrEqual(asked * 0.5);
    expect(usd + cut_off * 0.5).toBeLessThanOrEqual(3 + 4 * 0.5);
    const before = asked;
    expect((await place.run(call)).left).toBeGreaterThan(0);
    expect(asked).toBe(before);
    const raised = await place.run({ ...call, budget_usd: 100 });
    expect({ left: raised.left, faults: raised.units.filter((unit) => "fault" in unit) }).toEqual({
      left: 0,
      faults: [],
    });
  });

  test("is asked one call at a time where the run says so, and its cost is in the lease at once", async () => {
    await using place = workersPlace({ workers: 2 });
    const seen: number[] = [];
    let [now, most] = [0, 0];
    await using model = pricedModel(place, async () => {
      most = Math.max(most, ++now);
      await Bun.sleep(5);
      seen.push(place.ledger.work.open(["r"]).usd + place.ledger.runs.spent("r").usd);
      now--;
      return { text: "yes" };
    });
    const agent = place.file("asks.ts", ASKS(2));
    const select = { keys: pairs("1_2", "1_3") };
    await place.run({ ...model.options, agent, select, concurrency: 2, model_calls: 1 });
    expect(most).toBe(1);
    expect(seen).toEqual(seen.map((_, at) => at * 0.5));
  });

  test("answers from what is kept here, and is asked again for another try only", async () => {
    await using place = workersPlace();
    const canary = "canary-19c4be07d25fa683";
    using _secret = withVariable("CANARY_TOKEN", canary);
    let asked = 0;
    await using model = pricedModel(place, () => {
      asked++;
      return { text: `yes, ${canary}` };
    });
    const agent = place.file("asks.ts", ASKS(2));
    const call = { ...model.options, agent, cache: true };
    await place.run(call);
    expect(asked).toBe(4);
    await place.run({ ...call, name: "again" });
    expect(asked).toBe(4);
    const calls = place.ledger.query(
      "SELECT source, cost_usd FROM calls WHERE attempt_key LIKE 'again/%'",
    );
    expect(calls).toEqual(Array.from({ length: 4 }, () => ({ source: "cache", cost_usd: 0 })));
    await place.run({ ...call, name: "twice", tries: 2 });
    expect(asked).toBe(8);
    expect({
      answers: place.way.carries("yes, [redacted]"),
      secret: place.way.carries(canary),
    }).toEqual({ answers: true, secret: false });
  });

  test("ends an agent at its own limits, which are outcomes there as here", async () => {
    await using place = workersPlace();
    await using model = pricedModel(place);
    const agent = place.file("asks.ts", ASKS(9));
    const call = { ...model.options, agent };
    for (const [name, limit, limit_reached, cost_usd] of [
      ["steps", { max_steps: 2 }, "steps", 1],
      ["cost", { max_cost_usd: 1.5 }, "cost", 1.5],
    ] as const) {
      const { units } = await place.run({ ...call, ...limit, name });
      expect(units).toMatchObject([{ outcome: "limit reached" }]);
      const rows = place.ledger.query(
        `SELECT limit_reached, cost_usd FROM agents WHERE attempt_key LIKE '${name}/%'`,
      );
      expect(rows).toEqual([0, 1].map(() => ({ limit_reached, cost_usd })));
    }
  });

  test("that an earlier delivery had asked is lost with it, in the ledger too", async () => {
    let deliveries = 0;
    await using place = workersPlace();
    await using model = pricedModel(place);
    const { send } = place.way;
    const twice: typeof send = async (errand, parcel) => {
      // The first worker is forgotten once it is done, as if its answer had not arrived.
      if (deliveries++ === 0) await send(errand, parcel);
      return await send(errand, parcel);
    };
    const agent = place.file("asks.ts", ASKS(1));
    await place.run({ ...model.options, agent, place: { ...place.way.place, send: twice } });
    const lost = place.ledger.work.journal("r").filter(({ event }) => event === "lost");
    expect(lost.map(({ cost_usd }) => cost_usd)).toEqual([1]);
    expect(place.ledger.runs.spent("r").usd).toBe(2);
  });
});

test("18: labels are asked for elsewhere, with their cost and their faults", async () => {
  await using way = farPlace();
  await using server = anthropicServer(
    judging(({ measure }) =>
      measure === "failure symptom" ? { text: "I do not know." } : undefined,
    ),
  );
  const judged = async (place?: typeof way.place) => {
    using ledger = memoryLedger();
    using _keys = withKeys();
    addTalk(ledger, keyOf("1_2"), { passed: false });
    const units: JudgedUnit[] = [];
    const end = await judge({
      ...{
        ledger,
        measures: MEASURES,
        model: "anthropic/claude-sonnet-4-5",
        select: { run: "one" },
      },
      ...{ base_url: server.base_url, place, on_unit: (unit) => units.push(unit) },
    });
    const rows = ledger.query(
      "SELECT measure, subject, label, quotes, answer, cost_usd, prompt FROM labels ORDER BY measure, subject",
    );
    const told = units.map((unit) =>
      unit.fault === undefined ? unit : { ...unit, fault: { ...unit.fault, cause: undefined } },
    );
    const faults = ledger.query("SELECT unit, code, message, hint, cost_usd FROM faults");
    return { end, rows, faults, told: told.map((unit) => JSON.stringify(unit)).toSorted() };
  };
  const here = await judged();
  expect(here.rows.length).toBeGreaterThan(3);
  expect(await judged(way.place)).toEqual(here);
  expect(way.kinds).toEqual(["label", "label", "label"]);
});
