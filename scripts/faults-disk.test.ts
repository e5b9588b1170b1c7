import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, rmSync, statfsSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../lib/core/testing.ts";
import {
  checked,
  doneTwice,
  ended,
  leftBy,
  type StudyPlace,
  studyPlace,
  verdicts,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const STUDY = `[pairs]
repo = "demo_task"
limit = 3
[defaults]
model = "replay/demo"
[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
[retries]
faults = 0
[concurrency]
pairs = 2
`;

/** In a process of its own: what it had open goes with it, and gives its room back. */
const called = (here: StudyPlace, args?: readonly string[]) => ended(here.start(args));

/** A file system of 4 MiB in memory; undefined where we may not mount one. */
function smallDisk() {
  const folder = temporaryFolder("tandem-disk");
  const path = join(folder.path, "disk");
  mkdirSync(path);
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", path], {
    stderr: "ignore",
  });
  if (!mounted.success) {
    folder[Symbol.dispose]();
    return undefined;
  }
  const ballast = join(path, "ballast");
  return {
    path,
    /** Leaves so much room, in KiB. */
    fill(room_kib: number) {
      const { bavail, bsize } = statfsSync(path);
      writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - room_kib * 1024)));
    },
    empty: () => rmSync(ballast),
    [Symbol.dispose]() {
      Bun.spawnSync(["umount", path]);
      folder[Symbol.dispose]();
    },
  };
}

const disk = process.getuid?.() === 0 ? smallDisk() : undefined;
if (disk === undefined)
  process.stderr.write("skipped: a disk that is full: only root can mount a small one\n");

describe.skipIf(disk === undefined)("a disk that is full", () => {
  let undisturbed: Record<string, string>;
  beforeAll(async () => {
    await using calm = studyPlace(STUDY);
    await called(calm);
    undisturbed = verdicts(calm);
  });
  afterAll(() => disk?.[Symbol.dispose]());

  /** Puts a part of the place on the small disk. */
  function onDisk(here: StudyPlace, part: string): string {
    const place = join(disk?.path ?? "", `${part}-${Math.random().toString(36).slice(2)}`);
    mkdirSync(place);
    symlinkSync(place, here.at(part));
    return place;
  }

  async function expectWhole(here: StudyPlace): Promise<void> {
    const { code, stderr } = await called(here);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(verdicts(here)).toEqual(undisturbed);
    expect([doneTwice(here), here.leases()]).toEqual([[], []]);
    expect(here.rows("SELECT * FROM faults WHERE resolved_at IS NULL")).toEqual([]);
    expect(await checked(here)).toBe("");
  }

  test("under the logs, from the middle on", async () => {
    await using here = studyPlace(STUDY);
    const logs = onDisk(here, "logs");
    expect((await called(here, ["eval", "--set", "pairs.limit=1"])).code).toBe(0);
    disk?.fill(24);
    const full = await called(here);
    expect(full.code).toBe(1);
    expect(full.stderr).toContain(
      "[disk_full] → free some disk space and run the same command again",
    );
    expect(Object.keys(verdicts(here))).toEqual(["solo 1_2"]);
    expect(await leftBy(here, [])).toEqual([]);
    disk?.empty();
    await expectWhole(here);
    rmSync(logs, { recursive: true });
  });

  test("under the logs, from the beginning", async () => {
    await using here = studyPlace(STUDY);
    const logs = onDisk(here, "logs");
    disk?.fill(0);
    const full = await called(here);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(/no space left on device/i);
    expect(verdicts(here)).toEqual({});
    disk?.empty();
    await expectWhole(here);
    rmSync(logs, { recursive: true });
  });
});

describe.skipIf(disk === undefined)("a ledger", () => {
  test("on a disk that is full ends the study with that reason; what it held is anybody's then", async () => {
    using small = smallDisk();
    await using here = studyPlace(STUDY);
    const file = join(small?.path ?? "", "ledger.sqlite");
    writeFileSync(file, "");
    symlinkSync(file, here.at("ledger.sqlite"));
    expect((await called(here, ["eval", "--set", "pairs.limit=1"])).code).toBe(0);
    small?.fill(150);
    const full = await called(here);
    expect(full.code).toBe(1);
    expect(full.stderr).toContain("[disk_full] → free some disk space");
    small?.empty();
    const next = await called(here);
    expect({ code: next.code, stderr: next.code === 0 ? "" : next.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    expect(next.stdout.trim().split("\n")).toHaveLength(3);
  });
});
