import { describe, expect, test } from "bun:test";
import { attemptRecord, memoryLedger } from "../../db/ledger.fixture.ts";
import { fill } from "../../db/queries/filled.fixture.ts";
import { suiteRecord } from "../../db/verdicts.fixture.ts";
import { provenanceLines } from "./provenance.ts";

describe("provenance", () => {
  using ledger = memoryLedger();
  fill(ledger);
  const key = "coop-a/alpha_task/task1/features_1_2";
  ledger.superseded.replace(key, "done again");
  const replayed = {
    replay_of: "first",
    diverged: "agent1 at step 2",
    prices: "table of 2026-01-01",
  };
  ledger.attempts.put([attemptRecord(key, { attempt: replayed })]);
  const suite = suiteRecord("tested", { environment: "sha256:abc" });
  ledger.scores.putSuite(suite);
  const { suite_key } = suite.result;
  ledger.scores.put(key, [], [{ attempt_key: key, tested: "union", feature_id: 1, suite_key }]);
  const lines = provenanceLines(ledger, { policy: "union", runs: ["coop-a", "solo-a"] });
  const facts = (run: string | null) =>
    lines.filter((line) => line.run === run).map(({ fact, value }) => `${fact}: ${value}`);

  const whole: RegExp[] = [
    /^policy: union$/,
    /^reported by: Tandem \S+, Bun \d/,
    /^dataset hash: v1$/,
    /^bootstrap: 10000 draws, seed 2601$/,
    /^sign flips: .* seed 2601$/,
    /^tested on alpha_task\/task1: sha256:abc$/,
  ];
  test.each(whole)("of the report as a whole: %p", (fact) => {
    expect(facts(null).filter((line) => fact.test(line))).toHaveLength(1);
  });

  const ofRun: [run: string, fact: string][] = [
    ["coop-a", "arm: coop, mini, m1"],
    ["coop-a", "versions: Tandem 0, Bun 0, git 0"],
    ["coop-a", "dataset hash: data"],
    ["coop-a", "configuration: config"],
    ["coop-a", "prices: table of 2026-01-01"],
    ["coop-a", "replay of: first: 1 attempts, 1 went another way"],
    ["coop-a", "superseded attempts: 1, kept and not counted"],
    ["coop-a", "faults no_image: 2 open, 0 overcome"],
    ["coop-a", "faults disk_full: 0 open, 1 overcome"],
    ["solo-a", "arm: solo, mini, m1"],
  ];
  test.each(ofRun)("of %s: %s", (run, fact) => {
    expect(facts(run)).toContain(fact);
  });

  test("says nothing of runs that are not reported", () => {
    expect(new Set(lines.map(({ run }) => run))).toEqual(new Set([null, "coop-a", "solo-a"]));
  });
});
