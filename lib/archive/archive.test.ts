import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { addRun } from "../../db/ledger.fixture.ts";
import { fill, KEY, NEVER, RUN, type TestPlace, testPlace } from "./archive.fixture.ts";
import { checkLedger } from "./check.ts";
import { readContents } from "./read.ts";
import { type RestoreOptions, restoreRuns } from "./restore.ts";

const restore = (place: TestPlace, path: string, fields: Partial<RestoreOptions> = {}) =>
  restoreRuns({ ledger: place.ledger, log_dir: place.log_dir, path, signal: NEVER, ...fields });
const read = (path: string) => readFileSync(path).toString("latin1");
const outcomes = ({ runs }: Awaited<ReturnType<typeof restoreRuns>>) =>
  runs.map(({ run, fresh }) => `${run} ${fresh ? "restored" : "already there"}`);

describe("a run", () => {
  test("comes back in another ledger with every row and file, and archives to the same bytes there", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    const path = await here.archive([RUN]);
    // Numbers that a ledger counts by itself begin elsewhere there.
    await fill(there, "other");
    expect(outcomes(await restore(there, path))).toEqual([`${RUN} restored`]);
    for (const table of here.ledger.archive.run_tables) {
      const lines = [...here.ledger.archive.lines(table, [RUN])];
      expect({ table, rows: lines.length > 0 }).toEqual({ table, rows: true });
      expect([...there.ledger.archive.lines(table, [RUN])]).toEqual(lines);
    }
    const touched = `SELECT path, added FROM touched WHERE run = '${RUN}' ORDER BY attempt_key, agent_id, path`;
    expect(here.ledger.query(touched).length).toBe(4);
    expect(there.ledger.query(touched)).toEqual(here.ledger.query(touched));
    const listed = readdirSync(here.at("logs", RUN), { recursive: true }).sort();
    expect(readdirSync(there.at("logs", RUN), { recursive: true }).sort()).toEqual(listed);
    expect(read(await there.archive([RUN]))).toBe(read(path));
    expect(readdirSync(there.at("logs/.tmp"))).toEqual([]);
    const found: unknown[] = [];
    const on_finding = (finding: unknown) => found.push(finding);
    const { ledger, log_dir } = there;
    const check = { ledger, log_dir, quick: false, signal: NEVER, on_finding };
    expect(await checkLedger(check)).toMatchObject({ attempts: 4, files: 16, wrong: 0 });
    expect(found).toEqual([]);
  });

  test("gives the same bytes twice, in whatever order it is named, and no rest of a write that was killed", async () => {
    using here = testPlace();
    await fill(here);
    await fill(here, "second");
    const once = read(await here.archive([RUN, "second"], "once"));
    here.write(`${RUN}/result.json.123.4.tmp`, "half");
    expect(read(await here.archive(["second", RUN, RUN], "twice"))).toBe(once);
    expect(readdirSync(here.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("of many megabytes keeps its bytes, however they are cut on the way", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    const big = Buffer.alloc(5_000_001).map((_, index) => (index * 31) % 251);
    here.write(`${RUN}/big`, big);
    const path = await here.archive([RUN]);
    await restore(there, path);
    expect(Buffer.compare(readFileSync(there.at("logs", RUN, "big")), big)).toBe(0);
    expect(read(await there.archive([RUN]))).toBe(read(path));
  });

  test("says what is inside without being unpacked", async () => {
    using here = testPlace();
    await fill(here);
    const { manifest } = await readContents({ path: await here.archive([RUN]), signal: NEVER });
    expect(manifest.runs).toEqual([
      { run: RUN, attempts: 2, files: 10, bytes: expect.any(Number) },
    ]);
    expect(manifest.tasks).toEqual([{ repo: "alpha_task", task_id: 1, task_hash: "hash" }]);
    expect(manifest.entries.map(({ path }) => path)).toContain(`files/${KEY}/agent1/patch.diff`);
  });

  const UNFIT: [what: string, spoil: (here: TestPlace) => void, message: RegExp][] = [
    [
      "a changed file",
      (here) => here.write(`${KEY}/result.json`, "[]\n"),
      /result\.json is missing or changed/,
    ],
    [
      "a missing file",
      (here) => rmSync(here.at("logs", KEY, "empty")),
      /empty is missing or changed/,
    ],
    [
      "no files at all",
      (here) => rmSync(here.at("logs", RUN), { recursive: true }),
      /is missing or changed/,
    ],
    [
      "a link",
      (here) => void Bun.spawnSync(["ln", "-s", "/etc", here.at("logs", RUN, "link")]),
      /but a link/,
    ],
  ];
  test.each(UNFIT)("with %s is not archived", async (_, spoil, message) => {
    using here = testPlace();
    await fill(here);
    spoil(here);
    await expect(here.archive([RUN])).rejects.toThrow(
      expect.objectContaining({ code: "bad_file", message: expect.stringMatching(message) }),
    );
    expect(readdirSync(here.path).filter((name) => name.includes("archive"))).toEqual([]);
  });

  test("that nobody knows is a usage error with the nearest name", async () => {
    using here = testPlace();
    addRun(here.ledger, { run: RUN });
    await expect(here.archive(["frist"])).rejects.toThrow('did you mean "first"?');
  });
});

describe("restoring", () => {
  test("what is here already changes nothing, and what is missing of it is put back", async () => {
    using here = testPlace();
    await fill(here);
    const path = await here.archive([RUN]);
    expect(outcomes(await restore(here, path))).toEqual([`${RUN} already there`]);
    rmSync(here.at("logs", RUN), { recursive: true });
    expect(outcomes(await restore(here, path))).toEqual([`${RUN} restored`]);
    expect(outcomes(await restore(here, path))).toEqual([`${RUN} already there`]);
    expect(read(await here.archive([RUN], "again"))).toBe(read(path));
  });

  test("goes on after a kill between files and rows, for the one run of two that was moved", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    await fill(here, "second");
    const path = await here.archive([RUN, "second"]);
    await restore(there, path);
    using killed = testPlace();
    mkdirSync(killed.at("logs"));
    Bun.spawnSync(["cp", "-r", there.at("logs", RUN), killed.at("logs", RUN)]);
    expect(outcomes(await restore(killed, path))).toEqual([`${RUN} restored`, "second restored"]);
    expect(read(await killed.archive([RUN, "second"]))).toBe(read(path));
  });

  const OTHERS: [what: string, change: (here: TestPlace) => void, message: string][] = [
    [
      "rows",
      ({ ledger }) => ledger.tables.$client.run("UPDATE attempts SET wall_ms = wall_ms + 1"),
      'run "first" is in the ledger with different content',
    ],
    [
      "files",
      (here) => here.write(`${KEY}/result.json`, "[]\n"),
      "holds files other than those of run",
    ],
    ["more files", (here) => here.write(`${RUN}/more`, "x"), "holds files other than those of run"],
  ];
  test.each(OTHERS)(
    "a run that is here with other %s is a usage error, and nothing changes",
    async (_, change, message) => {
      using here = testPlace();
      await fill(here);
      await fill(here, "second");
      const path = await here.archive([RUN, "second"]);
      change(here);
      const before = [...here.ledger.archive.lines("attempts", [RUN])];
      here.ledger.tables.$client.run("DELETE FROM attempts WHERE run = 'second'");
      await expect(restore(here, path)).rejects.toThrow(
        expect.objectContaining({ name: "UsageError", message: expect.stringContaining(message) }),
      );
      expect([...here.ledger.archive.lines("attempts", [RUN])]).toEqual(before);
      expect([...here.ledger.archive.lines("attempts", ["second"])]).toEqual([]);
    },
  );

  test("keeps what several runs rest on as it is", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    await fill(there, "other");
    there.ledger.tables.$client.run("UPDATE suite_results SET duration_ms = 77");
    await restore(there, await here.archive([RUN]));
    expect(there.ledger.scores.suite("suite")?.duration_ms).toBe(77);
  });

  test("is undone when the rows cannot be stored: no row, no folder, and no scratch", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    const path = await here.archive([RUN]);
    mkdirSync(there.at("logs"));
    there.ledger.tables.$client.run(
      "CREATE TRIGGER no BEFORE INSERT ON labels BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    await expect(restore(there, path)).rejects.toThrow("no");
    expect(there.ledger.runs.all()).toEqual([]);
    expect(existsSync(there.at("logs", RUN))).toBe(false);
    expect(readdirSync(there.at("logs/.tmp"))).toEqual([]);
  });

  test("stops when it is told to", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    const stop = new AbortController();
    const path = await here.archive([RUN]);
    stop.abort(new Error("stop"));
    await expect(restore(there, path, { signal: stop.signal })).rejects.toThrow();
    expect(there.ledger.runs.all()).toEqual([]);
  });

  test("tells which tasks the dataset lacks or has in another version", async () => {
    using here = testPlace();
    using there = testPlace();
    await fill(here);
    const path = await here.archive([RUN]);
    expect((await restore(there, path)).tasks).toEqual({
      missing: ["alpha_task/task1"],
      changed: [],
    });
    const { indexedTask } = await import("../../db/ledger.fixture.ts");
    there.ledger.dataset.index("dataset", "d", [
      indexedTask("alpha_task", 1, { task_hash: "new" }),
    ]);
    expect((await restore(there, path)).tasks).toEqual({
      missing: [],
      changed: ["alpha_task/task1"],
    });
  });
});

test("a file that is none of ours is a usage error", async () => {
  using here = testPlace();
  for (const content of [
    "",
    "hello, this is a text",
    new Uint8Array(Bun.zstdCompressSync("hello")),
  ]) {
    writeFileSync(here.at("file"), content);
    await expect(restore(here, here.at("file"))).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/is not an archive of Tandem|is damaged/),
      }),
    );
  }
});
