import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { configured } from "../lib/agent/job.fixture.ts";
import type { RunConfig } from "../lib/attempt/config.ts";
import { keyOf, MINI, pairPlace } from "../lib/attempt/pair.fixture.ts";
import { runPairs } from "../lib/engine/attempt.ts";
import { openGateway } from "../lib/model/gateway.ts";
import type { GatewayOptions } from "../lib/model/gateway-options.ts";
import { withKeys } from "../lib/model/provider/provider.fixture.ts";
import type { Asked, Script, Scripted } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer, chatServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, sceneOf } from "./agents.fixture.ts";

setDefaultTimeout(120_000);
const keys = withKeys();
afterAll(() => keys[Symbol.dispose]());

const SUBMIT = "git diff > patch.txt; echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";
/** More than an agent's own work takes here, and less than an outage lasts. */
const WALL_MS = 10_000;
const OUT_MS = 11_000;

const runs = (...commands: readonly string[]): Scripted => ({
  tool_calls: commands.map((command) => ({ name: "bash", arguments: { command } })),
});
const WORK = 'echo "$RANDOM" > made.txt; git add -A';
/** Makes a file, then hands in. */
const diligent: Script = (asked) => runs(sceneOf(asked).step === 1 ? WORK : SUBMIT);

/** The script, but what is chosen is refused in turns for so long after it was first asked for. */
function out(
  script: Script,
  chosen: (asked: Asked) => boolean,
  refusals: readonly Scripted[],
): Script {
  let since: number | undefined;
  let count = 0;
  return (asked) => {
    if (!chosen(asked)) return script(asked);
    since ??= performance.now();
    if (performance.now() - since > OUT_MS) return script(asked);
    return refusals[count++ % refusals.length] ?? "blank";
  };
}

type Trial = {
  readonly script: Script;
  readonly config?: Partial<RunConfig>;
  readonly features?: readonly number[];
  readonly gateway?: Partial<GatewayOptions>;
  readonly server?: typeof anthropicServer;
};
type AgentSeen = {
  readonly outcome: string;
  readonly limit_reached: string | null;
  readonly wall_ms: number;
  readonly stopped_ms: number;
  readonly waited_ms: number;
};

/** One attempt; its agents by their ids, its messages, and what agent1 was shown. */
async function attempt({ script, config, features = [1, 2], gateway, server }: Trial) {
  await using asked = (server ?? anthropicServer)(script);
  using pair = pairPlace();
  const model = config?.model ?? CLAUDE;
  const way = await openGateway({
    ...{ model, base_url: asked.base_url, options: {}, call_timeout_ms: 20_000 },
    ...gateway,
  });
  const { plan, units } = await pair.plan({
    config: { ...MINI, model, max_wall_ms: WALL_MS, max_cost_usd: null, ...config },
    gateway: way,
    taskOf: () => pair.task,
    pairs: [keyOf(...features)],
  });
  await runPairs(plan);
  const folder = pair.at("r/demo_task/task1", `features_${features.join("_")}`);
  const read = (name: string) => JSON.parse(readFileSync(join(folder, name), "utf8"));
  const solo = config?.setting === "solo";
  return {
    units,
    agents: read("result.json").agents as Record<string, AgentSeen>,
    conversation: read("conversation.json"),
    shown: JSON.stringify(read(join(solo ? "solo" : "agent1", "trajectory.json")).messages),
    calls: pair.ledger.attempts.select({ run: "r" }).length,
  };
}

const DOWN: readonly Scripted[] = [
  { status: 503, headers: { "retry-after": "1" } },
  { status: 429, headers: { "retry-after": "1" } },
];
const slowly = out(diligent, ({ n }) => n <= 2, [{ status: 504 }]);
const isAgent = (id: string) => (asked: Asked) => sceneOf(asked).agent_id === id;

