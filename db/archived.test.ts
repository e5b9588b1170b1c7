import { describe, expect, test } from "bun:test";
import { getTableName, is } from "drizzle-orm";
import { SQLiteTable } from "drizzle-orm/sqlite-core";
import { columnsOf, RUN_TABLES, SHARED_TABLES } from "./archived.ts";
import { lineOf, rowOf, type StoredRow } from "./archived-row.ts";
import { HARD_BYTES } from "./ledger.fixture.ts";
import * as schema from "./schema.ts";

/** Tables that are no run's, and why. */
const LEFT_OUT: Record<string, string> = {
  meta: "the ledger's own",
  tasks: "the dataset's: attempts name them by hash",
  patch_files: "read from the bytes of patches, where they are stored",
  features: "the dataset's",
  pairs: "the dataset's",
  subsets: "the dataset's",
  subset_pairs: "the dataset's",
  checks: "of the dataset, on this machine",
  processes: "of this machine",
  workers: "of the machines that worked then",
  controls: "asked of work under way",
  leases: "work under way is not archived",
  published: "of no run",
  editions: "of the dataset, fetched where it is wanted",
  edition_tasks: "of the dataset, fetched where it is wanted",
  task_versions: "of the dataset, fetched where it is wanted",
  feature_versions: "of the dataset, fetched where it is wanted",
  pair_versions: "of the dataset, fetched where it is wanted",
};

test("every table belongs to a run, is shared, or is left out for a reason", () => {
  const all = Object.values(schema).flatMap((one) =>
    is(one, SQLiteTable) ? getTableName(one) : [],
  );
  expect([...RUN_TABLES, ...SHARED_TABLES, ...Object.keys(LEFT_OUT)].sort()).toEqual(all.sort());
});

test("what a ledger counts by itself stays behind", () => {
  for (const table of ["faults", "journal", "superseded"])
    expect(columnsOf(table)?.map(({ name }) => name)).not.toContain("id");
  expect(columnsOf("attempts")?.map(({ name }) => name)).toContain("attempt_key");
  expect(columnsOf("meta")).toBeUndefined();
});

describe("a row comes back from its line", () => {
  const CASES: [what: string, table: string, row: StoredRow][] = [
    ...Object.entries(HARD_BYTES).map(([what, bytes]): [string, string, StoredRow] => [
      `bytes: ${what}`,
      "patches",
      { hash: "h", size_bytes: bytes.length, bytes: Buffer.from(bytes) },
    ]),
    [
      "text that JSON escapes",
      "artefacts",
      { attempt_key: 'a"\n\u2028\u0000\\', path: "ü🎉", sha256: "", size_bytes: 0 },
    ],
    [
      "the greatest number",
      "artefacts",
      { attempt_key: "a", path: "b", sha256: "c", size_bytes: Number.MAX_SAFE_INTEGER },
    ],
    [
      "fractions and nulls",
      "journal",
      {
        at: "t",
        run: "r",
        unit: "u",
        step: "run",
        event: "done",
        owner: null,
        cost_usd: 0.1 + 0.2,
        note: null,
        ...{ unpriced: 2, cut_off: 1, dearest_usd: 0.1 },
        ...{ claim: 2, worker: null, delivery: null },
      },
    ],
  ];
  test.each(CASES)("%s", (_, table, row) => {
    const line = lineOf(row);
    expect(line).not.toContain("\n");
    expect(rowOf(table, line)).toEqual(row);
  });

  test("columns that came later have their defaults", () => {
    const side = {
      ...{ attempt_key: "a", agent_id: "agent1", position: 0, features: "1", status: "applied" },
      ...{ tree: null, patch: "h", reason: null, repairs: "[]", left_out: "[]" },
    };
    expect(rowOf("sides", JSON.stringify(side))).toEqual({ ...side, marked: "[]" });
    const { repairs: _, ...without } = side;
    expect(() => rowOf("sides", JSON.stringify(without))).toThrow('"repairs" lacks its value');
  });

  test("columns that may be empty may be absent", () => {
    const line = '{"at":"t","run":"r","unit":"u","step":"run","event":"done"}';
    expect(rowOf("journal", line)).toMatchObject({ owner: null, cost_usd: null, note: null });
  });
});
