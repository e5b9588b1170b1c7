import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Script } from "../lib/model/wire/script.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { anthropicServer, chatServer, googleServer } from "../lib/model/wire/servers.fixture.ts";
import {
  billOf,
  billOfServer,
  build,
  CLAUDE,
  diligent,
  GEMINI,
  GPT,
  KEYS,
  outcomesOf,
  playing,
  rows,
} from "./agents.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const MY_AGENT = join(import.meta.dir, "../lib/agent/my-agent.fixture.ts");
const LOCAL = ["-r", "demo_task", "-f", "1,2", "--unsafe-local"];
const ask = ({ base_url }: Pick<WireServer, "base_url">, model = CLAUDE) => [
  ...["-m", model, "--base-url", base_url],
  ...LOCAL,
];

test("--tries and --cache: a repeat is asked anew, an identical request of another run is not", async () => {
  await using server = anthropicServer(playing(diligent));
  using here = place();
  const args = [...ask(server), "--setting", "solo", "--cache"];
  const first = await here.call("run-pair", ["-n", "a", ...args], { env: KEYS });
  expect(outcomesOf(first)).toEqual({ code: 0, units: { "1_2": "submitted" } });
  expect(server.served.requests).toBe(2);
  const repeats = ["-n", "b", ...args, "--tries", "2"];
  const second = await here.call("run-pair", repeats, { env: KEYS });
  const units = { "1_2": "submitted", "1_2~2": "submitted" };
  expect(outcomesOf(second)).toEqual({ code: 0, units });
  expect(server.served.requests).toBe(4);
  const sources = rows(
    here.at("ledger.sqlite"),
    `SELECT run, try, source, count(*) AS calls, sum(calls.cost_usd) > 0 AS paid
     FROM calls JOIN attempts USING (attempt_key) GROUP BY run, try, source ORDER BY run, try`,
  );
  expect(sources).toEqual([
    { run: "a", try: 1, source: "provider", calls: 2, paid: 1 },
    { run: "b", try: 1, source: "cache", calls: 2, paid: 0 },
    { run: "b", try: 2, source: "provider", calls: 2, paid: 1 },
  ]);
  const without = await here.call("run-pair", ["-n", "c", ...args.slice(0, -1)], { env: KEYS });
  expect([without.code, server.served.requests]).toEqual([0, 6]);
});

const OPTIONS = "model:\n  temperature: 0.25\n  max_output_tokens: 4321\n";
const BODIES: [model: string, start: (script: Script) => WireServer, body: object][] = [
  [CLAUDE, anthropicServer, { temperature: 0.25, max_tokens: 4321 }],
  [
    GEMINI,
    googleServer,
    { generationConfig: expect.objectContaining({ temperature: 0.25, maxOutputTokens: 4321 }) },
  ],
  ["local/qwen3:8b", chatServer, { temperature: 0.25, max_tokens: 4321 }],
];
test.each(BODIES)(
  "--agent-config: options of %s reach the server, and prompts too",
  async (model, start, body) => {
    await using server = start(playing(diligent));
    using here = place();
    const prompts = "prompts:\n  system: |\n    You are {{agent_id}}. Speak like a pirate.\n";
    writeFileSync(here.at("pirate.yaml"), `${OPTIONS}${prompts}`);
    const args = ["-n", "a", ...ask(server, model), "--max-cost", "none"];
    const more = ["--agent-config", "pirate.yaml"];
    const called = await here.call("run-pair", [...args, ...more], { env: KEYS });
    expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
    expect(server.asked).toHaveLength(4);
    for (const asked of server.asked) {
      expect(asked.body).toMatchObject(body);
      expect(asked.hint).toContain("Speak like a pirate.");
    }
    // The configuration is the run's: another one under its name is refused.
    const changed = await here.call("run-pair", args, { env: KEYS });
    expect(changed.code).toBe(2);
    expect(changed.stderr).toContain("agent_config");
  },
);

