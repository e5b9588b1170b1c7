import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { openLedger } from "../db/ledger.ts";
import { addTalk, GOOD, judging, keyOf } from "../lib/labels/judge.fixture.ts";
import type { WireServer } from "../lib/model/wire/serve.fixture.ts";
import { anthropicServer } from "../lib/model/wire/servers.fixture.ts";
import { CLAUDE, KEYS, rows } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

/** A failed pair, one that passed, one that did not talk. */
function talked() {
  const here = place();
  using ledger = openLedger(here.at("ledger.sqlite"));
  addTalk(ledger, keyOf("1_2"), { passed: false });
  addTalk(ledger, keyOf("1_3"), { passed: true });
  addTalk(ledger, keyOf("1_4"), { passed: false, talk: [] });
  return here;
}
const ask = ({ base_url }: WireServer, ...more: string[]) => [
  ...["-m", CLAUDE, "--base-url", base_url],
  ...more,
];

test("labels come as rows, are stored, and are not asked for again; who said nothing is told", async () => {
  await using server = anthropicServer(judging());
  using here = talked();
  const first = await here.call("judge", ask(server, "-n", "one"), { env: KEYS });
  expect(first.code).toBe(0);
  expect(first.stderr).toContain("1 attempts without messages skipped");
  expect(first.stderr).toContain(
    "only failed attempts are labelled with failure symptoms: 1 passed, 0 have no verdict",
  );
  expect(first.stderr).toContain("5 judged, 0 judged before, 0 faults");
  const told = jsonLines(first.stdout);
  expect(told.length).toBe(5);
  expect(told.find(({ measure }) => measure === "failure symptom")).toEqual({
    key: keyOf("1_2"),
    measure: "failure symptom",
    label: "unresponsiveness",
    quotes: ["Which of us edits parse.ts?"],
    cost_usd: expect.any(Number),
  });
  const acts = told.find(({ key, measure }) => key === keyOf("1_3") && measure === "speech act");
  expect(acts).toMatchObject({ labels: ["1 question", "2 update", "3 acknowledgement"] });
  const again = await here.call("judge", ask(server, "-n", "one"), { env: KEYS });
  expect([again.code, server.served.requests]).toEqual([0, 5]);
  expect(jsonLines(again.stdout).sort(byText)).toEqual(told.sort(byText));
  const one = ask(server, "--measures", "speech-acts", "--force", "-");
  const keys = { env: KEYS, stdin: `${JSON.stringify({ key: keyOf("1_3") })}\n` };
  const forced = await here.call("judge", one, keys);
  expect([forced.code, jsonLines(forced.stdout).length, server.served.requests]).toEqual([0, 1, 6]);
});

const byText = (one: unknown, other: unknown) =>
  JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;

test("a fault of one question exits 1, names its measure, and leaves the others their labels", async () => {
  const script = judging(({ measure }) =>
    measure === "failure symptom" ? { text: "?" } : undefined,
  );
  await using server = anthropicServer(script);
  using here = talked();
  const { code, stdout, stderr } = await here.call("judge", ask(server, "-n", "one"), {
    env: KEYS,
  });
  expect(code).toBe(1);
  expect(jsonLines(stdout).filter(({ fault }) => fault !== undefined)).toEqual([
    {
      key: keyOf("1_2"),
      fault: "model_failed",
      message: "failure symptom: two answers cannot be read: it is not one JSON object alone",
    },
  ]);
  expect(stderr).toContain("4 judged, 0 judged before, 1 fault");
  const labels = rows(
    here.at("ledger.sqlite"),
    "SELECT DISTINCT measure FROM labels WHERE label IS NOT NULL",
  );
  expect(labels.length).toBe(2);
});

test("a key that is refused exits 1 and says how many are left", async () => {
  await using server = anthropicServer(judging(() => ({ status: 401 })));
  using here = talked();
  const called = await here.call("judge", ask(server, "-n", "one", "-c", "1"), { env: KEYS });
  expect(called.code).toBe(1);
  expect(called.stderr).toMatch(/stopped, 4 questions are left: .*\[model_auth\]/);
});

test("a dry run asks nothing, needs no key, and tells calls, tokens and cost", async () => {
  using here = talked();
  const bare = { env: { ANTHROPIC_API_KEY: "" } };
  const { code, stdout } = await here.call("judge", ["-n", "one", "-m", CLAUDE, "--dry-run"], bare);
  expect(code).toBe(0);
  expect(jsonLines(stdout).map(({ measure, calls }) => [measure, calls])).toEqual([
    ["communication error", 2],
    ["failure symptom", 1],
    ["speech act", 2],
  ]);
  for (const row of jsonLines(stdout)) expect(Number(row.cost_usd)).toBeGreaterThan(0);
  const local = ["-m", "local/some", "--base-url", "http://127.0.0.1:9/v1"];
  const unknown = await here.call("judge", ["-n", "one", ...local, "--dry-run"], bare);
  expect(jsonLines(unknown.stdout)[0]).toMatchObject({ calls: 2, cost_usd: null });
});

describe("agreement", () => {
  test("with a file, and with rules, without any model", async () => {
    await using server = anthropicServer(judging());
    using here = talked();
    await here.call("judge", ask(server, "-n", "one"), { env: KEYS });
    const file = here.at("people.csv");
    const { label } = GOOD["communication error"];
    const lines = [
      "attempt_key,measure,subject,label",
      `${keyOf("1_2")},communication-errors,-,${label}`,
      `${keyOf("1_3")},communication-errors,-,none`,
      `${keyOf("1_2")},speech-acts,1,question`,
      `${keyOf("1_2")},speech-acts,2,plan`,
    ];
    writeFileSync(file, lines.join("\n"));
    const people = await here.call("judge", ["-n", "one", "--agreement", file]);
    expect(people.code).toBe(0);
    const kappas = jsonLines(people.stdout).filter(({ row }) => row === "kappa");
    expect(
      kappas.map(({ measure, in_common, observed }) => [measure, in_common, observed]),
    ).toEqual([
      ["communication error", 2, 0.5],
      ["speech act", 2, 0.5],
    ]);
    const rules = await here.call("judge", ["-n", "one", "--agreement", "rules"]);
    const [kappa] = jsonLines(rules.stdout);
    expect(kappa).toMatchObject({ row: "kappa", measure: "speech act", in_common: 6 });
    expect(server.served.requests).toBe(5);
  });
  test("with a file that is wrong, or nothing judged, is a usage error", async () => {
    using here = talked();
    const { code, stderr } = await here.call("judge", ["-n", "one", "--agreement", "rules"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("judge something first")]);
  });
});

describe("refused with exit code 2:", () => {
  const cases: [what: string, args: string[], message: string][] = [
    ["no model", ["-n", "one"], "name a model"],
    [
      "an unknown measure",
      ["-n", "one", "-m", CLAUDE, "--measures", "speech-act"],
      'did you mean "speech-acts"?',
    ],
    [
      "an unknown policy",
      ["-n", "one", "-m", CLAUDE, "--policy", "unoin"],
      'did you mean "union"?',
    ],
    ["an unknown run", ["-n", "oen", "-m", CLAUDE], 'did you mean "one"?'],
    ["no run", ["-m", CLAUDE], "name the conversations"],
    ["no money", ["-n", "one", "-m", CLAUDE, "--budget", "0"], "--budget takes a number above 0"],
  ];
  test.each(cases)("%s", async (_what, args, message) => {
    using here = talked();
    const { code, stdout, stderr } = await here.call("judge", args, { env: KEYS });
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(message);
  });
});
