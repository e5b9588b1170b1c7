import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { hostname } from "node:os";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import type { UnitProgress } from "../../db/schema.ts";
import type { WorkUnit } from "../../db/work.ts";
import { processStart, thisOwner } from "../core/owner.ts";
import { temporaryFolder } from "../core/testing.ts";
import { openWork } from "./work.ts";

const UNIT: WorkUnit = { unit: "r/t_task/task1/features_1_2", step: "run", run: "r" };
const far = (cost_usd: number | null): UnitProgress => ({
  ...{ doing: "working", cost_usd, tokens: 10 },
  agents: [{ agent_id: "agent1", steps: 2 }],
});
const [, TABLE] = thisOwner().split("/");
const NEVER_DONE = () => false;

function place() {
  const folder = temporaryFolder();
  const path = join(folder.path, "ledger.sqlite");
  const ledger = openLedger(path);
  return {
    ledger,
    /** A unit that another process holds, with what it had said of it. */
    heldBy(owner: string, cost_usd: number | null) {
      ledger.work.begin({ owner, pid: 1, command: "other" });
      ledger.work.claim([UNIT], { owner, isGone: () => false, isDone: NEVER_DONE });
      const progress = [{ ...UNIT, progress: far(cost_usd) }];
      ledger.work.beat(owner, { state: "running", tokens: 0, models: [], progress });
    },
    /** The ledger's next writes fail at once, until disposed of. */
    locked(): Disposable {
      ledger.query("PRAGMA busy_timeout = 0");
      const other = new Database(path);
      other.run("BEGIN EXCLUSIVE");
      return { [Symbol.dispose]: () => other.close() };
    },
    events: () =>
      ledger.work.journal().map(({ event, owner, cost_usd }) => [event, owner, cost_usd]),
    [Symbol.dispose]() {
      ledger.close();
      folder[Symbol.dispose]();
    },
  };
}

describe("a unit of another process", () => {
  const here = (pid: number, start: string | undefined) =>
    [hostname(), TABLE, pid, start].join("/");
  const elsewhere = `another-host/${TABLE}/4242/99`;
  const otherTable = `${hostname()}/1/4242/99`;
  const CASES: [what: string, owner: string, silent_min: number, taken: boolean][] = [
    ["that lives is its own, however long it is silent", here(1, processStart(1)), 90, false],
    ["that is gone is taken back", here(2 ** 22 + 1, "1"), 0, true],
    ["whose pid another process has by now is taken back", here(1, "1"), 0, true],
    ["on another machine is its own while it is heard of", elsewhere, 0, false],
    ["on another machine is taken back after ten silent minutes", elsewhere, 11, true],
    ["in another container is its own while it is heard of", otherTable, 9, false],
    ["in another container is taken back after ten silent minutes", otherTable, 11, true],
  ];
  test.each(CASES)("%s", (_, owner, silent_min, taken) => {
    using here = place();
    here.heldBy(owner, 0.25);
    const at = new Date(Date.now() - silent_min * 60_000).toISOString();
    here.ledger.query(`UPDATE processes SET heartbeat_at = '${at}' WHERE owner = '${owner}'`);
    using work = openWork({ ledger: here.ledger, command: "test", listening_ms: 0 });
    const [claim] = work.claim([UNIT], NEVER_DONE);
    const mine = [
      ["lost", owner, 0.25],
      ["claimed", work.owner, 0],
    ];
    expect(here.events()).toEqual([["claimed", owner, 0], ...(taken ? mine : [])]);
    expect(claim).toEqual(taken ? expect.objectContaining({ unit: UNIT }) : "held");
  });

  test("on another machine is not taken back before it was listened for, and not if it is heard of then", async () => {
    using here = place();
    here.heldBy(elsewhere, 0.25);
    const age = (minutes: number) => {
      const at = new Date(Date.now() - minutes * 60_000).toISOString();
      here.ledger.query(`UPDATE processes SET heartbeat_at = '${at}' WHERE owner = '${elsewhere}'`);
    };
    age(60);
    using work = openWork({ ledger: here.ledger, command: "test", listening_ms: 30 });
    const claim = () => work.claim([UNIT], NEVER_DONE)[0];
    expect(claim()).toBe("held");
    // Both woke up from a sleep of an hour, and the other one was slower.
    age(61);
    await Bun.sleep(40);
    expect(claim()).toBe("held");
    await Bun.sleep(40);
    expect(claim()).toMatchObject({ unit: UNIT });
  });

  test("is lost with an unknown cost when a price was unknown, and for nothing when it had said nothing", () => {
    using here = place();
    const gone = [hostname(), TABLE, 2 ** 22 + 1, "1"].join("/");
    here.heldBy(gone, null);
    here.ledger.work.claim([{ ...UNIT, step: "eval" }], {
      ...{ owner: gone, isGone: () => false, isDone: NEVER_DONE },
    });
    using _work = openWork({ ledger: here.ledger, command: "test" });
    expect(here.ledger.work.leases()).toEqual([]);
    expect(here.ledger.work.journal().filter(({ event }) => event === "lost")).toMatchObject([
      { step: "run", cost_usd: null },
      { step: "eval", cost_usd: 0 },
    ]);
  });
});