test("--agent: a module of one's own asks the same model, is metered, and its work is taken", async () => {
  // Its prompt is its own: the feature is known by its title only.
  const script: Script = ({ hint, turns }) => {
    // A message of its partner's may stand in the same turn, behind it.
    const [own = ""] = hint.split("Answer with one bash command");
    const feature = own.includes("**Title**: Scale a recipe") ? 1 : 2;
    const isFirst = turns.every(({ role }) => role !== "assistant");
    return { text: isFirst ? build(feature) : "DONE" };
  };
  await using server = anthropicServer(script);
  using here = place();
  const args = ["-n", "a", "-a", MY_AGENT, ...ask(server)];
  const called = await here.call("run-pair", args, { env: KEYS });
  expect(outcomesOf(called)).toEqual({ code: 0, units: { "1_2": "submitted" } });
  const ledger = here.at("ledger.sqlite");
  expect(billOf(ledger, "a")).toEqual(await billOfServer(server, CLAUDE));
  expect(rows(ledger, "SELECT steps, patch_source FROM agents")).toEqual([
    { steps: 2, patch_source: "work tree" },
    { steps: 2, patch_source: "work tree" },
  ]);
  expect(rows(ledger, "SELECT count(*) AS messages FROM messages")).toEqual([{ messages: 2 }]);
  await here.call("merge", ["-n", "a"]);
  const { stdout } = await here.call("eval", ["-n", "a", "--unsafe-local"]);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: "passed" });
});

describe("exit 2, in one line, for", () => {
  const KEYLESS = Object.fromEntries(Object.keys(KEYS).map((name) => [name, ""]));
  const some = { base_url: "http://127.0.0.1:9/v1" };
  const CASES: [what: string, args: string[], said: string][] = [
    ["an unknown flag", ["--max-step", "3"], "--max-steps"],
    ["an unknown field of a configuration", ["--agent-config", "wrong.yaml"], '"temperature"'],
    ["an option out of range", ["--agent-config", "hot.yaml"], "hot.yaml: model.temperature"],
    ["a configuration that is not there", ["--agent-config", "no.yaml"], "no.yaml"],
    ["an agent that is none", ["-a", "minni"], '"mini"'],
    ["a module that is not there", ["-a", "./no-agent.ts"], "no such file"],
    ["a setting that is none", ["--setting", "sool"], '"solo"'],
    ["a backend that is none", ["--backend", "doker"], '"docker"'],
    ["a limit that is no number", ["--max-cost", "much"], "--max-cost"],
    ["no steps at all", ["--max-steps", "0"], "--max-steps"],
    ["a budget of nothing", ["--budget", "0"], "--budget"],
    ["a run to replay that is none", ["--replay", "nothing"], "nothing"],
    ["an address of Redis that is none", ["--redis", "http://x"], "redis://"],
    ["branches to share with nobody", ["--setting", "solo", "--git"], "omit git"],
    ["a limit with a unit", ["--max-wall", "2h"], "--max-wall"],
    ["a gateway that nobody would call", ["--network", "gateway"], "omit it"],
  ];
  test.each(CASES)("%s", async (_, args, said) => {
    using here = place();
    writeFileSync(here.at("wrong.yaml"), "model:\n  temprature: 0.25\n");
    writeFileSync(here.at("hot.yaml"), "model:\n  temperature: 9\n");
    const replays = args.includes("--replay");
    const base = replays ? LOCAL : ask(some);
    const called = await here.call("run-pair", ["-n", "a", ...base, ...args], { env: KEYS });
    expect(called).toMatchObject({ code: 2, stdout: "" });
    expect(called.stderr).toContain(said);
    expect(called.stderr.trim().split("\n")).toHaveLength(1);
  });

  const MODELS: [what: string, model: string[], said: string][] = [
    ["no key", ["-m", CLAUDE], "set ANTHROPIC_API_KEY in the environment or in .env"],
    ["a provider that is none", ["-m", "antropic/claude"], '"anthropic/claude"'],
    ["a model without its provider", ["-m", "gpt-5"], '"openai/gpt-5"'],
    ["a server of one's own without its address", ["-m", "local/x"], "--base-url"],
    ["no model", [], "needs a model"],
  ];
  test.each(MODELS)("%s", async (_, model, said) => {
    using here = place();
    const called = await here.call("run-pair", ["-n", "a", ...LOCAL, ...model], { env: KEYLESS });
    expect(called).toMatchObject({ code: 2, stdout: "" });
    expect(called.stderr).toContain(said);
  });

  test("an option that the model would ignore", async () => {
    using here = place();
    writeFileSync(here.at("a.yaml"), OPTIONS);
    const args = ["-n", "a", ...ask(some, GPT), "--agent-config", "a.yaml"];
    const called = await here.call("run-pair", args, { env: KEYS });
    expect(called).toMatchObject({ code: 2, stdout: "" });
    expect(called.stderr).toContain("temperature");
  });
});
