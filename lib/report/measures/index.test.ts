// Owns the proof that every number of the measures can be traced, and that every column of theirs is explained.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { memoryLedger } from "../../../db/ledger.fixture.ts";
import { fill } from "../../../db/queries/filled.fixture.ts";
import { COLUMNS } from "../columns.ts";
import {
  anatomyPart,
  conflictPart,
  conversationParts,
  costPart,
  couplingPart,
  couplingSpreadPart,
  MEASURE_COLUMNS,
  MEASURE_PARTS,
  type Measured,
  splitPart,
  talkPart,
} from "./index.ts";

const ROOT = join(import.meta.dir, "../../..");
const ledger = memoryLedger();
beforeAll(() => fill(ledger));
afterAll(() => ledger.close());
const scope = { runs: ["coop-a", "coop-gold", "solo-a", "idle"] };

const PARTS: Readonly<Record<string, () => Measured | Promise<Measured>>> = {
  splits: () => splitPart(ledger, { ...scope, policy: "union" }),
  conflict: () => conflictPart(ledger, scope),
  anatomy: () => anatomyPart(ledger, scope),
  cost: () => costPart(ledger, scope),
  coupling: () => couplingPart(ledger, scope),
  distances: () => couplingSpreadPart(ledger, scope),
  talk: () => talkPart(ledger, scope),
  conversations: () => conversationParts(ledger, scope).conversations,
  acts: () => conversationParts(ledger, scope).acts,
  planning: () => conversationParts(ledger, scope).planning,
};

describe("the part", () => {
  test.each(Object.keys(PARTS))(
    "%s has rows, each beginning with its run, of columns that are explained",
    async (name) => {
      const { rows } = (await PARTS[name]?.()) ?? { rows: [] };
      expect(rows.length).toBeGreaterThan(0);
      const known = new Set([...Object.keys(COLUMNS), ...Object.keys(MEASURE_COLUMNS)]);
      const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
      expect(columns[0]).toBe("run");
      expect(columns.filter((column) => !known.has(column))).toEqual([]);
      expect(rows.flatMap((row) => Object.values(row)).filter(Number.isNaN)).toEqual([]);
    },
  );

  test.each(Object.keys(PARTS))(
    "%s names files and what in them makes its numbers",
    async (name) => {
      const { source } = (await PARTS[name]?.()) ?? { source: [] };
      expect(source.length).toBeGreaterThan(0);
      for (const { file, names } of source) {
        expect([file, existsSync(join(ROOT, file))]).toEqual([file, true]);
        const text = readFileSync(join(ROOT, file), "utf8");
        const absent = names.filter((one) => !new RegExp(`\\b${one}\\b`).test(text));
        expect([file, absent]).toEqual([file, []]);
      }
    },
  );

  test.each(Object.entries(MEASURE_PARTS))(
    "%s has its labels as columns",
    async (name, { labels }) => {
      const { rows } = (await PARTS[name]?.()) ?? { rows: [] };
      expect(Object.keys(rows[0] ?? {})).toEqual(expect.arrayContaining([...labels]));
    },
  );
});
