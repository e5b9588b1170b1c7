import { expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { addFault } from "../../db/verdicts.fixture.ts";
import { openAgain } from "./retriable.ts";

const ONE = "r/alpha_task/task1/features_1_2";
const TWO = "r/alpha_task/task1/features_1_3";

function place() {
  const ledger = memoryLedger();
  const again = openAgain<string>(ledger.faults, ["run"]);
  return {
    ledger,
    ...again,
    async fault(key: string, step: "run" | "eval" = "run") {
      addFault(ledger, key, { step });
      again.met(key, key);
      // Moments are milliseconds: what comes after is later.
      await Bun.sleep(2);
    },
    async request() {
      ledger.faults.requeue(ledger.faults.open().map(({ id }) => id));
      await Bun.sleep(2);
    },
    [Symbol.dispose]: () => ledger.close(),
  };
}

test("a unit is given once for each time that somebody asks", async () => {
  using here = place();
  await here.fault(ONE);
  await here.fault(TWO);
  expect(here.asked()).toEqual([]);
  await here.request();
  expect([here.asked(), here.asked()]).toEqual([[ONE, TWO], []]);
});

test("a request is answered by the fault that follows it: only a newer one counts", async () => {
  using here = place();
  await here.fault(ONE);
  await here.request();
  expect(here.asked()).toEqual([ONE]);
  await here.fault(ONE);
  expect(here.asked()).toEqual([]);
  await here.request();
  expect(here.asked()).toEqual([ONE]);
});

test("what is under way, what another call met, and other steps are not given", async () => {
  using here = place();
  await here.fault(ONE);
  here.over(ONE);
  addFault(here.ledger, TWO);
  await here.fault(`${TWO}~2`, "eval");
  await here.request();
  expect(here.asked()).toEqual([]);
});
