import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Ledger, openLedger } from "../db/ledger.ts";
import { withoutAddress } from "../db/server-hashes.ts";
import { checkSameConfig, configHash, type RunConfig } from "../lib/attempt/config.ts";
import { frozenToday, hashToday, stored, wholeConfig } from "./configurations.fixture.ts";
import { goldenPlace } from "./golden.fixture.ts";

let [here, ledger]: [Awaited<ReturnType<typeof goldenPlace>>?, Ledger?] = [];
beforeAll(async () => {
  here = await goldenPlace();
  ledger = openLedger(here.at("ledger.sqlite"));
});
afterAll(() => {
  ledger?.close();
  here?.[Symbol.dispose]();
});

const CASES = stored.frozen.map(
  (one) => [one.arm ?? one.flags?.join(" ") ?? "a module", one] as const,
);

test.each(CASES)("A15: %s: what was frozen has the hash it had, without its address", (_, one) => {
  expect(configHash(wholeConfig(one))).toBe(hashToday(one));
  if (one.config.base_url === null) expect(hashToday(one)).toBe(one.hash);
  else expect(hashToday(one)).not.toBe(one.hash);
  const migrated = { config: JSON.stringify(wholeConfig(one)), config_hash: hashToday(one) };
  expect(withoutAddress(migrated)).toBe(migrated.config_hash);
});

describe("the same request is frozen to the same", () => {
  const asked = CASES.filter(([, { flags, arm }]) => flags !== undefined || arm !== undefined);
  test.each(asked)("%s", async (_, one) => {
    if (ledger === undefined) throw new Error("no ledger");
    const today = await frozenToday(one, ledger);
    expect(today).toMatchObject(wholeConfig(one));
    expect(configHash(today)).toBe(hashToday(one));
    expect(() => checkSameConfig("r", wholeConfig(one), today)).not.toThrow();
  });
});

test("every run of the ledger has the hash of its configuration", () => {
  const runs = ledger?.runs.all() ?? [];
  expect(runs).toHaveLength(5);
  for (const { run, config, config_hash } of runs)
    expect({ run, hash: configHash(config as RunConfig) }).toEqual({ run, hash: config_hash });
});
