import { describe, expect, test } from "bun:test";
import { addRun, memoryLedger } from "../../db/ledger.fixture.ts";
import type { ControlRow } from "../../db/schema.ts";
import { attemptKey } from "../core/keys.ts";
import { openWork } from "../work/work.ts";
import { openEngine } from "./engine.ts";
import { openLine } from "./line.ts";
import { aboutAttempt, eachInput, eachJob, type Stage } from "./stage.ts";

const idOf = (feature: string, run: string) => ({
  ...{ run, repo: "t_task", task_id: 1, features: [1, Number(feature)], try: 1 },
});
const keyOf = (unit: string) => attemptKey(idOf(unit.slice(1), `s-${unit[0]}`));

/**
 * A line over units such as `a2`, of run `s-a`: each is under way until it is let go, or stopped. Its process looks for
 * requests every few milliseconds.
 */
function steered(
  width = 1,
  before: (ledger: ReturnType<typeof memoryLedger>) => void = () => undefined,
) {
  const ledger = memoryLedger();
  for (const run of ["s-a", "s-b"]) addRun(ledger, { run, config_hash: run });
  ledger.runs.setStudy("s", ["s-a", "s-b"]);
  before(ledger);
  const said: string[] = [];
  const begun: string[] = [];
  const made: string[] = [];
  const work = openWork({
    ledger,
    command: "t",
    beat_ms: 5,
    on_control: (line) => said.push(line),
  });
  const going = new Map<string, () => void>();
  const stage: Stage<string, string, string, string> = {
    name: "run",
    about: (unit) => aboutAttempt(idOf(unit.slice(1), `s-${unit[0]}`)),
    inputs: eachInput((unit) => unit),
    stored: (units) => units.map((unit) => (made.includes(unit) ? unit : undefined)),
    current: () => true,
    made_at: () => "",
    work: eachJob(async ({ unit, held }) => {
      begun.push(unit);
      const spent = { cost_usd: 0.5, in_flight: 1, tokens: 1 };
      held.progress = () => ({ doing: "working", ...spent, agents: [] });
      const end = Promise.withResolvers<string>();
      going.set(unit, () => end.resolve(unit));
      held.signal.addEventListener("abort", () => end.reject(held.signal.reason));
      return await end.promise;
    }),
    store({ unit, held }) {
      ledger.work.done(held.unit, held.holder);
      made.push(unit);
      return unit;
    },
  };
  const signal = new AbortController().signal;
  const drain = new AbortController();
  const line = openLine({
    engine: openEngine({
      ledger,
      work,
      retries: { faults: 0, wait_ms: 0 },
      signal,
      drain: drain.signal,
    }),
    ...{ stage, width: work.control.width({ given: width, explicit: false }) },
    on_unit: () => undefined,
  });
  return {
    ...{ ledger, line, said, begun, made, drain },
    async letGo(...units: string[]) {
      for (const unit of units) going.get(unit)?.();
      await Bun.sleep(25);
    },
    async ask(verb: ControlRow["verb"], name: string, more: Partial<ControlRow> = {}) {
      const scope = name === "s" ? "study" : "run";
      ledger.controls.ask([{ scope, name, verb, asked_by: "me@host", ...more }]);
      await Bun.sleep(25);
    },
    process: () => ledger.work.processes()[0],
    events: () =>
      ledger.work
        .journal()
        .map(({ unit, event }) => `${event} ${unit.slice(2, 3)}${unit.slice(-1)}`),
    [Symbol.dispose]() {
      work[Symbol.dispose]();
      ledger.close();
    },
  };
}

