import { describe, expect, test } from "bun:test";
import { memoryLedger } from "../../db/ledger.fixture.ts";
import { renderBoard, renderLook } from "./board.ts";
import { changeLines } from "./plain.ts";
import { arm, look, oneProcess, oneWorker } from "./status.fixture.ts";
import { readStatus } from "./status.ts";
import { workersLine } from "./workers.ts";

const says = {
  ...{ queue: "s", worker: "w1", host: "far", pid: 7, version: "0.1.0", slots: 4, busy: 3 },
  ...{ units: 12, images: ["a:1"], faults: [], note: null },
  state: "running" as const,
  started_at: "2026-03-01T12:00:00.000Z",
};

test("a worker is known by its queue and name, is silent after a minute, and gone from sight after an hour or its end", () => {
  using ledger = memoryLedger();
  ledger.workers.heard({ ...says, busy: 1 });
  ledger.workers.heard(says);
  ledger.workers.heard({ ...says, worker: "w2" });
  expect([ledger.workers.all().length, ledger.workers.all("other")]).toEqual([2, []]);
  ledger.workers.ended({ queue: "s", worker: "w2" });
  const seen = (minutes: number) =>
    readStatus(ledger, { now: Date.now() + minutes * 60_000 }).workers.map(
      ({ worker, presence, busy }) => [worker, presence, busy],
    );
  expect([seen(0), seen(2), seen(61)]).toEqual([[["w1", "alive", 3]], [["w1", "silent", 3]], []]);
});

describe("shown", () => {
  const status = look({
    arms: [arm({ paused: "study s is paused (me@host)", cancelled: 2 })],
    processes: [oneProcess({ state: "paused", concurrency: 7 })],
    workers: [oneWorker(), oneWorker({ worker: "w2", presence: "silent", faults: [] })],
  });

  test("whole: load, images, faults, and what is asked", () => {
    const text = renderLook(status, { width: 200 });
    for (const part of [
      "3/4",
      "engine_gone 2",
      "silent",
      "paused, 2 cancelled",
      "1 worker, 3 of 4",
    ])
      expect(text).toContain(part);
    expect(text).toMatch(/w1 +far +running +3\/4 +12 +2 +engine_gone 2 +1s ago/);
    expect(text).toMatch(/4242 +pipeline +host +paused +14 +7/);
  });

  test("on a board: how many, how busy, and what is paused", () => {
    const [head = "", , row = ""] = renderBoard(status, { columns: 160, rows: 20 });
    expect(head).toContain("1 paused");
    expect(head).toContain("1 worker, 3 of 4 busy");
    expect(row).toContain("paused, 2 cancelled");
  });

  test("in lines: when it changes", () => {
    expect(changeLines(status).slice(-2)).toEqual([
      "worker w1 of s: running, faults engine_gone 2",
      "worker w2 of s: silent",
    ]);
    expect(changeLines(status, status)).toEqual([]);
    const before = look({ ...status, arms: [arm()], workers: [oneWorker({ units: 3 })] });
    expect(changeLines(status, before).map((line) => line.split(":")[0])).toEqual([
      "coop-mini",
      "worker w2 of s",
    ]);
  });

  test("nothing of workers where there are none", () => expect(workersLine([])).toBe(""));
});
