// Owns a ledger of many pairs and arms for tests of pages: verdicts as experiments have them, of which nothing was run.
import type { SQLiteTable } from "drizzle-orm/sqlite-core";
import { putPatch } from "../../db/dataset.ts";
import { addRun, asPatch, attemptRecord } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import { inParts } from "../../db/rows.ts";
import { agents, attempts, merges, scores } from "../../db/schema.ts";
import { addFault, mergeRow, scoreRow } from "../../db/verdicts.fixture.ts";

export type WideOptions = { readonly pairs: number; readonly coop_arms?: number };
const REPOS = 12;
const CAUSES = ["own feature broken", "patch lost", "conflict", "broken by merging"] as const;
const FAULT_EVERY = 97;
const PENDING_EVERY = 89;

const PATCHES = Array.from({ length: 40 }, (_, at) => {
  const files = [`src/part${at}.ts`, "src/index.ts"];
  const text = files.map(
    (file) =>
      `diff --git a/${file} b/${file}\n--- a/${file}\n+++ b/${file}\n@@ -1 +1 @@\n-old\n+new\n`,
  );
  return asPatch(Buffer.from(text.join("")));
});

/** A solo arm, coop arms, and reference patches over the same pairs; some faults, some without a verdict, some tried twice. */
export function fillWide(ledger: Ledger, { pairs, coop_arms = 1 }: WideOptions): void {
  for (const { hash, bytes } of PATCHES) putPatch(ledger.tables, hash, bytes);
  addRun(ledger, { run: "solo", setting: "solo", model: "m" });
  const coops = Array.from({ length: coop_arms }, (_, at) => `coop-${at + 1}`);
  for (const run of coops) addRun(ledger, { run, model: "m" });
  addRun(ledger, { run: "gold", agent: "gold", model: null });
  const keys = Array.from({ length: pairs }, (_, at) => {
    const task = Math.floor(at / REPOS / 10) + 1;
    const features = `features_${(at % 10) + 1}_${(at % 10) + 2}`;
    return `repo${Math.floor(at / 10) % REPOS}_task/task${task}/${features}`;
  });
  for (const [arm, run] of ["solo", ...coops, "gold"].entries())
    fillArm(ledger, run, keys, arm + 1);
}

function fillArm(ledger: Ledger, run: string, pairs: readonly string[], seed: number): void {
  const tried = pairs.flatMap((pair, at) => {
    const key = `${run}/${pair}`;
    return at % 50 === 49 && run !== "gold" ? [key, `${key}~2`] : [key];
  });
  const sound = tried.filter((_, at) => (at + seed) % FAULT_EVERY !== 0);
  for (const key of tried) if (!sound.includes(key)) addFault(ledger, key);
  const records = sound.map((key, at) => attemptOf(key, run, at));
  insert(
    ledger,
    attempts,
    records.map(({ attempt }) => attempt),
  );
  insert(
    ledger,
    agents,
    records.flatMap(({ agents }) => agents),
  );
  const status = (at: number) => (at % 4 === 0 ? "conflicts" : "clean");
  if (run !== "solo")
    insert(
      ledger,
      merges,
      sound.map((key, at) => mergeRow(key, { status: status(at) })),
    );
  const scored = sound.filter((_, at) => (at + seed) % PENDING_EVERY !== 0);
  insert(
    ledger,
    scores,
    scored.map((key, at) => verdictOf(key, run, at + seed)),
  );
}

/** Many rows at once: what a store does for each of them takes a hundred times as long. */
function insert<Table extends SQLiteTable>(
  ledger: Ledger,
  table: Table,
  rows: readonly Table["$inferInsert"][],
): void {
  for (const part of inParts(rows)) ledger.tables.insert(table).values(part).run();
}

function attemptOf(key: string, run: string, at: number) {
  const patch = PATCHES[at % PATCHES.length]?.hash ?? "";
  const messages_sent = run.startsWith("coop") ? at % 3 : 0;
  const agent = { patch, messages_sent, cost_usd: (at % 70) / 100 };
  return attemptRecord(key, { agents: run === "solo" ? [agent] : [agent, agent] });
}

function verdictOf(key: string, run: string, at: number) {
  const path = run === "solo" ? "solo" : "clean";
  if ((at * (run.length + 1) + (at % 5)) % 7 < 4) return scoreRow(key, { path });
  const cause = CAUSES[at % CAUSES.length] ?? null;
  const outcome = cause === "conflict" ? "conflict" : "failed";
  return scoreRow(key, { outcome, passed: false, cause, path: cause === "conflict" ? null : path });
}
