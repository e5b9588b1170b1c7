// Owns a small filled ledger, in which every query has something to say: two repositories, four runs, a fault.
import { addRun, attemptRecord, indexedTask } from "../ledger.fixture.ts";
import type { Ledger } from "../ledger.ts";
import { addFault, mergeRecord, mergeRow, scoreRow, suiteRecord } from "../verdicts.fixture.ts";

const at = (run: string, pair: string) => `${run}/alpha_task/task1/features_${pair}`;
/** A patch that replaces a line in each of these files. */
const patchOf = (...paths: string[]) =>
  Buffer.from(
    paths
      .map(
        (path) =>
          `diff --git a/${path} b/${path}\n--- a/${path}\n+++ b/${path}\n@@ -1 +1 @@\n-old\n+new\n`,
      )
      .join(""),
  );
const failed = { outcome: "failed", passed: false } as const;

/** Fills a new ledger; the numbers are small enough to be checked by hand. */
export function fill(ledger: Ledger): void {
  fillDataset(ledger);
  addRun(ledger, { run: "coop-a", model: "m1" });
  addRun(ledger, { run: "coop-gold", agent: "gold", model: null });
  addRun(ledger, { run: "solo-a", setting: "solo", model: "m1" });
  addRun(ledger, { run: "solo-b", setting: "solo", model: "m2" });
  addRun(ledger, { run: "idle" });
  fillCoop(ledger);
  fillSolo(ledger, "solo-a", [false, true, true]);
  fillSolo(ledger, "solo-b", [false, true, false]);
  fillGold(ledger);
  // A second try at a pair: one agent passes, two do not.
  secondTry(ledger, at("coop-a", "1_3"), failed);
  secondTry(ledger, at("solo-a", "1_3"), { path: "solo" });
}

function secondTry(ledger: Ledger, key: string, verdict: Parameters<typeof scoreRow>[1]): void {
  ledger.attempts.put([attemptRecord(`${key}~2`, { agents: [{}] })]);
  verdicts(ledger, `${key}~2`, [verdict, verdict]);
}

function fillDataset(ledger: Ledger): void {
  ledger.dataset.index("dataset", "v1", [
    indexedTask("alpha_task", 1, { features: [1, 2, 3] }),
    indexedTask("beta_task", 0, { features: [4, 7] }),
  ]);
  ledger.dataset.setGold([
    { pair_key: "alpha_task/task1/features_1_2", naive: "conflicts", union: "conflicts" },
    { pair_key: "alpha_task/task1/features_1_3", naive: "conflicts", union: "clean" },
    { pair_key: "alpha_task/task1/features_2_3", naive: "clean", union: "clean" },
  ]);
  ledger.dataset.putSubset({ name: "lite", description: "two", file_hash: "h" }, [
    "alpha_task/task1/features_1_2",
    "beta_task/task0/features_4_7",
  ]);
}

