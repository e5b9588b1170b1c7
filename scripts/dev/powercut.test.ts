import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { moveAside } from "../../lib/attempt/superseded.ts";
import { makeFolder, moveFolder, placeFile, settle } from "../../lib/core/disk.ts";
import { writeUnsettled, writeWhole } from "../../lib/core/files.ts";
import { describeWith, temporaryFolder } from "../../lib/core/testing.ts";
import { jsonLines } from "../cli.fixture.ts";
import { type LoopDisk, openLoopDisk } from "./_loop-disk.ts";

setDefaultTimeout(240_000);

const TEXT = "what was found\n".repeat(2_000);

describeWith("loop", "S3: a power cut right after", () => {
  const folder = temporaryFolder();
  let disk: LoopDisk;
  beforeAll(async () => {
    disk = await openLoopDisk(folder.path, 64);
  });
  afterAll(() => {
    disk[Symbol.dispose]();
    folder[Symbol.dispose]();
  });

  /** What a file holds once the power came back; undefined: there is none. */
  async function afterCut(path: string): Promise<string | undefined> {
    disk.cut();
    await disk.remount();
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  test("a write that nobody brought to the disk loses it: the cut is real", async () => {
    const path = join(disk.path, "plain");
    writeFileSync(path, TEXT);
    expect((await afterCut(path)) ?? "").not.toBe(TEXT);
  });

  const WRITERS: readonly (readonly [string, (path: string) => void | Promise<void>])[] = [
    ["writeWhole, in new folders", (path) => writeWhole(path, TEXT)],
    [
      "writeWhole, over another version",
      (path) => {
        writeWhole(path, "old");
        writeWhole(path, TEXT);
      },
    ],
    [
      "placeFile",
      (path) => {
        makeFolder(join(path, ".."));
        writeFileSync(`${path}.part`, TEXT);
        placeFile(`${path}.part`, path);
      },
    ],
    [
      "a folder that is settled and moved",
      async (path) => {
        const fresh = join(disk.path, "fresh");
        writeUnsettled(join(fresh, "file"), TEXT);
        await settle(fresh);
        moveFolder(fresh, join(path, ".."));
      },
    ],
    [
      "a folder of very many files",
      async (path) => {
        const fresh = join(disk.path, "many");
        for (let number = 0; number < 600; number++) writeUnsettled(join(fresh, `${number}`), "x");
        writeUnsettled(join(fresh, "file"), TEXT);
        await settle(fresh);
        moveFolder(fresh, join(path, ".."));
      },
    ],
    [
      "a folder set aside",
      (path) => {
        writeWhole(join(disk.path, "target/file"), TEXT);
        moveAside(join(disk.path, "target"), join(path, ".."));
      },
    ],
  ];
  test.each(WRITERS)("%s loses nothing", async (title, write) => {
    const path = join(disk.path, title.replace(/\W+/g, "-"), "a/b/file");
    await write(path);
    expect(await afterCut(path)).toBe(TEXT);
  });

  test("a stage's own files loses nothing, and so does the row that is stored behind them", async () => {
    const path = join(disk.path, "ledger/deep/l.sqlite");
    const key = "r/x_task/task1/features_1_2";
    const log_dir = join(disk.path, "logs");
    // In a process of its own, which ends: an open ledger would keep the disk from being taken off.
    const kept = await elsewhere(`
      const ledger = openLedger(${JSON.stringify(path)});
      const owner = { ledger, log_dir: ${JSON.stringify(log_dir)}, attempt_key: "${key}" };
      const change = await putOwnFiles(owner, { "eval.json": ${JSON.stringify(TEXT)} });
      ledger.work.plan("r", 3);
      console.log(JSON.stringify(change.rows));`);
    disk.cut();
    await disk.remount();
    const found = await elsewhere(`
      using ledger = openLedger(${JSON.stringify(path)});
      console.log(JSON.stringify([ledger.query("SELECT value FROM meta WHERE name = 'planned:r'"),
        await artefactsOf(${JSON.stringify(join(log_dir, key))})]));`);
    expect(found).toEqual([[{ value: "3" }], kept]);
  });
});

async function elsewhere(text: string): Promise<unknown> {
  const at = (path: string) => JSON.stringify(join(import.meta.dir, "../..", path));
  const imports = `const { openLedger } = await import(${at("db/ledger.ts")});
    const { artefactsOf, putOwnFiles } = await import(${at("lib/core/artefacts.ts")});`;
  const child = Bun.spawn([process.execPath, "-e", imports + text], { stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text());
}

describeWith("loop", "S3: a study whose disk loses power", () => {
  test("has nothing missing or damaged that a row calls done, and the next call does the rest", async () => {
    const call = [
      "bun",
      join(import.meta.dir, "powercut.ts"),
      "--cuts",
      "1",
      "-f",
      "1,2",
      "--json",
    ];
    const child = Bun.spawn(call, { stderr: "pipe" });
    const [said, told] = await Promise.all([
      new Response(child.stderr).text(),
      new Response(child.stdout).text(),
    ]);
    expect({ code: await child.exited, said: said.slice(-500) }).toMatchObject({ code: 0 });
    expect(jsonLines(told)).toEqual([expect.objectContaining({ cut: 1, damage: [] })]);
  });
});

describe("without loop devices", () => {
  test("a flag that is not two features is refused before anything is mounted", async () => {
    const child = Bun.spawn(["bun", join(import.meta.dir, "powercut.ts"), "-f", "1"], {
      stderr: "pipe",
    });
    expect(await new Response(child.stderr).text()).toContain("takes two features");
    expect(await child.exited).toBe(2);
  });
});
