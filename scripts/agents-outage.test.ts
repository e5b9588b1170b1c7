import { describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Script, Scripted } from "../lib/model/wire/script.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, diligent, KEYS, outcomesOf, playing, rows, sceneOf } from "./agents.fixture.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(300_000);

type Place = ReturnType<typeof place>;
const play = playing(diligent);
const after = (seconds: string) => ({ headers: { "retry-after": seconds } });
const TROUBLES: Scripted[] = [
  { status: 429, ...after("1") },
  { status: 503 },
  { status: 429 },
  { status: 529 },
  { status: 503, ...after("2") },
  { status: 502, body: "<html>Bad Gateway</html>" },
  { status: 429, headers: { "retry-after-ms": "700" } },
  "overloaded",
];

/** The first or second step of each agent at each feature is refused in turns until so long after it was first asked for. */
function troubled(out_ms: () => number): Script {
  const first = new Map<string, number>();
  let refusals = 0;
  return (asked) => {
    const { agent_id, features, step } = sceneOf(asked);
    const feature = features[0] ?? 0;
    if (step !== 1 + (feature % 2)) return play(asked);
    const scene = `${agent_id} ${features} ${step}`;
    const since = first.get(scene) ?? performance.now();
    first.set(scene, since);
    if (performance.now() - since >= out_ms()) return play(asked);
    return TROUBLES[refusals++ % TROUBLES.length] ?? "blank";
  };
}

/** An address at which nobody listens for so long, and then the server does. */
function lateFront(server: WireServer, late_ms: number) {
  const serve = (port: number) =>
    Bun.serve({
      ...{ hostname: "127.0.0.1", port, idleTimeout: 0 },
      fetch: async (request) => {
        const { pathname } = new URL(request.url);
        const { method, headers } = request;
        const body = await request.arrayBuffer();
        return await fetch(new URL(pathname, server.base_url), { method, headers, body });
      },
    });
  const found = serve(0);
  const port = found.port ?? 0;
  const open = found
    .stop(true)
    .then(() => Bun.sleep(late_ms))
    .then(() => serve(port));
  return {
    base_url: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: async () => (await open).stop(true),
  };
}

/** Four pairs twice, in one call. */
async function runAll(here: Place, base_url: string, more: readonly string[] = []) {
  const pairs = ["-r", "demo_task", "--limit", "4", "--tries", "2", "-c", "8"];
  const args = ["-n", "a", "-m", CLAUDE, "--base-url", base_url, "--unsafe-local", ...pairs];
  return outcomesOf(await here.call("run-pair", [...args, ...more], { env: KEYS }));
}

/** What became of every agent, with its patch. */
const endsOf = (here: Place) =>
  rows(
    here.at("ledger.sqlite"),
    `SELECT attempt_key, agent_id, outcome, limit_reached, patch, patch_source, steps
     FROM agents ORDER BY attempt_key, agent_id`,
  );
/** Of calls that were answered; those that the outage cut off have rows of their own. */
const waitsOf = (here: Place) =>
  rows<{ calls: number; waited: number; retried: number }>(
    here.at("ledger.sqlite"),
    `SELECT count(*) AS calls, sum(waited_ms >= 1000) AS waited, sum(retries > 0) AS retried FROM calls WHERE seq > 0`,
  )[0];

const calm = await (async () => {
  await using server = anthropicServer(play);
  using here = place();
  const called = await runAll(here, server.base_url);
  return { called, ends: endsOf(here) };
})();

test("8 attempts at a provider without trouble are the measure", () => {
  expect([calm.called.code, Object.keys(calm.called.units).length]).toEqual([0, 8]);
  expect(new Set(Object.values(calm.called.units))).toEqual(new Set(["submitted"]));
  expect(calm.ends).toHaveLength(16);
});

describe("A1: an outage that ends changes no outcome", () => {
  const CASES: [name: string, out_ms: number, more: string[]][] = [
    ["with the limits that are the default", 4_000, []],
    ["longer than --max-wall", 15_000, ["--max-wall", "12"]],
    ["with one call at a time", 4_000, ["--model-calls", "1"]],
  ];
  test.each(CASES)("%s", async (_, out_ms, more) => {
    await using server = anthropicServer(troubled(() => out_ms));
    await using front = lateFront(server, 2_000);
    using here = place();
    expect(await runAll(here, front.base_url, more)).toEqual(calm.called);
    expect(endsOf(here)).toEqual(calm.ends);
    // Five scenes: an agent and its own feature, of whichever pairs came to it while it was out.
    const { calls = 0, retried = 0, waited = 0 } = waitsOf(here) ?? {};
    expect(calls).toBe(32);
    expect(retried).toBeGreaterThanOrEqual(5);
    expect(waited).toBeGreaterThanOrEqual(5);
  });
});

test("A1: one that lasts longer than --max-outage is a fault of every attempt, and a later call does them all", async () => {
  let out_ms = 600_000;
  await using server = anthropicServer(troubled(() => out_ms));
  using here = place();
  const broken = await runAll(here, server.base_url, ["--max-outage", "3", "--max-wall", "60"]);
  expect(broken.code).toBe(1);
  expect(new Set(Object.values(broken.units))).toEqual(new Set(["provider_down"]));
  expect(endsOf(here)).toEqual([]);
  const open = "SELECT DISTINCT code, hint FROM faults WHERE resolved_at IS NULL";
  expect(rows(here.at("ledger.sqlite"), open)).toMatchObject([
    { code: "provider_down", hint: expect.stringContaining("run the same command again") },
  ]);
  out_ms = 0;
  expect(await runAll(here, server.base_url, ["--max-wall", "60"])).toEqual(calm.called);
  expect(endsOf(here)).toEqual(calm.ends);
});