describe("A1: longer than the wall limit", () => {
  const CASES: [name: string, trial: Trial][] = [
    ["one agent's calls", { script: out(diligent, isAgent("agent2"), DOWN) }],
    ["all agents' calls", { script: out(diligent, () => true, DOWN) }],
    [
      "an only agent's calls",
      { script: out(diligent, () => true, DOWN), config: { setting: "solo" } },
    ],
    [
      "a single Retry-After",
      {
        script: out(diligent, isAgent("agent1"), [
          { status: 429, headers: { "retry-after": String(OUT_MS / 1000 + 1) } },
        ]),
      },
    ],
    [
      "answers that break off, each followed by a refusal",
      { script: out(diligent, ({ n }) => n > 1, ["cut", ...DOWN, ...DOWN, ...DOWN]) },
    ],
    [
      "refusals that each take longer",
      {
        script: async (asked) => {
          const answer = await slowly(asked);
          if (typeof answer !== "string" && "status" in answer) await Bun.sleep(WALL_MS + 1_000);
          return answer;
        },
      },
    ],
    [
      "another family's refusals",
      {
        script: out(diligent, () => true, [{ status: 503, headers: { "retry-after": "1" } }]),
        config: { model: "local/some" },
        server: chatServer,
      },
    ],
  ];
  test.concurrent.each(CASES)(
    "%s are waited for, and nobody's limit is reached",
    async (_, trial) => {
      const { units, agents } = await attempt(trial);
      expect(units).toMatchObject([{ outcome: "submitted" }]);
      const waited = Object.values(agents).filter(({ waited_ms }) => waited_ms > OUT_MS - 500);
      expect(waited.length).toBeGreaterThan(0);
      for (const { wall_ms, stopped_ms, limit_reached } of Object.values(agents)) {
        expect(limit_reached).toBeNull();
        expect(wall_ms - stopped_ms).toBeLessThan(WALL_MS);
      }
      for (const { stopped_ms } of waited) expect(stopped_ms).toBeGreaterThan(OUT_MS - 1_000);
    },
  );

  test.concurrent("a summary's calls are waited for", async () => {
    const { config } = configured({
      compaction: { enabled: true, threshold_tokens: 50, keep_turns: 1 },
    });
    let steps = 0;
    const script: Script = ({ tools }) => {
      if (tools.length === 0) return { text: "I made a file." };
      return runs(++steps < 4 ? WORK : SUBMIT);
    };
    const { units, agents, shown } = await attempt({
      script: out(script, ({ tools }) => tools.length === 0, DOWN),
      config: { setting: "solo", agent_config: config },
    });
    expect(units).toMatchObject([{ outcome: "submitted" }]);
    expect(shown).toContain("I made a file.");
    expect(agents.agent1?.stopped_ms).toBeGreaterThan(OUT_MS - 1_000);
  });

  test.concurrent("three agents on one slot wait for their turns", async () => {
    const slow: Script = async (asked) => {
      await Bun.sleep(WALL_MS / 5);
      return diligent(asked);
    };
    const { units, agents } = await attempt({
      ...{ script: slow, features: [1, 2, 3], gateway: { concurrency: 1 } },
    });
    expect(units).toMatchObject([{ outcome: "submitted" }]);
    const seen = Object.values(agents);
    expect(seen).toHaveLength(3);
    // Two calls of its own, and four of the others.
    expect(seen.reduce((sum, { stopped_ms }) => sum + stopped_ms, 0)).toBeGreaterThan(WALL_MS);
    expect(seen.every(({ waited_ms }) => waited_ms > 1_000)).toBe(true);
  });
});

describe("A1: a partner that waits for an answer", () => {
  const talk: Script = (asked) => {
    const { agent_id, step } = sceneOf(asked);
    if (step === 2) return runs(SUBMIT);
    return agent_id === "agent1"
      ? runs(`${WORK}; send_message --wait agent2 'what do you build?'`)
      : runs(`${WORK}; send_message agent1 'a file'`);
  };
  const waiting = (message_wait_ms: number) => configured({ message_wait_ms }).config;

  test.concurrent("gets it from one whom an outage held up, and has not used its own time", async () => {
    const { units, agents, shown } = await attempt({
      script: out(talk, isAgent("agent2"), DOWN),
      config: { agent_config: waiting(8_000) },
    });
    expect(units).toMatchObject([{ outcome: "submitted" }]);
    expect(shown).toContain("[an answer has arrived]");
    expect(shown).not.toContain("[no answer");
    expect(agents.agent1).toMatchObject({ limit_reached: null });
    expect(agents.agent1?.stopped_ms).toBeGreaterThan(OUT_MS / 2);
  });

  test.concurrent("waits no longer than it may for one who only is slow", async () => {
    const slow: Script = async (asked) => {
      if (sceneOf(asked).agent_id === "agent2") await Bun.sleep(4_000);
      return talk(asked);
    };
    const { shown } = await attempt({
      script: slow,
      config: { agent_config: waiting(2_000), max_wall_ms: 60_000 },
    });
    expect(shown).toContain("[no answer within 2 s]");
  });
});

describe("A1: an agent of one's own", () => {
  const OWN = join(import.meta.dir, "../lib/agent/clock-agent.fixture.ts");
  const script: Script = ({ turns }) => ({ text: `answer to ${turns.at(-1)?.content}` });
  const asksFor = (text: string) => (asked: Asked) => asked.turns.at(-1)?.content === text;

  test.concurrent("waits for its calls beside each other, and its partner waits with it", async () => {
    const { units, agents, conversation } = await attempt({
      script: out(script, (asked) => asksFor("left")(asked) || asksFor("right")(asked), DOWN),
      config: { agent: OWN },
    });
    expect(units).toMatchObject([{ outcome: "submitted" }]);
    expect(conversation).toMatchObject([{ message: "message" }]);
    for (const { limit_reached, stopped_ms } of Object.values(agents)) {
      expect(limit_reached).toBeNull();
      expect(stopped_ms).toBeGreaterThan(OUT_MS / 2);
    }
  });

  test.concurrent("has its time counted while one of two calls is answered", async () => {
    const slow: Script = async (asked) => {
      if (asksFor("right")(asked)) await Bun.sleep(OUT_MS);
      return script(asked);
    };
    const { units } = await attempt({
      script: out(slow, asksFor("left"), DOWN),
      config: { agent: OWN },
    });
    expect(units).toMatchObject([{ outcome: "limit reached" }]);
  });
});
