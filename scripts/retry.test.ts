import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { openLedger } from "../db/ledger.ts";
import { thisOwner } from "../lib/core/owner.ts";
import type { Scripted } from "../lib/model/wire/script.fixture.ts";
import { jsonLines } from "./cli.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  type StudyPlace,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const LOCAL = "[sandbox]\nunsafe_local = true\n[retries]\nfaults = 0\n[concurrency]\npairs = 2\n";
const SOLO = (defaults: string) =>
  `[pairs]\nrepo = "demo_task"\nlimit = 3\n[defaults]\n${defaults}[arms.solo]\nsetting = "solo"\n${LOCAL}`;
const REPLAYED = SOLO('model = "replay/demo"\n').replace(
  '[arms.solo]\nsetting = "solo"\n',
  "[arms.coop]\n",
);
const KEY = (pair: string, arm = "coop") => `s-${arm}/demo_task/task1/features_${pair}`;
const DOWN: Scripted = { status: 429, headers: { "retry-after": "10800" } };

async function retry(here: StudyPlace, ...args: readonly string[]) {
  const { code, stdout, stderr } = await here.call("retry", args);
  return { code, stderr, asked: jsonLines(stdout) };
}

describe("outcomes", () => {
  /** 1_2 failed, 1_3 handed in an empty patch, 1_4 failed: so the recordings were made. */
  const CASES: [args: string[], asked: string[]][] = [
    [
      ["--outcome", "failed"],
      ["1_2", "1_4"],
    ],
    [
      ["--outcome", "failed,empty patch"],
      ["1_2", "1_3", "1_4"],
    ],
    [["--outcome", "failed", "-f", "1,4"], ["1_4"]],
    [["--outcome", "passed"], []],
    [
      ["--outcome", "failed", "-n", "s-coop", "--dry-run"],
      ["1_2", "1_4"],
    ],
    [[], []],
  ];

  test("that are chosen are done anew, and what was before is kept: rows, files, cost", async () => {
    await using here = studyPlace(REPLAYED);
    expect((await here.run()).code).toBe(0);
    for (const [args, pairs] of CASES.map(
      ([args, pairs]) => [[...args, "--dry-run"], pairs] as const,
    )) {
      const { code, asked } = await retry(here, ...new Set(args));
      expect({ args, code, asked: asked.map(({ key }) => key) }).toEqual({
        ...{ args, code: 0, asked: pairs.map((pair) => KEY(pair)) },
      });
    }
    expect(here.rows("SELECT * FROM superseded")).toEqual([]);
    const { asked, stderr } = await retry(here, "--outcome", "failed");
    expect(asked).toEqual(
      ["1_2", "1_4"].map((pair) => ({ key: KEY(pair), asked_for: "outcome", was: "failed" })),
    );
    expect(stderr).toContain("2 queued again; the running study or the next call does them");
    for (const { key } of asked) {
      const aside = String(key).replace("s-coop/", "s-coop/.superseded/");
      expect(existsSync(here.at("logs", `${aside}.1`, "result.json"))).toBe(true);
      expect(existsSync(here.at("logs", String(key)))).toBe(false);
    }
    expect(here.rows("SELECT 1 FROM attempts")).toHaveLength(1);
    const next = await here.run();
    expect(jsonLines(next.stdout)).toHaveLength(3);
    expect(here.events("superseded")).toEqual(["run coop 1_2", "run coop 1_4"]);
    expect(here.rows("SELECT attempt_key, generation, passed FROM superseded ORDER BY 1")).toEqual([
      { attempt_key: KEY("1_2"), generation: 1, passed: 0 },
      { attempt_key: KEY("1_4"), generation: 1, passed: 0 },
    ]);
    const done = here.events("done").filter((line) => line.startsWith("run"));
    expect(done.toSorted()).toEqual(
      ["1_2", "1_2", "1_3", "1_4", "1_4"].map((pair) => `run coop ${pair}`),
    );
  });
});

describe("faults", () => {
  test("are asked for again while the study runs, and it does them: exit 0", async () => {
    let down = true;
    await using model = heldModel({
      holds: ({ features, step }) => features.join("_") === "1_4" && step === 1,
      trouble: ({ features }) => (down && features.join("_") === "1_3" ? DOWN : undefined),
    });
    await using here = studyPlace(SOLO(model.defaults));
    const child = here.start();
    const end = ended(child);
    await until(() => here.events("fault").length === 1 && model.waiting().length === 1);
    const none = await retry(here, "--fault", "engine_gone");
    expect(none.asked).toEqual([]);
    // Still down: the request is answered by another fault, once, and not by one at every heartbeat.
    await retry(here, "--fault", "provider_down");
    await until(() => here.events("fault").length === 2);
    await Bun.sleep(5_000);
    expect(here.events("fault")).toHaveLength(2);
    down = false;
    const { asked } = await retry(here);
    expect(asked).toEqual([{ key: KEY("1_3", "solo"), asked_for: "fault", was: "provider_down" }]);
    await until(() => here.events("done").includes("run solo 1_3"));
    model.letGo();
    const { code, stderr } = await end;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(here.rows("SELECT * FROM faults WHERE resolved_at IS NULL")).toEqual([]);
    expect(doneTwice(here)).toEqual([]);
  });
});

describe("what a process works on", () => {
  const [host = "", table = ""] = thisOwner().split("/");
  const OWNERS: [what: string, owner: string, asked_for: string][] = [
    ["is busy while that process lives", thisOwner(), "busy"],
    ["is anybody's when it is gone", [host, table, 2 ** 22 + 1, "1"].join("/"), "outcome"],
  ];
  test.each(OWNERS)("%s", async (_, owner, asked_for) => {
    await using here = studyPlace(REPLAYED);
    await here.run(["run", "--set", "pairs.limit=1"]);
    using ledger = openLedger(here.at("ledger.sqlite"));
    const unit = { unit: KEY("1_2"), step: "eval", run: "s-coop" } as const;
    ledger.work.claim([unit], { owner, isGone: () => false, isDone: () => false });
    const { asked, stderr } = await retry(here, "--outcome", "submitted");
    expect(asked).toEqual([{ key: KEY("1_2"), asked_for, was: "submitted" }]);
    expect(stderr.includes("1 units are under way")).toBe(asked_for === "busy");
    expect(ledger.attempts.has(KEY("1_2"))).toBe(asked_for === "busy");
  });
});

describe("refused", () => {
  const CASES: [args: string[], words: string][] = [
    [["--outcome", "faild"], 'did you mean "failed"?'],
    [["--fault", "engine_gon"], 'did you mean "engine_gone"?'],
    [["--outcome", "failed", "--fault", "engine_gone"], "--outcome and --fault do not go together"],
    [["-n", "s-cop"], 'unknown run "s-cop"'],
  ];
  const here = studyPlace(REPLAYED);
  afterAll(async () => await here[Symbol.asyncDispose]());
  beforeAll(async () => {
    expect((await here.run(["run", "--set", "pairs.limit=1"])).code).toBe(0);
  });
  test.each(CASES)("%j", async (args, words) => {
    const { code, stderr } = await retry(here, ...args);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(here.rows("SELECT * FROM superseded")).toEqual([]);
  });
});
