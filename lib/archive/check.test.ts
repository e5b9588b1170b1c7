import { describe, expect, test } from "bun:test";
import {
  closeSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from "node:fs";
import { NOW } from "../../db/ledger.fixture.ts";
import { openLedger } from "../../db/ledger.ts";
import { journal, leases } from "../../db/schema.ts";
import { fill, KEY, NEVER, RUN, type TestPlace, testPlace } from "./archive.fixture.ts";
import { checkLedger } from "./check.ts";
import type { Finding } from "./finding.ts";

async function check(place: TestPlace, fields: { quick?: boolean; runs?: readonly string[] } = {}) {
  const found: Finding[] = [];
  const { ledger, log_dir } = place;
  const on_finding = (finding: Finding) => found.push(finding);
  const options = { ledger, log_dir, quick: false, signal: NEVER, on_finding, ...fields };
  return { ...(await checkLedger(options)), found };
}

const sql = (text: string) => (place: TestPlace) => {
  place.ledger.tables.$client.run("PRAGMA foreign_keys = OFF");
  place.ledger.tables.$client.run(text);
};
const event = (what: "done" | "superseded", step: "run" | "merge", unit = KEY) => ({
  at: NOW,
  run: RUN,
  unit,
  step,
  event: what,
});
const note =
  (...rows: (typeof journal.$inferInsert)[]) =>
  (place: TestPlace) => {
    for (const row of rows) place.ledger.tables.insert(journal).values(row).run();
  };
const FOLDER = `${RUN}/.superseded/alpha_task/task1/features_1_2.1`;

describe("it finds", () => {
  type Case = [
    what: string,
    spoil: (place: TestPlace) => void,
    expected: { finding: Finding["finding"]; key: string; path: string | null; quick: boolean },
  ];
  const CASES: Case[] = [
    [
      "a file that is gone",
      (place) => rmSync(place.at("logs", KEY, "empty")),
      { finding: "missing file", key: KEY, path: `${KEY}/empty`, quick: true },
    ],
    [
      "a file of another size",
      (place) => place.write(`${KEY}/empty`, "x"),
      { finding: "changed file", key: KEY, path: `${KEY}/empty`, quick: true },
    ],
    [
      "a file with one other byte",
      (place) => place.write(`${KEY}/result.json`, "[}\n"),
      { finding: "changed file", key: KEY, path: `${KEY}/result.json`, quick: false },
    ],
    [
      "a link in place of a file",
      (place) => {
        rmSync(place.at("logs", KEY, "result.json"));
        symlinkSync(place.at("logs", RUN, "run.json"), place.at("logs", KEY, "result.json"));
      },
      { finding: "missing file", key: KEY, path: `${KEY}/result.json`, quick: true },
    ],
    [
      "a folder that is gone",
      (place) => rmSync(place.at("logs", KEY), { recursive: true }),
      { finding: "missing folder", key: KEY, path: KEY, quick: true },
    ],
    [
      "the folder of a superseded attempt that is gone",
      (place) => rmSync(place.at("logs", FOLDER), { recursive: true }),
      { finding: "missing folder", key: KEY, path: FOLDER, quick: true },
    ],
    [
      "a patch of other bytes",
      sql(
        "UPDATE patches SET bytes = x'00', size_bytes = 1 WHERE hash = (SELECT max(hash) FROM patches)",
      ),
      { finding: "damaged patch", key: "", path: null, quick: false },
    ],
    [
      "a patch that is shorter",
      sql("UPDATE patches SET bytes = x'' WHERE hash = (SELECT max(hash) FROM patches)"),
      { finding: "damaged patch", key: "", path: null, quick: true },
    ],
    [
      "an output that is no output",
      sql("UPDATE outputs SET zstd = x'00'"),
      { finding: "damaged output", key: "", path: null, quick: false },
    ],
    [
      "an output that was cut off",
      sql("UPDATE outputs SET zstd = substr(zstd, 1, 20)"),
      { finding: "damaged output", key: "", path: null, quick: false },
    ],
    [
      "a row without its parent",
      sql("DELETE FROM suite_results"),
      { finding: "lost parent", key: "attempt_suites", path: null, quick: true },
    ],
    [
      "a unit decided twice",
      note(event("done", "run")),
      { finding: "decided twice", key: `${KEY} run`, path: null, quick: true },
    ],
    [
      "a merge decided twice",
      note(event("superseded", "run"), event("done", "merge"), event("done", "merge")),
      { finding: "decided twice", key: `${KEY} merge`, path: null, quick: true },
    ],
    [
      "a value that is not of its column's form",
      ({ ledger }) => ledger.query("UPDATE suite_results SET tests = '[7]'"),
      { finding: "damaged ledger", key: "suite_results.tests of row 1", path: null, quick: true },
    ],
  ];
  test.each(CASES)("%s", async (_, spoil, { finding, key, path, quick }) => {
    using place = testPlace();
    await fill(place);
    spoil(place);
    const { found, wrong } = await check(place);
    const where = path === null ? null : place.at("logs", path);
    for (const one of found)
      expect(one).toEqual({
        key: expect.stringContaining(key),
        finding,
        path: where,
        hint: expect.stringMatching(/\w/),
      });
    expect({ wrong, found: found.length }).toEqual({
      wrong: found.length,
      found: finding === "lost parent" ? 2 : 1,
    });
    expect((await check(place, { quick: true })).wrong > 0).toBe(quick);
  });

  test("a ledger file that SQLite calls damaged, and asks it nothing more", async () => {
    using place = testPlace();
    await fill(place);
    const asked =
      "SELECT rootpage, (SELECT page_size FROM pragma_page_size) AS size FROM sqlite_master";
    const [page] = place.ledger.query(`${asked} WHERE name = 'journal_by_run'`);
    place.ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
    const file = openSync(place.at("ledger.sqlite"), "r+");
    writeSync(
      file,
      Buffer.alloc(100, 0xff),
      0,
      100,
      (Number(page?.rootpage) - 1) * Number(page?.size),
    );
    closeSync(file);
    using ledger = openLedger(place.at("ledger.sqlite"));
    const { found, attempts } = await check({ ...place, ledger });
    expect(found[0]).toMatchObject({ finding: "damaged ledger" });
    expect(attempts).toBe(0);
  });
});

describe("it is content with", () => {
  const CASES: [what: string, change: (place: TestPlace) => void][] = [
    ["a whole ledger", () => undefined],
    [
      "a unit that was superseded and done again",
      note(event("superseded", "run"), event("done", "run")),
    ],
    [
      "a merge done again after its attempt was",
      note(event("done", "merge"), event("superseded", "run"), event("done", "merge")),
    ],
    ["two units of one name in two steps", note(event("done", "merge"))],
    [
      "a file half written by a killed process",
      (place) => place.write(`${KEY}/merge.json.12.3.tmp`, "{"),
    ],
    ["the program's own folders", (place) => place.write(".cache/x", "")],
    ["files beside the runs", (place) => place.write("notes.txt", "")],
  ];
  test.each(CASES)("%s", async (_, change) => {
    using place = testPlace();
    await fill(place);
    change(place);
    expect(await check(place)).toEqual({
      attempts: 2,
      files: 8,
      without_artefacts: 0,
      under_way: 0,
      wrong: 0,
      found: [],
    });
  });
});

describe("it tells, without calling it wrong,", () => {
  const CASES: [
    what: string,
    change: (place: TestPlace) => void,
    finding: Finding["finding"],
    path: string,
  ][] = [
    [
      "folders of attempts that no row knows",
      (place) => place.write(`${RUN}/alpha_task/task1/features_1_3/result.json`, ""),
      "unknown folder",
      `${RUN}/alpha_task/task1/features_1_3`,
    ],
    [
      "folders of runs that no row knows, once",
      (place) => {
        place.write("lost/alpha_task/task1/features_1_3/a", "");
        place.write("lost/alpha_task/task1/features_1_4/a", "");
      },
      "unknown folder",
      "lost",
    ],
    [
      "files that came later",
      (place) => place.write(`${KEY}/eval.json`, ""),
      "unknown file",
      `${KEY}/eval.json`,
    ],
    [
      "a superseded attempt whose files wait to be moved",
      (place) => {
        rmSync(place.at("logs", FOLDER), { recursive: true });
        sql(`DELETE FROM attempts WHERE attempt_key = '${KEY}'`)(place);
        for (const table of [
          "agents",
          "steps",
          "calls",
          "agent_commands",
          "program_commands",
          "messages",
          "merges",
          "sides",
          "scores",
          "earlier_scores",
          "attempt_suites",
          "artefacts",
          "imported",
          "labels",
          "annotations",
        ])
          sql(`DELETE FROM ${table} WHERE attempt_key = '${KEY}'`)(place);
      },
      "not moved yet",
      KEY,
    ],
  ];
  test.each(CASES)("%s", async (_, change, finding, path) => {
    using place = testPlace();
    await fill(place);
    change(place);
    const { found, wrong } = await check(place);
    expect(found).toEqual([
      { key: expect.any(String), finding, path: place.at("logs", path), hint: expect.any(String) },
    ]);
    expect(wrong).toBe(0);
  });

  test("attempts from before hashes were kept, and those that a process works on", async () => {
    using place = testPlace();
    await fill(place);
    sql(`DELETE FROM artefacts WHERE attempt_key = '${KEY}'`)(place);
    place.write(`${KEY}~2/result.json`, "[}\n");
    const unit = `${KEY}~2`;
    const lease = { unit, step: "merge", run: RUN, owner: "me", claimed_at: NOW } as const;
    place.ledger.tables.insert(leases).values(lease).run();
    expect(await check(place)).toMatchObject({
      attempts: 2,
      files: 0,
      without_artefacts: 1,
      under_way: 1,
      wrong: 0,
      found: [],
    });
  });
});

test("of one run it leaves the others' files and units alone", async () => {
  using place = testPlace();
  await fill(place);
  await fill(place, "second");
  rmSync(place.at("logs", "second/alpha_task"), { recursive: true });
  note(event("done", "run", "second/alpha_task/task1/features_1_2"))(place);
  renameSync(place.at("logs", "second/.superseded"), place.at("logs", "second/moved"));
  expect((await check(place, { runs: [RUN] })).found).toEqual([]);
  expect((await check(place)).wrong).toBeGreaterThan(2);
  expect(readdirSync(place.at("logs")).sort()).toEqual([RUN, "second"]);
});