/** 1_2 passes by union after talking, 1_3 passes clean in silence, 2_3 conflicts after a limit; beta never ran. */
function fillCoop(ledger: Ledger): void {
  const [union, clean, conflict] = ["1_2", "1_3", "2_3"].map((pair) => at("coop-a", pair));
  if (!union || !clean || !conflict) throw new Error("three attempts");
  ledger.attempts.put([
    attemptRecord(union, {
      attempt: { wall_ms: 5000 },
      agents: [
        { cost_usd: 0.25, steps: 2, bytes: patchOf("a.py", "both.py") },
        { cost_usd: 0.5, steps: 2, bytes: patchOf("both.py") },
      ],
      steps: [
        { agent_id: "agent1", step: 1, messages_sent: 1 },
        { agent_id: "agent1", step: 2, exit_code: 1, exec_ms: 150 },
        { agent_id: "agent2", step: 1 },
        { agent_id: "agent2", step: 2, messages_sent: 1 },
      ],
      commands: [
        { agent_id: "agent1", seq: 1, command: "git status" },
        {
          agent_id: "agent1",
          seq: 2,
          step: 2,
          command: "git push",
          exit_code: 1,
          duration_ms: 150,
        },
      ],
      messages: [
        { seq: 1, sender: "agent1", sent_step: 1, read_at: "later", read_step: 1 },
        { seq: 2, sender: "agent2", recipient: "agent1", sent_step: 2 },
      ],
    }),
    attemptRecord(clean, { agents: [{ cost_usd: null }, {}] }),
    attemptRecord(conflict, {
      attempt: { outcome: "limit reached", wall_ms: 9000 },
      agents: [{ outcome: "limit reached", limit_reached: "steps", patch_source: "work tree" }, {}],
      steps: [1, 2, 3].map((step) => ({ agent_id: "agent1", step, exec_ms: 100 })),
      messages: [{ seq: 1, sender: "agent1", sent_step: 3 }],
    }),
  ]);
  const merges = [
    mergeRow(union, { status: "conflicts" }),
    mergeRow(union, { strategy: "union" }),
    mergeRow(clean),
    mergeRow(conflict, { status: "conflicts" }),
    mergeRow(conflict, { strategy: "union", status: "conflicts" }),
  ];
  ledger.merges.put([mergeRecord(merges)]);
  const conflicted = { outcome: "conflict", path: null, passed: false } as const;
  const broken = [{ name: "test_two", status: "failed" }];
  ledger.scores.putSuite(suiteRecord("one passes", { duration_ms: 2000 }));
  ledger.scores.putSuite(
    suiteRecord("two fails", {
      feature_id: 2,
      outcome: "failed",
      duration_ms: 60_000,
      tests: broken,
    }),
  );
  verdicts(ledger, union, [conflicted, { path: "union" }], {
    union: { 1: "one passes", 2: "two fails" },
  });
  verdicts(ledger, clean, [{}, {}]);
  verdicts(ledger, conflict, [conflicted, conflicted]);
  const never = "coop-a/beta_task/task0/features_4_7";
  addFault(ledger, never, { code: "no_image", happened_at: "2026-01-01" });
  addFault(ledger, never, {
    code: "no_image",
    happened_at: "2026-01-02",
    message: "still no image",
  });
  addFault(ledger, clean, { code: "disk_full", resolved_at: "2026-01-03" });
}

function verdicts(
  ledger: Ledger,
  key: string,
  [naive, union]: readonly [Parameters<typeof scoreRow>[1], Parameters<typeof scoreRow>[1]],
  suites: { readonly union?: Readonly<Record<number, string>> } = {},
): void {
  const rows = [scoreRow(key, { ...naive, policy: "naive" }), scoreRow(key, union)];
  const rested = Object.entries(suites.union ?? {}).map(([feature, suite_key]) => {
    return { attempt_key: key, tested: "union", feature_id: Number(feature), suite_key } as const;
  });
  ledger.scores.put(key, rows, rested);
}

function fillSolo(ledger: Ledger, run: string, passed: readonly boolean[]): void {
  for (const [index, pair] of ["1_2", "1_3", "2_3"].entries()) {
    const key = at(run, pair);
    ledger.attempts.put([attemptRecord(key, { agents: [{ cost_usd: 0.125 }] })]);
    verdicts(ledger, key, passed[index] ? [{ path: "solo" }, { path: "solo" }] : [failed, failed]);
  }
  ledger.scores.putSuite(suiteRecord(`${run} passed`, { duration_ms: 2000 }));
  ledger.scores.putSuite(
    suiteRecord(`${run} slow`, { feature_id: 2, outcome: "tests timed out", duration_ms: 60_000 }),
  );
}

/** The gold patch of feature 1 is handed in twice: in 1_2 and in 1_3. */
function fillGold(ledger: Ledger): void {
  const free = { cost_usd: 0, steps: 0, patch_source: "gold" } as const;
  const bytes = Buffer.from("the patch of feature 1\n");
  ledger.attempts.put(
    ["1_2", "1_3"].map((pair) =>
      attemptRecord(at("coop-gold", pair), { agents: [{ ...free, bytes }, free] }),
    ),
  );
}
