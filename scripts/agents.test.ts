import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { sha256 } from "../lib/core/files.ts";
import { describeWith } from "../lib/core/testing.ts";
import type { Script } from "../lib/model/wire/script.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import {
  anthropicServer,
  chatServer,
  googleServer,
  openaiServer,
} from "../lib/model/wire/servers.fixture.ts";
import {
  billOf,
  billOfServer,
  build,
  CLAUDE,
  diligent,
  GEMINI,
  GPT,
  KEYS,
  type Move,
  outcomesOf,
  playing,
  rows,
  type Scene,
  sceneOf,
  shownTo,
  submit,
} from "./agents.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

type Place = ReturnType<typeof place>;
const QUESTION = 'I have pushed my branch.\nWhich line of src/index.ts is "yours"?';
const INDEX = "src/index.ts";

/**
 * Features 1 and 5 both add a last line to the index: written alone they conflict. agent2 waits for agent1's branch,
 * looks at it, and only when it really sees the line there puts its own elsewhere.
 */
const talkative = ({ agent_id }: Scene): Move[] =>
  agent_id === "agent1"
    ? [
        `${build(1)}\ngit add -A && git commit -qm scale && git push team HEAD:agent1`,
        `send_message --wait agent2 <<'MSG'\n${QUESTION}\nMSG`,
        "git push team HEAD:agent2 || echo NOT MINE",
        submit,
      ]
    : [
        'send_message --wait agent1 "Tell me when you have pushed."',
        `git fetch team && git show team/agent1:${INDEX}`,
        `${build(5, [INDEX])}
git show team/agent1:${INDEX} | tail -n 1 | grep scaleRecipe && sed -i '1a export { totalMinutes } from "./time.ts";' ${INDEX}
git add -A && git commit -qm time && git merge --no-commit --no-ff team/agent1 && git merge --abort && echo IT MERGES`,
        'send_message agent1 "Mine is the second."',
        submit,
      ];

type RunCall = { readonly model: string; readonly server: WireServer; readonly more: string[] };

function runPair(here: Place, { model, server, more }: RunCall) {
  const args = ["-n", "a", "-m", model, "--base-url", server.base_url, "-r", "demo_task", ...more];
  return here.call("run-pair", args, { env: KEYS });
}

/** Merge and verdict of the run's only attempt. */
async function verdict(here: Place, sandboxes: readonly string[]) {
  await here.call("merge", ["-n", "a"]);
  const { stdout } = await here.call("eval", ["-n", "a", ...sandboxes]);
  const { outcome, path } = JSON.parse(stdout);
  return { outcome, path };
}

describeWith("docker", "in containers", () => {
  describeWith("redis", "with messages over Redis", () => {
    test("two agents talk, wait, fetch a branch, submit; what they agreed on merges and passes", async () => {
      await using server = anthropicServer(playing(talkative));
      using here = place();
      const more = ["-f", "1,5", "--backend", "docker", "--redis", "auto", "--git"];
      const called = await runPair(here, { model: CLAUDE, server, more });
      expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_5": "submitted" } });
      expect(server.refused).toEqual([]);
      const ledger = here.at("ledger.sqlite");
      expect(billOf(ledger, "a")).toEqual(await billOfServer(server, CLAUDE));
      expect(rows(ledger, "SELECT count(*) AS calls FROM calls")).toEqual([
        { calls: server.served.answers },
      ]);

      expect(shownTo(server, "agent1")).toContain(
        "[Message from agent2]: Tell me when you have pushed.",
      );
      expect(shownTo(server, "agent1")).toContain("agent2 is not yours to change");
      expect(shownTo(server, "agent1")).toContain("NOT MINE");
      expect(shownTo(server, "agent2")).toContain(`[Message from agent1]: ${QUESTION}`);
      expect(shownTo(server, "agent2")).toContain("[an answer has arrived]");
      expect(shownTo(server, "agent2")).toContain("IT MERGES");
      const messages = rows(
        ledger,
        "SELECT sender, content, sent_step, acknowledged_at IS NOT NULL AS kept FROM messages ORDER BY sender, seq",
      );
      expect(messages).toEqual([
        { sender: "agent1", content: QUESTION, sent_step: 2, kept: 1 },
        { sender: "agent2", content: "Tell me when you have pushed.", sent_step: 1, kept: 1 },
        { sender: "agent2", content: "Mine is the second.", sent_step: 4, kept: 1 },
      ]);
      const result = JSON.parse(readFileSync(attemptFile(here, "result.json"), "utf8"));
      const mailbox = expect.stringContaining("a redis-server started for this run");
      expect(result).toMatchObject({ git: true, messages_sent: 3, mailbox });
      expect(await verdict(here, ["--backend", "docker"])).toEqual({
        outcome: "passed",
        path: "clean",
      });
    });
  });
});

