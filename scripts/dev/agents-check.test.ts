import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Program } from "../../lib/agent/installed/program.ts";
import { programNamed, SHIPPED, shippedProgram } from "../../lib/agent/installed/shipped.ts";
import { describeWith, type Part } from "../../lib/core/testing.ts";
import {
  anthropicServer,
  googleServer,
  openaiServer,
} from "../../lib/model/wire/servers.fixture.ts";
import { billOf, billOfServer, CLAUDE, GEMINI, GPT, KEYS, rows } from "../agents.fixture.ts";
import { jsonLines, place } from "../cli.fixture.ts";
import { playsProgram } from "./agents-scene.fixture.ts";

setDefaultTimeout(900_000);

const ACP_ONES = ["acp:opencode acp", "acp:gemini --acp"];
const ALL = [...SHIPPED, ...ACP_ONES];
/**
 * `TANDEM_AGENTS=all`, or names after commas, each with `@PLACE` for one place only: the real programs, from npm and PyPI,
 * behind scripted servers. Those in Python get one by uv; where it reaches no builds, `.ci/python-build` makes one of this machine's.
 */
const wanted = (process.env.TANDEM_AGENTS ?? "").split(",").filter(Boolean);
const names = wanted.map((one) => one.split("@", 1)[0]);
const isNamed = (name: string) => names.includes("all") || names.includes(name);
const isWanted = (name: string, at: string) =>
  [name, "all"].some((one) => wanted.includes(one) || wanted.includes(`${one}@${at}`));
const unknown = names.filter((name = "") => name !== "all" && !ALL.includes(name));
if (unknown.length > 0) throw new Error(`TANDEM_AGENTS: there is no ${unknown.join(", ")}`);
if (wanted.length === 0)
  test.skip("real programs: TANDEM_AGENTS names none (bun run agents:check)", () => {});

const BEHIND = {
  messages: [anthropicServer, CLAUDE],
  responses: [openaiServer, GPT],
  chat: [openaiServer, GPT],
  contents: [googleServer, GEMINI],
} as const;

/** Packages are installed once, however often this runs. */
const KEPT = join(tmpdir(), "tandem-agents");

const programOf = (name: string): Program =>
  name.startsWith("acp:") ? programNamed(name) : shippedProgram(name);
/** The registry of an image of busybox and musl, and what makes it when it is absent. */
const MUSL = "tandem-musl";
const MAKES_MUSL = [
  "bash",
  join(import.meta.dir, "../../.ci/musl-image"),
  `${MUSL}/cooperbench-demo:task1`,
];
const musl = { flags: ["--backend", "docker", "--registry", MUSL], make: MAKES_MUSL } as const;
const PAIR = "demo_task/task1/features_4_5";
type Where = {
  readonly part: Part;
  readonly flags: readonly string[];
  readonly make?: readonly string[];
  readonly fits: (program: Program) => boolean;
};
/** Their packages for musl need more libraries than the image of busybox and musl has. */
const NEED_LIBRARIES = ["opencode", "acp:opencode acp"];
const PLACES: Readonly<Record<string, Where>> = {
  local: { part: "bwrap", flags: ["--backend", "local"], fits: () => true },
  docker: { part: "docker", flags: ["--backend", "docker"], fits: () => true },
  musl: {
    ...{ part: "docker", ...musl },
    fits: ({ name, packages, python }) =>
      !NEED_LIBRARIES.includes(name) &&
      (packages.any ?? packages.musl) !== undefined &&
      python === undefined,
  },
};