describe("a pause", () => {
  test("begins nothing new, lets go on what is under way, and ends where it was", async () => {
    using here = steered(2);
    here.line.push("a2", "b2", "a3", "b3");
    here.line.close();
    await here.ask("pause", "s");
    await here.letGo("a2", "b2");
    expect([here.begun, here.made]).toEqual([
      ["a2", "b2"],
      ["a2", "b2"],
    ]);
    expect(here.process()).toMatchObject({ state: "paused", runs: ["s-a", "s-b"], concurrency: 2 });
    expect(here.ledger.controls.all()).toMatchObject([{ applied_at: expect.any(String) }]);
    await here.ask("resume", "s");
    expect(here.begun).toEqual(["a2", "b2", "a3", "b3"]);
    expect(here.process()).toMatchObject({ state: "running", control_id: 2 });
    await here.letGo("a3", "b3");
    expect(await here.line.done).toEqual([]);
    expect(here.said).toEqual([
      expect.stringMatching(/^study s is paused \(me@host, .* UTC\)$/),
      expect.stringMatching(/^study s is resumed/),
    ]);
  });

  test("of one arm lets the others pass, and keeps its units in order", async () => {
    using here = steered();
    await here.ask("pause", "s-a");
    here.line.push("a2", "b2", "a3", "b3");
    here.line.close();
    await here.letGo();
    await here.letGo("b2");
    await here.letGo("b3");
    expect(here.begun).toEqual(["b2", "b3"]);
    await here.ask("resume", "s-a");
    for (const unit of ["a2", "a3"]) await here.letGo(unit);
    expect([here.begun, await here.line.done]).toEqual([["b2", "b3", "a2", "a3"], []]);
  });

  test("ends with an interruption, and leaves what was not begun", async () => {
    using here = steered();
    here.line.push("a2", "a3", "b2");
    here.line.close();
    await here.ask("pause", "s");
    await here.letGo("a2");
    here.drain.abort();
    expect([await here.line.done, here.begun]).toEqual([["a3", "b2"], ["a2"]]);
  });

  test("from before is obeyed from the beginning, and said in one line with all that holds", async () => {
    using here = steered(1, ({ controls }) => {
      const asked = { asked_by: "me@host" };
      controls.ask([
        { ...asked, scope: "study", name: "s", verb: "pause" },
        { ...asked, scope: "study", name: "s", verb: "concurrency", concurrency: 3 },
        { ...asked, scope: "run", name: "s-b", verb: "cancel", unit: keyOf("b2") },
        { ...asked, scope: "run", name: "other", verb: "pause" },
      ]);
    });
    here.line.push("a2", "b2", "a3");
    here.line.close();
    await Bun.sleep(25);
    expect([here.begun, here.said.length]).toEqual([[], 1]);
    expect(here.said[0]).toMatch(
      /^still holds: study s is paused .*; study s has concurrency 3 .*; 1 attempt cancelled$/,
    );
    expect(here.ledger.controls.all().map(({ applied_at }) => applied_at !== null)).toEqual([
      ...[true, true, true, false],
    ]);
    await here.ask("resume", "s");
    await here.letGo("a2", "a3");
    expect([here.begun, await here.line.done]).toEqual([["a2", "a3"], ["b2"]]);
  });
});

describe("a concurrency", () => {
  test("that is asked for holds at once: more begin, or no more until there are few enough", async () => {
    using here = steered(1);
    here.line.push("a2", "a3", "a4", "b2", "b3");
    here.line.close();
    await here.ask("concurrency", "s", { concurrency: 3 });
    expect(here.begun).toEqual(["a2", "a3", "a4"]);
    await here.ask("concurrency", "s", { concurrency: 1 });
    await here.letGo("a2", "a3");
    expect([here.begun.length, here.process()?.concurrency]).toEqual([3, 1]);
    await here.letGo("a4");
    expect(here.begun).toEqual(["a2", "a3", "a4", "b2"]);
    await here.letGo("b2");
    await here.letGo("b3");
    expect(await here.line.done).toEqual([]);
  });
});

describe("a cancelled attempt", () => {
  test("under way is stopped, its cost is lost, and it is left undone", async () => {
    using here = steered();
    here.line.push("a2", "a3");
    here.line.close();
    await here.ask("cancel", "s-a", { unit: keyOf("a2") });
    await here.letGo("a3");
    expect([await here.line.done, here.made]).toEqual([["a2"], ["a3"]]);
    expect(here.events()).toEqual(["claimed a2", "stopped a2", "claimed a3", "done a3"]);
    const [, stopped] = here.ledger.work.journal();
    expect(stopped).toMatchObject({
      cost_usd: 0.5,
      cut_off: 1,
      note: expect.stringContaining("cancelled (me@host"),
    });
    expect([here.ledger.work.leases(), here.ledger.faults.open()]).toEqual([[], []]);
    expect(here.ledger.runs.spent("s-a")).toEqual({ usd: 0.5, unpriced: 0, cut_off: 1 });
  });

  test("that is resumed while others go on is done in the same call", async () => {
    using here = steered();
    here.line.push("a2", "a3", "b2");
    here.line.close();
    await here.ask("cancel", "s-a", { unit: keyOf("a3") });
    await here.letGo("a2");
    expect(here.begun).toEqual(["a2", "b2"]);
    await here.ask("resume", "s-a", { unit: keyOf("a3") });
    await here.letGo("b2");
    await here.letGo("a3");
    expect([await here.line.done, here.made]).toEqual([[], ["a2", "b2", "a3"]]);
  });

  test("with its whole arm is stopped; the other arm goes on", async () => {
    using here = steered(2);
    here.line.push("a2", "b2", "a3", "b3");
    here.line.close();
    await here.ask("cancel", "s-a");
    await here.letGo("b2");
    await here.letGo("b3");
    expect([await here.line.done, here.made]).toEqual([
      ["a2", "a3"],
      ["b2", "b3"],
    ]);
    expect(here.said).toHaveLength(1);
  });

  test("that is done is known as before", async () => {
    using here = steered();
    here.made.push("a2");
    await here.ask("cancel", "s-a", { unit: keyOf("a2") });
    here.line.push("a2");
    here.line.close();
    expect([await here.line.done, here.begun]).toEqual([[], []]);
  });
});
