import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandBehind } from "../lib/cli/doors.ts";
import { callIn, place } from "./cli.fixture.ts";
import {
  filesOf,
  replayTeams,
  runTeams,
  shownTo,
  TEAM_RUNS,
  TEAM_VERDICTS,
  verdicts,
} from "./demo.fixture.ts";

// Some three hundred real commands, on machines that may be busy.
setDefaultTimeout(600_000);

const here = place();
afterAll(() => here[Symbol.dispose]());

const STUDY = `name = "narrow"
[pairs]
repo = "demo_task"
[defaults]
model = "replay/demo"
[arms.gold]
agent = "gold"
[arms.an-arm-with-a-long-name]
max_steps = 50
`;

describe("the demo", () => {
  let report: { runs: { run: string; pairs: number; passed: number; conflicts: number | null }[] };
  beforeAll(async () => {
    const { code, stdout } = await here.call("demo", ["--json"]);
    expect(code).toBe(0);
    report = JSON.parse(stdout);
  });

  test("reports what README's table says", () => {
    const readme = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
    const told = readme.matchAll(
      /^\| `(demo-\w+)` \| .* \| (\d+)[ \w]* \| (\d+) \| .* \| (\d+|–).*\|$/gm,
    );
    const rows = [...told].map(([, run, pairs, passed, conflicts]) => [
      run,
      {
        pairs: Number(pairs),
        passed: Number(passed),
        conflicts: conflicts === "–" ? null : Number(conflicts),
      },
    ]);
    const found = report.runs.map(({ run, pairs, passed, conflicts }) => [
      run,
      { pairs, passed, conflicts },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(rows));
    expect(found).toHaveLength(5);
  });

  const FINDING =
    "One agent with both features passed 9 of 10 pairs, two agents with one feature each passed 5. With ten pairs of one task this can be chance (exact McNemar test: p = 0.219).";

  test("U7: ends with one table, a finding in two sentences and the line that opens the pages, also in a pipe", async () => {
    const { code, stdout } = await here.call("demo", [], { env: { COLUMNS: "80" } });
    expect(code).toBe(0);
    const [table = "", finding = "", next = "", ...more] = stdout.trimEnd().split("\n\n");
    expect(more).toEqual([]);
    expect(table.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "run",
      ...["demo-gold", "demo-coop", "demo-solo", "demo-git", "demo-three"],
    ]);
    expect(table).toMatch(/^demo-solo .* 10 +9 +n\/a +0$/m);
    expect(finding.replaceAll("\n", " ")).toBe(FINDING);
    for (const line of stdout.split("\n").slice(0, -2)) expect(line.length).toBeLessThanOrEqual(80);
    await expectPages(next.replaceAll("\n", " "));
  });

  /** The command at the end of the line serves the pages. */
  async function expectPages(line: string): Promise<void> {
    const flags = /npx tandem (view .*)$/.exec(line)?.[1]?.split(" ") ?? [];
    expect(flags).toEqual([
      "view",
      "--ledger",
      here.at("ledger.sqlite"),
      "--log-dir",
      here.at("logs"),
    ]);
    const program = join(import.meta.dir, "tandem.ts");
    const child = Bun.spawn([process.execPath, program, ...flags, "--port", "0"], {
      stdout: "pipe",
      stderr: "pipe",
    });
    try {
      const told = await firstUrl(child);
      expect(await (await fetch(told)).text()).toContain("demo-coop");
    } finally {
      child.kill();
      await child.exited;
    }
  }

  test("U7: `npm run -s demo -- --json` is JSON alone; without -s npm begins with lines of its own", () => {
    const npm = (...flags: string[]) =>
      Bun.spawnSync(
        [
          "npm",
          "run",
          ...flags,
          "--",
          "--ledger",
          here.at("ledger.sqlite"),
          "--log-dir",
          here.at("logs"),
          "--json",
        ],
        { cwd: join(import.meta.dir, "..") },
      ).stdout.toString();
    expect(JSON.parse(npm("-s", "demo"))).toEqual(report);
    const lines = npm("demo")
      .split("\n")
      .filter((line) => line !== "");
    expect(lines.slice(0, -1).every((line) => line.startsWith("> "))).toBe(true);
    expect(JSON.parse(lines.at(-1) ?? "")).toEqual(report);
  });

  test("ends every attempt with branches and with three agents as their recordings were made for", () => {
    expect(verdicts(here)).toMatchObject(TEAM_VERDICTS);
  });

  const SHOWN: [agent: string, says: string][] = [
    // Which the dry run told before anybody had handed in, and then no more.
    ["demo-git/demo_task/task1/features_3_5/agent2", "CONFLICT (content): Merge conflict in src/"],
    ["demo-git/demo_task/task1/features_3_5/agent2", "Automatic merge went well"],
    ["demo-git/demo_task/task1/features_2_4/agent2", "remote: team: agent1 is not yours to change"],
    ["demo-git/demo_task/task1/features_2_4/agent2", "NaN l milk"],
    ["demo-git/demo_task/task1/features_2_4/agent2", "480-720 ml milk"],
    ["demo-git/demo_task/task1/features_2_4/agent1", "[Message from agent2]: The merge is clean"],
    ["demo-git/demo_task/task1/features_1_4/agent1", "Automatic merge went well"],
    ["demo-git/demo_task/task1/features_1_4/agent2", "Automatic merge went well"],
    ["demo-three/demo_task/task1/features_1_2_3/agent1", "[Message from agent2]: Plan for src/"],
    ["demo-three/demo_task/task1/features_1_2_3/agent3", "[Message from agent2]: Plan for src/"],
    [
      "demo-three/demo_task/task1/features_1_2_4/agent2",
      "[Message from agent3]: An amount becomes",
    ],
  ];
  test.each(SHOWN)("shows %s: %s", (agent, says) => {
    expect(shownTo(here, agent)).toContain(says);
  });

  test("has nobody tell the third what two agreed on", () => {
    expect(shownTo(here, "demo-three/demo_task/task1/features_1_2_4/agent1")).not.toContain(
      "pair:",
    );
  });

  /** Commands with tables, in a place where the demo has run; `steady` words are the same whenever it is called. */
  const TABLES: [command: string, steady?: RegExp][] = [
    ["demo 2>/dev/null"],
    ["doctor", /^[a-z]+$/i],
    ["report --parts runs,outcomes,causes,comparisons"],
    ["status", /^[a-z-]+$/i],
    ["check-ledger"],
    ["check-ledger -n demo-solo --log-dir nowhere"],
    ["pipeline -f study.toml --dry-run", /^[a-z_-]+$/i],
    ["run-pair -n new -m replay/demo -r demo_task --dry-run"],
    ["eval -n demo-coop --force --dry-run"],
    ["retry -n demo-coop --outcome failed --dry-run"],
    ["sample-subset -r demo_task"],
    ["report -r nope"],
    ["docs"],
    ["pipeline --help"],
  ];

  const QUIET = / 2>\/dev\/null$/;

  test("U5: no table and no message of any command is cut, or broken within a word that fits", async () => {
    writeFileSync(here.at("study.toml"), STUDY);
    const wide = await screens(240);
    for (const width of [40, 80]) {
      const narrow = await screens(width);
      for (const [at, [command, steady = /./]] of TABLES.entries()) {
        const lines = (narrow[at] ?? "").split("\n");
        const wanted = (wide[at] ?? "").split(/\s+/).filter((word) => steady.test(word));
        expect({ command, lines: lines.filter((line) => Bun.stringWidth(line) > width) }).toEqual({
          command,
          lines: [],
        });
        const letters = lines.join("").replaceAll(/\s/g, "");
        expect({ command, lost: wanted.filter((word) => !letters.includes(word)) }).toEqual({
          command,
          lost: [],
        });
        const words = new Set(lines.join("\n").split(/\s+/));
        const short = wanted.filter((word) => Bun.stringWidth(word) <= width / 2);
        expect({ command, broken: short.filter((word) => !words.has(word)) }).toEqual({
          command,
          broken: [],
        });
        expect({ command, wanted: wanted.length > 3 }).toEqual({ command, wanted: true });
      }
    }
  });

  test("U5: a real terminal shows what these tests take for it", async () => {
    const LIKE = ["report -r nope", "sample-subset -r demo_task", "pipeline --help"];
    const shown: string[] = [];
    for (const command of LIKE) shown.push(await screen(command, 40));
    expect(await terminal(LIKE, 40)).toEqual(shown);
  });

  /** The words of a command, and where its ledger and its logs are. */
  async function wordsOf(command: string): Promise<[script: string, ...args: string[]]> {
    const [script = "", ...args] = command.split(" ");
    const places = { ledger: here.at("ledger.sqlite"), "log-dir": here.at("logs") };
    const known = Object.keys((await commandBehind(script)).args);
    const flags = Object.entries(places).filter(([name]) => known.includes(name));
    return [script, ...args, ...flags.flatMap(([name, path]) => [`--${name}`, path])];
  }

  /** What a command shows when both streams are a terminal of this width, without colours. */
  async function screen(command: string, columns: number): Promise<string> {
    const [script, ...args] = await wordsOf(command.replace(QUIET, ""));
    const around = { env: { TERM: "xterm" }, columns };
    const { stdout, stderr } = await callIn(here.path, script, args, around);
    return lasting(stdout) + (QUIET.test(command) ? "" : lasting(stderr));
  }

  async function screens(columns: number): Promise<string[]> {
    const shown: string[] = [];
    for (const [command] of TABLES) shown.push(await screen(command, columns));
    return shown;
  }

  /** What a real terminal of this width shows of each command, without colours. */
  async function terminal(commands: readonly string[], width: number): Promise<string[]> {
    const program = `${process.execPath} ${join(import.meta.dir, "tandem.ts")}`;
    const words = await Promise.all(commands.map(wordsOf));
    const calls = words.map((call) => `${program} ${call.join(" ")}; echo @@@`);
    const { stdout } = Bun.spawnSync(
      ["script", "-qec", `stty cols ${width} rows 24; ${calls.join("; ")}`, "/dev/null"],
      { cwd: here.path, env: { ...process.env, TERM: "xterm" }, stdin: "ignore" },
    );
    return lasting(stdout.toString().replaceAll("\r\n", "\n")).split("@@@\n").slice(0, -1);
  }

  /** Without colours, and without what a progress line has drawn, which is gone behind a carriage return. */
  function lasting(shown: string): string {
    return Bun.stripANSI(shown.replaceAll(/[^\n]*\r/g, ""));
  }

  test("does nothing anew when it is called again", async () => {
    const before = filesOf(here, "demo-git");
    const { code, stdout } = await here.call("demo", ["--json"]);
    expect({ code, report: JSON.parse(stdout) }).toEqual({ code: 0, report });
    expect(filesOf(here, "demo-git")).toEqual(before);
  });
});