for (const [at, { part, flags: where, make, fits }] of Object.entries(PLACES)) {
  const chosen = ALL.filter((name) => isWanted(name, at) && fits(programOf(name)));
  if (chosen.length === 0) continue;
  describeWith(part, `at ${at}`, () => {
    beforeAll(() => made(make));
    describe.each(chosen)("%s", (agent) => {
      const here = place();
      afterAll(() => here[Symbol.dispose]());
      mkdirSync(here.at("logs", ".cache"), { recursive: true });
      mkdirSync(KEPT, { recursive: true });
      symlinkSync(KEPT, here.at("logs", ".cache", "programs"));
      const program = programOf(agent);
      const [open, model] = BEHIND[program.wire];
      const file = (...parts: string[]) => readFileSync(here.at("logs", ...parts), "utf8");

      test("finishes a pair: edits, talks on both channels, waits, fetches, ends; the bill is the server's", async () => {
        await using server = open(playsProgram);
        const flags = ["-m", model, "--base-url", server.base_url, "--git", ...where];
        const run = await here.call(
          "run-pair",
          ["-n", "real", "-a", agent, ...flags, "--max-wall", "300", PAIR],
          { env: KEYS },
        );
        expect({
          code: run.code,
          units: jsonLines(run.stdout),
          refused: server.refused,
          said: run.code === 0 ? "" : run.stderr,
        }).toMatchObject({
          ...{ code: 0, refused: [], units: [{ outcome: "submitted" }] },
        });
        const messages: { from: string; message: string }[] = JSON.parse(
          file("real", PAIR, "conversation.json"),
        );
        const said = messages.map(({ from, message }) => `${from}: ${message}`).sort();
        expect(said).toEqual([
          ...["agent1: by MCP: agent1 has built 4", 'agent1: by shell: "agent1" pushes next'],
          ...["agent2: by MCP: agent2 has built 5", 'agent2: by shell: "agent2" pushes next'],
        ]);
        for (const [own, partner] of [
          ["agent1", "agent2"],
          ["agent2", "agent1"],
        ] as const) {
          const trajectory = file("real", PAIR, own, "trajectory.json");
          const changed = /^\+\+\+ b\/(.*)$/m.exec(file("real", PAIR, partner, "patch.diff"))?.[1];
          // Some shells take blanks off an output's ends.
          expect(trajectory).toMatch(new RegExp(`[ "]${changed} +\\|`));
          expect(trajectory).toMatch(/\[Message from agent\d\]: by (?:MCP|shell)/);
          if (program.mcp_tool !== undefined)
            expect(trajectory).toMatch(/"name": "\w*tandem_send"/);
          expect(existsSync(here.at("logs", "real", PAIR, own, "program-record"))).toBe(true);
        }
        expect(billOf(here.at("ledger.sqlite"), "real")).toEqual(await billOfServer(server, model));
        const ran = rows(
          here.at("ledger.sqlite"),
          "SELECT agent_id, exit_code FROM commands WHERE command LIKE '%tandem_inbox%' ORDER BY 1",
        );
        expect(ran.map(({ agent_id }) => agent_id)).toEqual(["agent1", "agent2"]);
        for (const { exit_code } of ran) expect([0, null]).toContain(exit_code as number | null);
      });

      test("and the patches merge and pass", async () => {
        const done = await here.call("eval", ["-n", "real", ...where]);
        expect(jsonLines(done.stdout)).toMatchObject([{ outcome: "passed" }]);
        expect(rows(here.at("ledger.sqlite"), "SELECT merge_status FROM outcomes")).toEqual([
          { merge_status: "clean" },
        ]);
      });

      test("a replay without the server gives the same patches", async () => {
        const again = await here.call("run-pair", ["--replay", "real", "-n", "again", ...where]);
        expect({ code: again.code, said: again.code === 0 ? "" : again.stderr }).toEqual({
          code: 0,
          said: "",
        });
        for (const own of ["agent1", "agent2"])
          expect(file("again", PAIR, own, "patch.diff")).toBe(
            file("real", PAIR, own, "patch.diff"),
          );
      });
    });
  });
}

/** Programs that the image of musl refuses, and what it says. */
const refused = ALL.filter(isNamed).flatMap((name): [name: string, reason: string][] => {
  const { any, musl: own } = programOf(name).packages;
  if (NEED_LIBRARIES.includes(name)) return [[name, "libstdc++.so.6"]];
  const isForGlibc = any === undefined && own === undefined;
  return isForGlibc ? [[name, "has no packages for musl, which this image has"]] : [];
});
describeWith("docker", "an image of musl", () => {
  beforeAll(() => made(musl.make));
  test.each(refused)("refuses %s: %s", async (agent, reason) => {
    using here = place();
    const [open, model] = BEHIND[programOf(agent).wire];
    await using server = open(playsProgram);
    const flags = ["-m", model, "--base-url", server.base_url, ...musl.flags];
    const run = await here.call("run-pair", ["-n", "unfit", "-a", agent, ...flags, PAIR], {
      env: KEYS,
    });
    expect(run.code).toBe(1);
    expect(jsonLines(run.stdout)).toMatchObject([{ fault: "program_unfit" }]);
    expect(run.stderr).toContain(reason);
    expect(server.asked).toEqual([]);
  });
});

/** Only where something is to run. */
function made(command: readonly string[] | undefined): void {
  if (command === undefined || wanted.length === 0) return;
  const { success, stderr } = Bun.spawnSync([...command], { stdout: "ignore" });
  if (!success) throw new Error(`the image could not be made: ${stderr}`);
}
