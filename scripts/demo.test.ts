import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { place } from "./cli.fixture.ts";
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

describe("the demo", () => {
  let closing: string;
  let report: { runs: { run: string; pairs: number; passed: number; conflicts: number }[] };
  beforeAll(async () => {
    const { code, stdout, stderr } = await here.call("demo", ["--json"]);
    expect(code).toBe(0);
    closing = stderr;
    report = JSON.parse(stdout);
  });

  test("reports what README's table says", () => {
    const readme = readFileSync(join(import.meta.dir, "../README.md"), "utf8");
    const told = readme.matchAll(
      /^\| `(demo-\w+)` \| .* \| (\d+)[ \w]* \| (\d+) \| .* \| (\d+|–).*\|$/gm,
    );
    const rows = [...told].map(([, run, pairs, passed, conflicts]) => [
      run,
      { pairs: Number(pairs), passed: Number(passed), conflicts: Number(conflicts) || 0 },
    ]);
    const found = report.runs.map(({ run, pairs, passed, conflicts }) => [
      run,
      { pairs, passed, conflicts },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(rows));
    expect(found).toHaveLength(5);
  });

  test("closes with commands that work", async () => {
    const commands = [...closing.matchAll(/npx tandem report (.*)$/gm)].map(
      ([, flags = ""]) => flags,
    );
    expect(commands).toHaveLength(2);
    for (const flags of commands) {
      const { code, stderr } = await here.call(
        "report",
        flags.replace("pages", here.at("pages")).split(" "),
      );
      expect({ flags, code, stderr: code === 0 ? "" : stderr }).toEqual({
        flags,
        code: 0,
        stderr: "",
      });
    }
    expect(existsSync(here.at("pages/index.html"))).toBe(true);
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