test("without isolation verdicts and patches are the same, and a replay repeats every byte", async () => {
  using bare = place();
  await runTeams(bare, ["--unsafe-local"]);
  expect(verdicts(bare)).toEqual(TEAM_VERDICTS);
  const lines = await replayTeams(bare, ["--unsafe-local"]);
  expect(lines).toHaveLength(Object.keys(TEAM_VERDICTS).length);
  for (const { run, features } of TEAM_RUNS) {
    const original = filesOf(bare, run);
    expect(Object.keys(original).length).toBeGreaterThan(4 * features.length);
    expect(filesOf(bare, `again-${run}`)).toEqual(original);
    expect(patches(filesOf(here, run))).toEqual(patches(original));
  }
});

function patches(files: Readonly<Record<string, string>>): [path: string, bytes: string][] {
  return Object.entries(files).filter(([path]) => path.endsWith("patch.diff"));
}

/** The address that a command prints on one of its streams. */
async function firstUrl({ stdout, stderr }: Bun.ReadableSubprocess): Promise<string> {
  const find = async (stream: ReadableStream<Uint8Array>) => {
    let text = "";
    for await (const chunk of stream) {
      text += new TextDecoder().decode(chunk);
      const url = /http:\/\/[\d.]+:\d+\//.exec(text)?.[0];
      if (url !== undefined) return url;
    }
    throw new Error(`no address: ${text}`);
  };
  return await Promise.any([find(stdout), find(stderr)]);
}
