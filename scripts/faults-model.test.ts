import { expect, setDefaultTimeout, test } from "bun:test";
import type { Scripted } from "../lib/model/wire/script.fixture.ts";
import { billOfServer, CLAUDE, type Scene } from "./agents.fixture.ts";
import { doneTwice, heldModel, type StudyPlace, studyPlace } from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const study = (defaults: string, faults: number, limit = 4) => `[pairs]
repo = "demo_task"
limit = ${limit}
[defaults]
${defaults}[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
[concurrency]
pairs = 2
[retries]
faults = ${faults}
wait_s = 0.2
`;
const DOWN: Scripted = { status: 429, headers: { "retry-after": "10800" } };
const nameOf = ({ features }: Scene) => features.join("_");
const openFaults = (here: StudyPlace) =>
  here.rows("SELECT unit FROM faults WHERE resolved_at IS NULL").length;
/** Everything that was spent is somewhere: with attempts, or with the faults of tries that broke. */
async function expectPaid(here: StudyPlace, model: ReturnType<typeof heldModel>): Promise<void> {
  const [{ usd } = { usd: 0 }] = here.rows<{ usd: number }>(
    "SELECT (SELECT sum(cost_usd) FROM agents) + (SELECT coalesce(sum(cost_usd), 0) FROM faults) AS usd",
  );
  expect(usd).toEqual((await billOfServer(model, CLAUDE)).agents.cost_usd);
}

test("a provider that is down for a while: the study completes by tries of its own, and keeps each", async () => {
  const troubles = new Map<string, number>();
  // Every second step of a pair is refused twice: the first step is paid each time.
  await using model = heldModel({
    trouble: (scene) => {
      const met = troubles.get(nameOf(scene)) ?? 0;
      if (scene.step !== 2 || met >= 2) return undefined;
      troubles.set(nameOf(scene), met + 1);
      return DOWN;
    },
  });
  await using here = studyPlace(study(model.defaults, 2));
  const { code, stdout } = await here.run(["run"]);
  expect({ code, units: stdout.trim().split("\n").length }).toEqual({ code: 0, units: 4 });
  expect(here.events("fault")).toHaveLength(8);
  expect(
    here.rows("SELECT code, resolved_at FROM faults WHERE code = 'provider_down'"),
  ).toHaveLength(8);
  expect([openFaults(here), doneTwice(here)]).toEqual([0, []]);
  expect(model.served.answers).toBe(4 * 4);
  await expectPaid(here, model);
});

test("a provider that stays down for one pair: one fault, no report, and the next call mends it", async () => {
  let down = true;
  await using model = heldModel({
    trouble: (scene) => (down && nameOf(scene) === "1_3" ? DOWN : undefined),
  });
  await using here = studyPlace(study(model.defaults, 1));
  const first = await here.run(["report"]);
  expect(first.code).toBe(1);
  expect(first.stderr).toContain(
    "s-solo/demo_task/task1/features_1_3: anthropic asks to wait 10800 s, and an outage may last 7200 s",
  );
  expect(first.stderr).toContain(
    "[provider_down] → wait, or lower -c, and run the same command again",
  );
  expect(first.stderr).toContain("1 units are missing, so no report is written");
  expect([first.stdout, here.events("fault"), openFaults(here)]).toEqual([
    ...["", ["run solo 1_3", "run solo 1_3"], 2],
  ]);
  down = false;
  const second = await here.run(["report"]);
  expect(second.code).toBe(0);
  expect(JSON.parse(second.stdout).runs).toMatchObject([{ pairs: 4, pending: 0, faults: 0 }]);
  expect([openFaults(here), doneTwice(here)]).toEqual([0, []]);
  await expectPaid(here, model);
});

