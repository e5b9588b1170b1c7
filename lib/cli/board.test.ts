import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type FakeTerminal, fakeTerminal } from "../../scripts/screen.fixture.ts";
import { arm, look, unit } from "../status/status.fixture.ts";
import type { Status } from "../status/status.ts";
import { openBoard } from "./board.ts";

setDefaultTimeout(60_000);

const DEADLINE_MS = 30_000;

/** Waits until something is on the terminal; what is there instead is in the error. */
async function until(terminal: FakeTerminal, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`still: ${terminal.shown().join("\n")}`);
    await Bun.sleep(10);
  }
}

const pairs = (count: number) =>
  Array.from({ length: count }, (_, index) => unit(`go_chi_task/task26/features_1_${index + 2}`));

/** A look that says at which reading it was made. */
function counting(fields: Partial<Status> = {}) {
  let reads = 0;
  return { reads: () => reads, read: () => look({ arms: [arm({ done: ++reads })], ...fields }) };
}

const environment = { TERM: process.env.TERM, NO_COLOR: process.env.NO_COLOR };
const setEnvironment = (values: Record<string, string | undefined>) => {
  for (const [name, value] of Object.entries(values))
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
};
beforeEach(() => setEnvironment({ TERM: "xterm", NO_COLOR: undefined }));
afterEach(() => setEnvironment(environment));

describe("on a terminal", () => {
  test("the board is there at once, in its place again and again, and gone at the end", async () => {
    const terminal = fakeTerminal(80, 24);
    terminal.write("before\n");
    const { read, reads } = counting();
    {
      using _ = openBoard({ quiet: false, read, stream: terminal });
      expect(terminal.shown()).toHaveLength(6);
      expect(terminal.shown()[3]).toContain(" 1/652 ");
      await until(terminal, () => reads() > 1 && terminal.shown()[3]?.includes(" 2/652 ") === true);
      expect(terminal.shown()).toHaveLength(6);
      expect(terminal.shown()[0]).toBe("before");
    }
    expect(terminal.shown()).toEqual(["before"]);
    expect([terminal.history(), terminal.listeners()]).toEqual([[], 0]);
  });

  test("talk scrolls above it, also when there is more of it than rows", () => {
    const terminal = fakeTerminal(80, 12);
    const said = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    {
      using board = openBoard({ quiet: false, read: counting().read, stream: terminal });
      for (const line of said) board.event(line);
      expect(terminal.shown().slice(-5)[0]).toMatch(/^1 under way/);
      expect([...terminal.history(), ...terminal.shown().slice(0, -5)]).toEqual(said);
    }
    expect([...terminal.history(), ...terminal.shown()]).toEqual(said);
  });

  test("results that others write go above it too", () => {
    const terminal = fakeTerminal(80, 12);
    using board = openBoard({ quiet: false, read: counting().read, stream: terminal });
    board.above(() => void terminal.write('{"key":"a"}\n{"key":"b"}\n'));
    expect(terminal.shown().slice(0, 3)).toEqual([
      '{"key":"a"}',
      '{"key":"b"}',
      expect.stringMatching(/^1 under way/),
    ]);
  });

  test("a board as high as the terminal leaves nothing of itself above", () => {
    const terminal = fakeTerminal(60, 12);
    {
      const { read } = counting({ units: pairs(40) });
      using board = openBoard({ quiet: false, read, stream: terminal });
      expect(terminal.shown()).toHaveLength(11);
      expect(terminal.shown().at(-1)).toBe("… and 34 more");
      for (const line of ["one", "two", "three"]) board.event(line);
      expect(terminal.history()).toEqual(["one", "two", "three"]);
      expect(terminal.shown()).toHaveLength(11);
    }
    expect([...terminal.history(), ...terminal.shown()]).toEqual(["one", "two", "three"]);
  });

  test("a board that shrinks leaves no lines behind", async () => {
    const terminal = fakeTerminal(80, 24);
    let units = pairs(9);
    using _ = openBoard({ quiet: false, read: () => look({ units }), stream: terminal });
    expect(terminal.shown()).toHaveLength(13);
    units = pairs(2);
    await until(terminal, () => terminal.shown().length === 6);
  });

  test("a terminal that changes its size gets a board that fits", async () => {
    const terminal = fakeTerminal(80, 24);
    const { read } = counting({ units: pairs(20) });
    using _ = openBoard({ quiet: false, read, stream: terminal });
    const widest = () => Math.max(...terminal.shown().map((line) => Bun.stringWidth(line)));
    expect(widest()).toBeGreaterThan(60);
    terminal.resize(120, 10);
    await until(terminal, () => terminal.shown().at(-1) === "… and 16 more");
    expect(widest()).toBeGreaterThan(80);
  });

  test("colours are not for those who want none", () => {
    const colours = () => {
      const terminal = fakeTerminal(80, 24);
      openBoard({ quiet: false, read: counting().read, stream: terminal })[Symbol.dispose]();
      return terminal.written().includes("\x1b[1m");
    };
    expect(colours()).toBe(true);
    setEnvironment({ NO_COLOR: "1" });
    expect(colours()).toBe(false);
  });

  test("progress that cannot be read is said once, and talk goes on", async () => {
    const terminal = fakeTerminal(80, 24);
    let reads = 0;
    const read = () => {
      if (++reads > 1) throw new Error("the disk is on fire");
      return look();
    };
    using board = openBoard({ quiet: false, read, stream: terminal });
    await until(terminal, () => terminal.shown().length === 1);
    board.event("still here");
    await Bun.sleep(0);
    expect(terminal.shown()).toEqual([
      expect.stringMatching(/^progress is no longer shown: the disk is on fire/),
      "still here",
    ]);
    expect(reads).toBe(2);
  });
});

