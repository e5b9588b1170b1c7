import { expect, setDefaultTimeout, test } from "bun:test";
import { openLedger } from "../db/ledger.ts";
import type { Script, Scripted } from "../lib/model/wire/script.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { changeLines } from "../lib/status/plain.ts";
import { readStatus } from "../lib/status/status.ts";
import { build, CLAUDE, KEYS, rows, type Scene, sceneOf, submit } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(240_000);

/** US dollars of a step: 40,000 tokens of output and one of input. */
const STEP_USD = 0.600003;
const usage = { input_tokens: 1, output_tokens: 40_000 };
const dear = (command: string): Scripted => ({
  tool_calls: [{ name: "bash", arguments: { command } }],
  usage,
});

/** Bills every request that it gets, also those that it never answers. */
function billing(hangsAt: (scene: Scene) => boolean) {
  let [billed, hanging, answered] = [0, 0, 0];
  let reached: { readonly count: number; readonly resolve: () => void } | undefined;
  const script: Script = (asked) => {
    const scene = sceneOf(asked);
    billed++;
    if (hangsAt(scene)) {
      hanging++;
      if (reached !== undefined && hanging >= reached.count) reached.resolve();
      return "hang";
    }
    answered++;
    return dear(scene.step === 1 ? build(scene.features[0] ?? 0) : submit(scene));
  };
  const server = anthropicServer(script);
  return {
    server,
    counts: () => ({ billed, hanging, answered }),
    /** Resolves once so many requests more hang. */
    hang(more: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      reached = { count: hanging + more, resolve };
      return promise;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const argsOf = (base_url: string, ...more: string[]) => [
  ...["-n", "a", "-m", CLAUDE, "--base-url", base_url, "-r", "demo_task", "-f", "1,2"],
  ...["--unsafe-local", ...more],
];
type Here = ReturnType<typeof place>;

async function killed(here: Here, args: readonly string[], when: Promise<void>) {
  const child = here.start("run-pair", args, { env: KEYS });
  await when;
  child.kill("SIGKILL");
  await child.exited;
}

async function costOf(here: Here) {
  const { stdout } = await here.call("status", ["--json", "-n", "a"]);
  const [{ cost_usd, unpriced }] = JSON.parse(stdout).arms;
  using ledger = openLedger(here.at("ledger.sqlite"));
  return { cost_usd, unpriced, text: changeLines(readStatus(ledger, { now: Date.now() })).join() };
}

test("S11: kill -9 loses no answered call, marks those under way, and what the run then costs holds all of it", async () => {
  let hangs = true;
  await using bill = billing(({ step }) => hangs && step === 2);
  using here = place();
  const args = argsOf(bill.server.base_url, "--max-cost", "none");
  await killed(here, args, bill.hang(2));
  expect(bill.counts()).toEqual({ billed: 4, hanging: 2, answered: 2 });
  // At once, and not by a heartbeat that may have come: there is one in two seconds.
  const [lease] = rows<{ progress: string }>(
    here.at("ledger.sqlite"),
    "SELECT progress FROM leases",
  );
  expect(JSON.parse(lease?.progress ?? "")).toMatchObject({
    ...{ cost_usd: expect.closeTo(2 * STEP_USD, 9), in_flight: 2, unpriced: 0 },
  });
  const after = await costOf(here);
  expect(after).toMatchObject({ cost_usd: expect.closeTo(2 * STEP_USD, 9), unpriced: 2 });
  expect(after.text).toContain("≥$1.20");

  hangs = false;
  const again = await here.call("run-pair", args, { env: KEYS });
  expect(jsonLines(again.stdout)).toMatchObject([{ outcome: "submitted" }]);
  const whole = await costOf(here);
  // Six answers are known, and two calls are not: the server billed eight.
  expect(bill.counts().billed).toBe(8);
  expect(whole).toMatchObject({ cost_usd: expect.closeTo(6 * STEP_USD, 9), unpriced: 2 });
  expect(whole.text).toContain("≥$3.60");
  expect(rows(here.at("ledger.sqlite"), "SELECT cost_usd IS NULL AS no FROM agents")).toEqual([
    { no: 0 },
    { no: 0 },
  ]);
});

test("S11: a deadline that ends a call leaves its mark in the attempt, and every sum says at least", async () => {
  await using bill = billing(({ step }) => step === 2);
  using here = place();
  const args = argsOf(bill.server.base_url, "--max-wall", "8");
  const called = await here.call("run-pair", args, { env: KEYS });
  expect(jsonLines(called.stdout)).toMatchObject([{ outcome: "limit reached" }]);
  const ledger = here.at("ledger.sqlite");
  const calls =
    "SELECT seq, stop_reason, cost_usd, usage_known FROM calls WHERE agent_id = 'agent1'";
  expect(rows(ledger, `${calls} ORDER BY seq`)).toEqual([
    { seq: -1, stop_reason: "cut off", cost_usd: null, usage_known: 0 },
    { seq: 1, stop_reason: "tool calls", cost_usd: expect.closeTo(STEP_USD, 9), usage_known: 1 },
  ]);
  expect((await costOf(here)).text).toContain("≥$1.20");
  for (const format of ["md", "table", "tex"]) {
    const { stdout } = await here.call("report", ["--format", format]);
    expect(stdout).toMatch(/(≥|\$\\geq\$)1\.20/);
  }
  const { stdout } = await here.call("report", ["--json"]);
  expect(JSON.parse(stdout).runs).toMatchObject([
    { cost_usd: expect.closeTo(2 * STEP_USD, 9), cost_unknown: 1 },
  ]);
});

test("S11: a budget holds over kills: calls that were cut off are reckoned with, and said", async () => {
  await using bill = billing(({ step }) => step === 2);
  using here = place();
  const args = argsOf(bill.server.base_url, "--budget", "6");
  let kills = 0;
  for (; kills < 6; kills++) {
    const child = here.start("run-pair", args, { env: KEYS });
    const hung = bill.hang(2).then(() => "hung");
    if ((await Promise.race([hung, child.exited])) !== "hung") break;
    child.kill("SIGKILL");
    await child.exited;
  }
  // Four steps of 60 cents with each kill: $4.80 after two, and the third call meets the limit after two steps more.
  expect(kills).toBe(2);
  expect(bill.counts()).toEqual({ billed: 10, hanging: 4, answered: 6 });
  const refused = await here.call("run-pair", args, { env: KEYS });
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /the run has cost ≥\$3\.60, with 4 calls that were cut off, each counted at the highest known cost \(\$0\.60\), of its budget of \$6\.00/,
  );
});