test("a provider that is down altogether: the arm is given up after five, unless told to keep going", async () => {
  let down = true;
  await using model = heldModel({ trouble: () => (down ? DOWN : undefined) });
  await using here = studyPlace(study(model.defaults, 0, 6));
  const stopped = await here.run(["eval", "-c", "1"]);
  expect(stopped.code).toBe(1);
  expect(stopped.stderr).toContain(
    "stopped, 1 of 6 attempts are left: anthropic asks to wait 10800 s",
  );
  expect(here.events("claimed")).toHaveLength(5);
  const kept = await here.run(["run", "-k"]);
  expect([kept.code, here.events("claimed").length]).toEqual([1, 11]);
  down = false;
  expect((await here.run(["run"])).code).toBe(0);
  expect([openFaults(here), doneTwice(here)]).toEqual([0, []]);
});

test("a refused key: nothing is begun after the first, and a good key does it all", async () => {
  await using model = heldModel();
  await using here = studyPlace(study(model.defaults, 2, 2));
  const first = await here.run(["eval", "-c", "1"], {
    ANTHROPIC_API_KEY: "sk-not-the-key-0123456789",
  });
  expect(first.code).toBe(1);
  expect(first.stderr).toContain(
    "stopped, 1 of 2 attempts are left: anthropic refuses: auth (401)",
  );
  expect(first.stderr).toContain("set a valid key of this provider in the environment or .env");
  expect(first.stderr).not.toContain("sk-not-the-key");
  expect([model.served.requests, here.events("claimed")]).toEqual([1, ["run solo 1_2"]]);
  expect((await here.run()).code).toBe(0);
  expect([openFaults(here), doneTwice(here)]).toEqual([0, []]);
});

test("a budget that is used up: a clean end that says what is left, and more money does the rest", async () => {
  await using model = heldModel();
  await using here = studyPlace(`${study(model.defaults, 0)}[budget]\nusd = 0.05\n`);
  const first = await here.run(["eval", "-c", "1"]);
  expect(first.code).toBe(1);
  expect(first.stderr).toMatch(
    /stopped, \d of 4 attempts are left: the run has cost \$0\.\d\d of its budget/,
  );
  expect(first.stderr).toContain("[budget_reached] → raise");
  expect(here.leases()).toEqual([]);
  const second = await here.run(["eval", "--set", "budget.usd=10"]);
  expect(second.code).toBe(0);
  expect([openFaults(here), doneTwice(here)]).toEqual([0, []]);
  await expectPaid(here, model);
});

const STOPPING: [id: string, refusal: Scripted, words: string][] = [
  [
    "A22: an unknown model",
    {
      status: 404,
      body: { type: "error", error: { type: "not_found_error", message: "model: claude-9" } },
    },
    "refuses: unknown model (404)",
  ],
  [
    "A17: a bill that is not paid",
    {
      status: 429,
      body: { error: { type: "billing_not_active", message: "Your account is not active" } },
    },
    "Your account is not active",
  ],
];
test.each(STOPPING)("%s stops the run after one request", async (_, refusal, words) => {
  await using model = heldModel({ trouble: () => refusal });
  await using here = studyPlace(study(model.defaults, 2));
  const first = await here.run(["eval", "-c", "1"]);
  expect(first.code).toBe(1);
  expect(first.stderr).toContain("stopped, 3 of 4 attempts are left");
  expect(first.stderr).toContain(words);
  expect(model.served.requests).toBe(1);
});

const ENDED: [id: string, refusal: Scripted, outcome: string, limit: string | null][] = [
  [
    "A14: a filter's refusals",
    { status: 400, body: { error: { code: "content_filter", message: "filtered" } } },
    "refused",
    null,
  ],
  [
    "A5: a context that nothing mends",
    {
      status: 400,
      body: {
        error: {
          type: "invalid_request_error",
          message: "prompt is too long: 9 tokens > 8 maximum",
        },
      },
    },
    "limit reached",
    "context",
  ],
];
test.each(ENDED)("%s are an outcome, not a fault", async (_, refusal, outcome, limit_reached) => {
  await using model = heldModel({ trouble: ({ step }) => (step > 1 ? refusal : undefined) });
  await using here = studyPlace(study(model.defaults, 2, 2));
  expect((await here.run(["run"])).code).toBe(0);
  expect(here.events("fault")).toEqual([]);
  const ended = here.rows("SELECT DISTINCT outcome, limit_reached FROM agents");
  expect(ended).toEqual([{ outcome, limit_reached }]);
});