describe("elsewhere", () => {
  const plain: [title: string, isTTY: boolean, term: string][] = [
    ["in a file", false, "xterm"],
    ["on a terminal that cannot draw", true, "dumb"],
  ];
  test.each(plain)(
    "%s there are plain lines, for tenths, faults, and at the end",
    async (_, isTTY, term) => {
      setEnvironment({ TERM: term });
      const terminal = fakeTerminal(200, 24, isTTY);
      const fields = {
        total: 100,
        forecast_usd: null,
        eta_ms: null,
        evaluated: 0,
        passed: 0,
        cost_usd: 0,
      };
      let now = arm({ ...fields, done: 0 });
      const says = (start: string) => terminal.shown().some((line) => line.startsWith(start));
      {
        using board = openBoard({
          quiet: false,
          read: () => look({ arms: [now] }),
          stream: terminal,
        });
        expect(says("coop-mini: 0/100 done")).toBe(true);
        board.event("a line of talk");
        now = arm({ ...fields, done: 10 });
        await until(terminal, () => says("coop-mini: 10/100 done"));
        now = arm({ ...fields, done: 11, faults: { no_image: 1 } });
        await until(terminal, () => says("coop-mini: 11/100 done"));
        now = arm({ ...fields, done: 100 });
      }
      expect(terminal.shown()).toEqual([
        "coop-mini: 0/100 done, 0 evaluated, 0 passed, 14 under way, $0.00",
        "a line of talk",
        "coop-mini: 10/100 done, 0 evaluated, 0 passed, 14 under way, $0.00",
        "coop-mini: 11/100 done, 0 evaluated, 0 passed, 14 under way, 1 fault (no_image 1), $0.00",
        "coop-mini: 100/100 done, 0 evaluated, 0 passed, 14 under way, $0.00",
      ]);
      expect(terminal.written()).not.toContain("\x1b");
      expect(terminal.listeners()).toBe(0);
    },
  );

  test("the quiet hear only what they are told", () => {
    for (const isTTY of [true, false]) {
      const terminal = fakeTerminal(80, 24, isTTY);
      const { read, reads } = counting();
      {
        using board = openBoard({ quiet: true, read, stream: terminal });
        board.event("a warning");
        board.above(() => void terminal.write("a result\n"));
      }
      expect(terminal.written()).toBe("a warning\na result\n");
      expect(reads()).toBe(0);
    }
  });
});
