import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gitText } from "../../core/git.ts";
import { deadOwnerTag } from "../../core/testing.ts";
import { killSession } from "../kill.ts";
import { processesWith, runningWith, SMALL_SETUP, taskPlace } from "../task.fixture.ts";

/** Every entry of the cache that is no prepared repository: what a preparation must not leave. */
function leftovers(cache_dir: string): string[] {
  const scratch = join(cache_dir, ".tmp");
  return existsSync(scratch) ? readdirSync(scratch) : [];
}

describe("a setup.sh that does not make one repository is a fault with its last words", () => {
  const CASES: [name: string, setup: string | undefined, words: string][] = [
    [
      "fails",
      "echo first; echo second; echo third; echo fourth >&2; exit 3",
      "second | third | fourth",
    ],
    ["fails without a word", "exit 1", "setup.sh failed"],
    ["makes no repository", "mkdir empty", "0 git repositories, not one"],
    ["makes two", "git init -q one; git init -q two", "2 git repositories, not one"],
    ["makes one without a commit", "git init -q one", "has no commit"],
    ["is missing", undefined, "has no setup.sh"],
  ];
  test.each(CASES)("%s", async (_, setup, words) => {
    using place = taskPlace();
    const task = place.task(setup);
    const opening = place.backend().open({ task, label: "x", purpose: "agent" });
    await expect(opening).rejects.toMatchObject({
      code: "setup_failed",
      message: expect.stringContaining(words),
    });
    await expect(place.backend().base(task)).rejects.toMatchObject({ code: "setup_failed" });
    expect(await place.backend().baseAtHand(task)).toBeUndefined();
    expect(leftovers(place.cache_dir)).toEqual([]);
  });
});

test("a failed preparation is tried again", async () => {
  using place = taskPlace();
  const task = place.task("exit 1");
  const backend = place.backend();
  await expect(backend.base(task)).rejects.toMatchObject({ code: "setup_failed" });
  writeFileSync(join(task.dir, "setup.sh"), SMALL_SETUP);
  expect((await backend.base(task)).tree).toMatch(/^[0-9a-f]{40}$/);
});

/** A setup that counts its own runs in a file beside it. */
const COUNTED = `echo run >> "$(dirname "$0")/runs"\n${SMALL_SETUP}`;
const runsOf = (dir: string) => readFileSync(join(dir, "runs"), "utf8").split("\n").length - 1;

test("many openings at once prepare once, and later backends not at all", async () => {
  using place = taskPlace();
  const task = place.task(COUNTED);
  const backend = place.backend();
  const open = () => backend.open({ task, label: "x", purpose: "agent" });
  const sandboxes = await Promise.all([open(), open(), open()]);
  for (const sandbox of sandboxes) await sandbox[Symbol.asyncDispose]();
  const base = await place.backend().base(task);
  expect(await place.backend().baseAtHand(task)).toEqual(base);
  expect(runsOf(task.dir)).toBe(1);
  expect(leftovers(place.cache_dir)).toEqual([]);
});

test("two programs that prepare at once agree on one repository", async () => {
  using place = taskPlace();
  const task = place.task(COUNTED);
  const [one, other] = await Promise.all([place.backend().base(task), place.backend().base(task)]);
  expect(one).toEqual(other);
  expect(runsOf(task.dir)).toBe(2);
});

test("a changed task is prepared anew", async () => {
  using place = taskPlace();
  const task = place.task(SMALL_SETUP);
  const backend = place.backend();
  const before = await backend.base(task);
  writeFileSync(join(task.dir, "setup.sh"), SMALL_SETUP.replace("one", "uno"));
  const after = await backend.base({ ...task, task_hash: "f".repeat(64) });
  expect(after.tree).not.toBe(before.tree);
});

test("what a kill left half made is not used, and is removed", async () => {
  using place = taskPlace();
  const task = place.task(SMALL_SETUP);
  const half = join(place.cache_dir, ".tmp", `${deadOwnerTag()}-0-setup`, "made/repo/.git");
  mkdirSync(half, { recursive: true });
  expect(await place.backend().baseAtHand(task)).toBeUndefined();
  const { git_dir } = await place.backend().base(task);
  expect(await gitText(["log", "--format=%s"], { git_dir })).toBe("the base\nthe past");
  expect(leftovers(place.cache_dir)).toEqual([]);
});

test("a kill in the middle of setup.sh leaves nothing that counts", async () => {
  using place = taskPlace();
  const task = place.task(`${SMALL_SETUP}touch "$(dirname "$0")/half"; sleep 60`);
  const script = `import { localBackend } from "${join(import.meta.dir, "local.ts")}";
    await localBackend(${JSON.stringify({ cache_dir: place.cache_dir, hidden: [], unsafe_local: true })})
      .base(${JSON.stringify(task)});`;
  const child = Bun.spawn([process.execPath, "-e", script]);
  while (!existsSync(join(task.dir, "half"))) await Bun.sleep(10);
  child.kill("SIGKILL");
  await child.exited;
  writeFileSync(join(task.dir, "setup.sh"), SMALL_SETUP);
  expect(await place.backend().baseAtHand(task)).toBeUndefined();
  expect((await place.backend().base(task)).tree).toMatch(/^[0-9a-f]{40}$/);
  expect(leftovers(place.cache_dir)).toEqual([]);
  for (const leader of runningWith(task.dir)) killSession(leader);
});

test("an abort stops setup.sh once nobody waits for it", async () => {
  using place = taskPlace();
  const task = place.task(`touch "$(dirname "$0")/started"; sleep 61`);
  const backend = place.backend();
  const stops = [new AbortController(), new AbortController()];
  const waiting = stops.map(({ signal }) => backend.base(task, signal));
  while (!existsSync(join(task.dir, "started"))) await Bun.sleep(10);
  stops[0]?.abort(new Error("first"));
  await expect(waiting[0]).rejects.toThrow("first");
  expect(runningWith(task.dir)).not.toEqual([]);
  stops[1]?.abort(new Error("second"));
  await expect(waiting[1]).rejects.toThrow("second");
  expect(await processesWith(task.dir)).toEqual([]);
});
