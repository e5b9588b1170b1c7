import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { addRun, attemptRecord } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import { temporaryFolder } from "../../lib/core/testing.ts";
import { owed } from "./_owed.ts";

type Case = readonly [
  what: string,
  agents: readonly { readonly known_usd: number; readonly cut_off: number }[],
  bill: { readonly usd: number; readonly dearest_usd: number },
  kills: number,
  damage: readonly string[],
];
const agent = (known_usd: number, cut_off = 0) => ({ known_usd, cut_off });

const CASES: readonly Case[] = [
  ["all is known", [agent(1), agent(2)], { usd: 3, dearest_usd: 2 }, 0, []],
  ["a call that was cut off was billed", [agent(1, 1)], { usd: 3, dearest_usd: 2 }, 1, []],
  ["a call that was cut off never came", [agent(1, 1)], { usd: 1, dearest_usd: 1 }, 1, []],
  ["more is known than was billed", [agent(2)], { usd: 1, dearest_usd: 1 }, 0, ["counted twice"]],
  ["nothing marks what is missing", [agent(1)], { usd: 2, dearest_usd: 1 }, 1, ["without a mark"]],
  ["one mark for two calls", [agent(0, 1)], { usd: 2, dearest_usd: 1 }, 1, ["without a mark"]],
  ["marks that no kill has made", [agent(1, 1)], { usd: 1, dearest_usd: 1 }, 0, ["marked twice"]],
];

describe("S11: a tortured study's cost", () => {
  test.each(CASES)("%s", (_, agents, bill, kills, damage) => {
    using folder = temporaryFolder();
    using ledger = openLedger(join(folder.path, "ledger.sqlite"));
    addRun(ledger, { run: "r" });
    const rows = agents.map((one) => ({
      ...one,
      cost_usd: one.cut_off > 0 ? null : one.known_usd,
    }));
    const features = agents.map((_, index) => index + 1).join("_");
    ledger.attempts.put([attemptRecord(`r/x_task/task1/features_${features}_9`, { agents: rows })]);
    const found = owed(ledger, { requests: 1, ...bill }, kills);
    expect(found.damage).toEqual(damage.map((word) => expect.stringContaining(word)));
  });
});
