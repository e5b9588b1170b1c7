import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programNamed, SHIPPED, shippedProgram } from "../../lib/agent/installed/shipped.ts";
import { describeWith } from "../../lib/core/testing.ts";
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
/** `TANDEM_AGENTS=all`, or names after commas: the real programs, from npm and PyPI, behind scripted servers. */
const wanted = (process.env.TANDEM_AGENTS ?? "").split(",").filter(Boolean);
const ALL = [...SHIPPED, ...ACP_ONES];
const chosen = wanted.includes("all") ? ALL : ALL.filter((name) => wanted.includes(name));
if (chosen.length === 0)
  test.skip("real programs: TANDEM_AGENTS names none (bun run agents:check)", () => {});

const BEHIND = {
  messages: [anthropicServer, CLAUDE],
  responses: [openaiServer, GPT],
  chat: [openaiServer, GPT],
  contents: [googleServer, GEMINI],
} as const;

/** Packages are installed once, however often this runs. */
const KEPT = join(tmpdir(), "tandem-agents");

for (const backend of ["local", "docker"] as const)
  describeWith(backend === "local" ? "bwrap" : "docker", `in ${backend}`, () => {
    // The demo's image has no Python, which programs in Python find in an image.
    const fits = (name: string) =>
      backend === "local" || name.startsWith("acp:") || shippedProgram(name).python === undefined;
    describe.each(chosen.filter(fits))("%s", (agent) => {
      const here = place();
      afterAll(() => here[Symbol.dispose]());
      mkdirSync(here.at("logs", ".cache"), { recursive: true });
      mkdirSync(KEPT, { recursive: true });
      symlinkSync(KEPT, here.at("logs", ".cache", "programs"));
      const program = agent.startsWith("acp:") ? programNamed(agent) : shippedProgram(agent);
      const [open, model] = BEHIND[program.wire];
      const pair = "demo_task/task1/features_4_5";
      const file = (...parts: string[]) => readFileSync(here.at("logs", ...parts), "utf8");

      test("finishes a pair: edits, talks on both channels, waits, fetches, ends; the bill is the server's", async () => {
        await using server = open(playsProgram);
        const flags = ["-m", model, "--base-url", server.base_url, "--git", "--backend", backend];
        const run = await here.call(
          "run-pair",
          ["-n", "real", "-a", agent, ...flags, "--max-wall", "300", pair],
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
          file("real", pair, "conversation.json"),
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
          const trajectory = file("real", pair, own, "trajectory.json");
          const changed = /^\+\+\+ b\/(.*)$/m.exec(file("real", pair, partner, "patch.diff"))?.[1];
          expect(trajectory).toContain(` ${changed} `);
          expect(trajectory).toMatch(/\[Message from agent\d\]: by (?:MCP|shell)/);
          if (program.mcp_tool !== undefined)
            expect(trajectory).toMatch(/"name": "\w*tandem_send"/);
          expect(existsSync(here.at("logs", "real", pair, own, "program-record"))).toBe(true);
        }
        expect(billOf(here.at("ledger.sqlite"), "real")).toEqual(await billOfServer(server, model));
      });

      test("and the patches merge and pass", async () => {
        const done = await here.call("eval", ["-n", "real", "--backend", backend]);
        expect(jsonLines(done.stdout)).toMatchObject([{ outcome: "passed" }]);
        expect(rows(here.at("ledger.sqlite"), "SELECT merge_status FROM outcomes")).toEqual([
          { merge_status: "clean" },
        ]);
      });

      test("a replay without the server gives the same patches", async () => {
        const again = await here.call("run-pair", [
          "--replay",
          "real",
          "-n",
          "again",
          "--backend",
          backend,
        ]);
        expect({ code: again.code, said: again.code === 0 ? "" : again.stderr }).toEqual({
          code: 0,
          said: "",
        });
        for (const own of ["agent1", "agent2"])
          expect(file("again", pair, own, "patch.diff")).toBe(
            file("real", pair, own, "patch.diff"),
          );
      });
    });
  });