describe("letting go", () => {
  function holding(here: ReturnType<typeof place>) {
    const work = openWork({ ledger: here.ledger, command: "test" });
    const [held] = work.claim([UNIT], NEVER_DONE);
    if (typeof held !== "object") throw new Error(`the claim came to ${held}`);
    held.progress = () => far(0.5);
    return { work, held };
  }
  const owner = thisOwner();

  test("by disposal is a stop, with what the unit had cost", () => {
    using here = place();
    const { work, held } = holding(here);
    held[Symbol.dispose]();
    work[Symbol.dispose]();
    expect(here.events().at(-1)).toEqual(["stopped", owner, 0.5]);
    expect(here.ledger.work.leases()).toEqual([]);
  });

  test("because of a fault leaves the cost to the fault, and is done once", () => {
    using here = place();
    const { work, held } = holding(here);
    held.fail();
    held.fail();
    held[Symbol.dispose]();
    work[Symbol.dispose]();
    expect(here.events().slice(1)).toEqual([["fault", owner, 0]]);
  });

  test("of what is somebody else's by now writes nothing", () => {
    using here = place();
    const { work, held } = holding(here);
    here.ledger.work.claim([UNIT], { owner: "other", isGone: () => true, isDone: NEVER_DONE });
    const before = here.events();
    held[Symbol.dispose]();
    work[Symbol.dispose]();
    expect(here.events()).toEqual(before);
    expect(here.ledger.work.leases()).toMatchObject([{ owner: "other" }]);
  });

  test("while the ledger is locked can be asked for again", () => {
    using here = place();
    const { work, held } = holding(here);
    {
      using _locked = here.locked();
      expect(held.fail).toThrow(/locked/);
    }
    held.fail();
    work[Symbol.dispose]();
    expect(here.ledger.work.leases()).toEqual([]);
    expect(here.events().slice(1)).toEqual([["fault", owner, 0]]);
  });

  test("while the ledger is locked, at an end for another reason, hides no reason", () => {
    using here = place();
    const { work, held } = holding(here);
    const ending = () => {
      using _locked = here.locked();
      using _held = held;
      throw new Error("the reason");
    };
    expect(ending).toThrow("the reason");
    work[Symbol.dispose]();
    expect(here.ledger.work.leases()).toHaveLength(1);
  });
});

describe("heartbeats", () => {
  const load = { model: "m", in_flight: 1, limit: 2, retries: 0, last_rate_limit_at: null };

  test("tell tokens, models, how far units are, and that no new ones are begun", () => {
    using here = place();
    using work = openWork({ ledger: here.ledger, command: "a study" });
    const [held] = work.claim([UNIT], NEVER_DONE);
    if (typeof held === "object") held.progress = () => far(0.5);
    work.count(7);
    work.count(8);
    using _watched = work.watch(() => load);
    let heard = 0;
    const listening = work.onBeat(() => heard++);
    work.drain();
    listening[Symbol.dispose]();
    work.drain();
    expect(heard).toBe(1);
    expect(here.ledger.work.processes()).toMatchObject([
      { owner: work.owner, command: "a study", state: "draining", tokens: 15, models: [load] },
    ]);
    expect(here.ledger.work.leases()).toMatchObject([{ ...UNIT, progress: far(0.5) }]);
    expect(here.ledger.work.open(["r"]).usd).toBe(0.5);
    expect(here.ledger.work.open(["other"]).usd).toBe(0);
  });

  test("and the end are left out while the ledger is locked, and nobody hears of them", () => {
    using here = place();
    const work = openWork({ ledger: here.ledger, command: "test" });
    let heard = 0;
    using _listening = work.onBeat(() => heard++);
    {
      using _locked = here.locked();
      work.drain();
      work[Symbol.dispose]();
    }
    expect(heard).toBe(0);
    expect(here.ledger.work.processes()).toMatchObject([{ state: "running", ended_at: null }]);
  });
});
