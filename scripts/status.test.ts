import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addRun, attemptRecord } from "../db/ledger.fixture.ts";
import { type Ledger, openLedger } from "../db/ledger.ts";
import { addFault } from "../db/verdicts.fixture.ts";
import { sha256 } from "../lib/core/files.ts";
import { thisOwner } from "../lib/core/owner.ts";
import { temporaryFolder } from "../lib/core/testing.ts";
import { ended, jsonLines } from "./cli.fixture.ts";
import { fakeTerminal } from "./screen.fixture.ts";

setDefaultTimeout(120_000);

const DEADLINE_MS = 60_000;
const at = (pair: string, run = "coop") => `${run}/go_chi_task/task26/features_${pair}`;

/** A ledger with two runs, one of them under way in this process. */
function study(folder: string): Ledger & { readonly path: string } {
  const ledger = openLedger(join(folder, "ledger.sqlite"));
  addRun(ledger, { run: "coop" });
  addRun(ledger, { run: "solo", setting: "solo", created_at: "2026-02-01T00:00:00.000Z" });
  ledger.attempts.put([
    attemptRecord(at("1_2")),
    attemptRecord(at("1_3")),
    attemptRecord(at("1_2", "solo")),
  ]);
  addFault(ledger, at("1_4"), { code: "no_image", cost_usd: 0 });
  const owner = thisOwner();
  ledger.work.begin({ owner, pid: process.pid, command: "run-pair" });
  const unit = { unit: at("2_3"), step: "run", run: "coop" } as const;
  ledger.work.claim([unit], { owner, isGone: () => false, isDone: () => false });
  const agents = [{ agent_id: "agent1", steps: 7 }];
  const progress = { doing: "agent1: go vet", cost_usd: 0.25, tokens: 5, agents };
  ledger.work.beat(owner, {
    state: "running",
    tokens: 9000,
    models: [],
    progress: [{ ...unit, progress }],
  });
  return ledger;
}

const command = (args: readonly string[]) => ["bun", join(import.meta.dir, "status.ts"), ...args];

/** The script in a pipe. */
function piped(folder: string, args: readonly string[]) {
  return Bun.spawn(command(args), { cwd: folder, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
}

async function called(folder: string, args: readonly string[]) {
  return await ended(piped(folder, args));
}

/** The script on a terminal of this size; what it draws is on `screen`. */
function onTerminal(folder: string, args: readonly string[], [columns, rows]: [number, number]) {
  const screen = fakeTerminal(columns, rows);
  const decoder = new TextDecoder();
  const child = Bun.spawn(command(args), {
    cwd: folder,
    env: { ...process.env, TERM: "xterm", NO_COLOR: "1" },
    terminal: {
      cols: columns,
      rows,
      data: (_, bytes) => void screen.write(decoder.decode(bytes, { stream: true })),
    },
  });
  return { child, screen, [Symbol.dispose]: () => child.kill() };
}

async function until(holds: () => boolean, instead: () => string): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`still: ${instead()}`);
    await Bun.sleep(20);
  }
}

const WORKED = ["--ledger", "ledger.sqlite"];
const FLAGS = [...WORKED, "--interval", "0.1"];

describe("one look", () => {
  test("in a pipe is one JSON object, with the fields that programs read", async () => {
    using folder = temporaryFolder();
    using _ = study(folder.path);
    const { stdout, code } = await called(folder.path, WORKED);
    const [status, ...more] = jsonLines(stdout);
    expect({ code, more }).toEqual({ code: 0, more: [] });
    expect(status).toMatchObject({
      arms: [
        {
          run: "coop",
          total: null,
          done: 2,
          active: 1,
          faults: { no_image: 1 },
          waiting: 1,
          cost_usd: 2.25,
        },
        { run: "solo", done: 1, active: 0, faults: {}, cost_usd: 1 },
      ],
      units: [{ unit: at("2_3"), step: "run", doing: "agent1: go vet", cost_usd: 0.25 }],
      processes: [{ pid: process.pid, presence: "alive", state: "running", units: 1 }],
      models: [],
    });
  });

  test("on a terminal is tables, and --json is JSON there too", async () => {
    using folder = temporaryFolder();
    using _ = study(folder.path);
    using people = onTerminal(folder.path, WORKED, [100, 40]);
    expect(await people.child.exited).toBe(0);
    await until(
      () => people.screen.shown().length >= 11,
      () => people.screen.shown().join("\n"),
    );
    const shown = people.screen.shown();
    expect(shown[0]).toMatch(/^1 under way · .* tokens\/min · 1 process$/);
    expect(shown).toContainEqual(expect.stringMatching(/^coop +coop +mini .*\$2\.25/));
    expect(shown).toContainEqual(expect.stringMatching(/^coop +go_chi_task.*agent1: go vet +7 /));
    expect(shown).toContainEqual(expect.stringMatching(new RegExp(`^ *${process.pid} +run-pair `)));
    using programs = onTerminal(folder.path, [...WORKED, "--json"], [4000, 40]);
    expect(await programs.child.exited).toBe(0);
    await until(
      () => programs.screen.shown().length === 1,
      () => programs.screen.shown().join("\n"),
    );
    expect(jsonLines(programs.screen.shown().join("\n"))).toMatchObject([
      { arms: [{ done: 2 }, { done: 1 }] },
    ]);
  });

  test("at one run shows that one, and none of it is written down", async () => {
    using folder = temporaryFolder();
    const ledger = study(folder.path);
    ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
    const before = sha256(readFileSync(ledger.path));
    const { stdout } = await called(folder.path, [...WORKED, "-n", "solo"]);
    expect(jsonLines(stdout)).toMatchObject([{ arms: [{ run: "solo" }], units: [] }]);
    expect(sha256(readFileSync(ledger.path))).toBe(before);
    ledger.close();
  });

  test("leaves no file beside a ledger that nobody uses", async () => {
    using folder = temporaryFolder();
    const copy = temporaryFolder();
    using ledger = study(folder.path);
    ledger.query("PRAGMA wal_checkpoint(TRUNCATE)");
    await Bun.write(join(copy.path, "ledger.sqlite"), readFileSync(ledger.path));
    expect((await called(copy.path, WORKED)).code).toBe(0);
    expect(readdirSync(copy.path)).toEqual(["ledger.sqlite"]);
    copy[Symbol.dispose]();
  });
});