const SERVICES: [name: string, model: string, start: (script: Script) => WireServer][] = [
  ["OpenAI's responses", GPT, openaiServer],
  ["Google's", GEMINI, googleServer],
];
test.each(SERVICES)("over %s wire the same pair ends the same", async (_, model, start) => {
  await using server = start(playing(talkative));
  using here = place();
  const more = ["-f", "1,5", "--git", "--unsafe-local"];
  const called = await runPair(here, { model, server, more });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_5": "submitted" } });
  expect(server.refused).toEqual([]);
  expect(billOf(here.at("ledger.sqlite"), "a")).toEqual(await billOfServer(server, model));
  expect(await verdict(here, ["--unsafe-local"])).toEqual({ outcome: "passed", path: "clean" });
});

test("a server of one's own: what a call costs is unknown, not zero, and a limit in dollars is refused", async () => {
  await using server = chatServer(playing(diligent));
  using here = place();
  const call = { model: "local/qwen3:8b", server, more: ["-f", "1,2", "--unsafe-local"] };
  const refused = await runPair(here, call);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("--max-cost none");
  const called = await runPair(here, { ...call, more: [...call.more, "--max-cost", "none"] });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
  const bill = { ...server.served.usage, cost_usd: null };
  expect(billOf(here.at("ledger.sqlite"), "a")).toEqual({ agents: bill, calls: bill });
});

test("solo: one agent, both features, both suites", async () => {
  await using server = anthropicServer(playing(diligent));
  using here = place();
  const more = ["-f", "1,2", "--setting", "solo", "--unsafe-local"];
  const called = await runPair(here, { model: CLAUDE, server, more });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
  expect(server.asked.map((asked) => sceneOf(asked).features)).toEqual([
    [1, 2],
    [1, 2],
  ]);
  // Alone there is nobody to write to.
  expect(shownTo(server, "agent1")).not.toMatch(/send_message|team/);
  expect(billOf(here.at("ledger.sqlite"), "a")).toEqual(await billOfServer(server, CLAUDE));
  expect(await verdict(here, ["--unsafe-local"])).toMatchObject({ outcome: "passed" });
});

/** The first two push, then tell all; agent3 hears both before it looks at their branches. */
const three = (scene: Scene): Move[] => {
  const { agent_id, features } = scene;
  const [feature = 0] = features;
  const push = "git add -A && git commit -qm mine && git push team HEAD";
  if (agent_id !== "agent3")
    return [`${build(feature)}\n${push}`, `send_message all "${agent_id} has ${feature}"`, submit];
  return [
    "send_message --wait agent1 'Ready?'",
    "send_message --wait agent2 'Ready?'",
    "git fetch -q team && for n in 1 2; do git diff --stat HEAD team/agent$n; done",
    `${build(feature)}\n${push}`,
    submit,
  ];
};

test("three agents: every branch, every message, an N-way merge, three suites", async () => {
  await using server = anthropicServer(playing(three));
  using here = place();
  const more = ["-f", "1,2,5", "--git", "--unsafe-local"];
  const called = await runPair(here, { model: CLAUDE, server, more });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2_5": "submitted" } });
  const ledger = here.at("ledger.sqlite");
  expect(billOf(ledger, "a")).toEqual(await billOfServer(server, CLAUDE));
  expect(rows(ledger, "SELECT count(*) AS messages FROM messages")).toEqual([{ messages: 6 }]);
  const seen = ["[Message from agent1]: agent1 has 1", "[Message from agent2]: agent2 has 2"];
  for (const text of [...seen, "src/scale.ts", "src/metric.ts"])
    expect(shownTo(server, "agent3")).toContain(text);
  expect(await verdict(here, ["--unsafe-local"])).toEqual({ outcome: "passed", path: "union" });
  expect(rows(ledger, "SELECT count(DISTINCT tests_patch) AS suites FROM suite_results")).toEqual([
    { suites: 3 },
  ]);
});

test("patches in files and ledger are the bytes that the agent wrote", async () => {
  await using server = anthropicServer(playing(diligent));
  using here = place();
  await runPair(here, { model: CLAUDE, server, more: ["-f", "1,2", "--unsafe-local"] });
  const kept = rows<{ agent_id: string; patch: string }>(
    here.at("ledger.sqlite"),
    "SELECT agent_id, patch FROM agents",
  );
  for (const { agent_id, patch } of kept)
    expect(sha256(readFileSync(attemptFile(here, agent_id, "patch.diff")))).toBe(patch);
  expect(kept).toHaveLength(2);
});

function attemptFile(here: Place, ...parts: string[]): string {
  const [attempt] = rows<{ attempt_key: string }>(
    here.at("ledger.sqlite"),
    "SELECT attempt_key FROM attempts",
  );
  return here.at("logs", attempt?.attempt_key ?? "", ...parts);
}