describe("watching", () => {
  test("on a terminal draws in place what changes, until Ctrl-C", async () => {
    using folder = temporaryFolder();
    using ledger = study(folder.path);
    using watching = onTerminal(folder.path, [...FLAGS, "--watch"], [80, 24]);
    const { child, screen } = watching;
    const coop = () => screen.shown().find((line) => line.startsWith("coop ")) ?? "";
    const instead = () => screen.shown().join("\n");
    await until(() => / 2 +0 +0 +0 +1 +1 /.test(coop()), instead);
    const lines = screen.shown().length;
    ledger.attempts.put([attemptRecord(at("1_5"))]);
    await until(() => / 3 +0 +0 +0 +1 +1 /.test(coop()), instead);
    expect(screen.shown()).toHaveLength(lines);
    expect(screen.history()).toEqual([]);
    child.terminal?.write("\x03");
    expect(await child.exited).toBe(130);
    expect(coop()).toMatch(/ 3 /);
  });

  test("on a terminal that becomes narrow fits it", async () => {
    using folder = temporaryFolder();
    using _ = study(folder.path);
    using watching = onTerminal(folder.path, [...FLAGS, "--watch"], [80, 24]);
    const { child, screen } = watching;
    const shows = (words: string) => screen.written().includes(words);
    await until(
      () => shows("setting"),
      () => screen.written(),
    );
    const before = screen.written().length;
    child.terminal?.resize(40, 24);
    const narrow = () => screen.written().slice(before);
    await until(() => narrow().includes("run   done  passed  now"), narrow);
    child.terminal?.write("\x03");
    expect(await child.exited).toBe(130);
  });

  test("in a pipe says what changed and nothing else, without cursor codes", async () => {
    using folder = temporaryFolder();
    using ledger = study(folder.path);
    const child = piped(folder.path, [...FLAGS, "--watch"]);
    using _ = { [Symbol.dispose]: () => child.kill() };
    let said = "";
    const reading = (async () => {
      for await (const bytes of child.stdout) said += Buffer.from(bytes).toString();
    })();
    const lines = () => said.split("\n").slice(0, -1);
    await until(
      () => lines().length === 3,
      () => said,
    );
    await Bun.sleep(500);
    ledger.attempts.put([attemptRecord(at("1_5"))]);
    await until(
      () => lines().length === 4,
      () => said,
    );
    ledger.work.end(thisOwner());
    await until(
      () => lines().some((line) => line.endsWith("ended")),
      () => said,
    );
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    await reading;
    expect(lines()).toEqual([
      "coop: 2 done, 0 evaluated, 0 passed, 1 under way, 1 fault (no_image 1), 1 waiting, $2.25",
      "solo: 1 done, 0 evaluated, 0 passed, 0 under way, $1.00",
      `process ${process.pid} (run-pair): running`,
      "coop: 3 done, 0 evaluated, 0 passed, 1 under way, 1 fault (no_image 1), 1 waiting, $3.25",
      "coop: 3 done, 0 evaluated, 0 passed, 0 under way, 1 fault (no_image 1), 1 waiting, $3.25",
      `process ${process.pid} (run-pair): ended`,
    ]);
    expect(said).not.toContain("\x1b");
  });

  test("with --json is one object a look", async () => {
    using folder = temporaryFolder();
    using _ledger = study(folder.path);
    const child = piped(folder.path, [...FLAGS, "--watch", "--json"]);
    using _ = { [Symbol.dispose]: () => child.kill() };
    let said = "";
    const reading = (async () => {
      for await (const bytes of child.stdout) said += Buffer.from(bytes).toString();
    })();
    await until(
      () => said.split("\n").length > 3,
      () => said,
    );
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    await reading;
    const looks = jsonLines(said);
    expect(looks.length).toBeGreaterThanOrEqual(3);
    expect(new Set(looks.map(({ at: moment }) => moment)).size).toBe(looks.length);
  });
});

describe("refuses", () => {
  const cases: [title: string, args: string[], words: RegExp][] = [
    [
      "a ledger that is not there, and makes none",
      ["--ledger", "none/ledger.sqlite"],
      /there is no ledger at none\/ledger.sqlite/,
    ],
    [
      "a run that is not there, and names the nearest",
      [...WORKED, "-n", "sole"],
      /unknown run "sole": did you mean "solo"\?/,
    ],
    ["an interval without --watch", FLAGS, /--interval needs --watch/],
    [
      "an interval of nothing",
      [...WORKED, "--watch", "--interval", "0"],
      /--interval takes a number above 0/,
    ],
    [
      "an interval too short",
      [...WORKED, "--watch", "--interval", "0.01"],
      /--interval takes at least 0.1/,
    ],
    ["a plain word", [...WORKED, "coop"], /status takes flags only/],
  ];
  test.each(cases)("%s", async (_, args, words) => {
    using folder = temporaryFolder();
    study(folder.path).close();
    const { code, stdout, stderr } = await called(folder.path, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(words);
    expect(existsSync(join(folder.path, "none"))).toBe(false);
  });
});
