// Owns which editions of the dataset a report rests on, and in which pairs of two runs they differ.
import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { EditionRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { editionLine, editionOfHash, editionWord } from "../dataset/edition.ts";
import { pairOfRow } from "./report.ts";

const SHOWN = 10;

/** The editions of a run: its own, else those that have the tasks as its attempts found them, else none. */
export function editionsOfRun(ledger: Ledger, run: string): EditionRow[] {
  const own = ledger.runs.find(run)?.edition;
  if (typeof own === "string") {
    const known = ledger.editions.find(own);
    return known === undefined ? [] : [known];
  }
  const versions = Map.groupBy(ledger.attempts.select({ run }), (attempt) =>
    [attempt.repo, attempt.task_id, attempt.task_hash].join(" "),
  );
  const found = [...versions.values()].flatMap(([one]) => {
    const [edition] = one === undefined ? [] : ledger.editions.having(one);
    return edition ?? [];
  });
  return [...new Map(found.map((edition) => [edition.hash, edition])).values()];
}

/** One line for the edition or the editions of a run. */
export function editionFact(ledger: Ledger, run: string): string {
  const found = editionsOfRun(ledger, run);
  if (found.length > 0) return found.map(editionLine).join("; ");
  const own = ledger.runs.find(run)?.edition;
  return typeof own === "string" ? `${editionOfHash(ledger, own)} (not fetched here)` : "not known";
}

/** A sentence for tables that show runs of several editions side by side; none where there is one. */
export function editionNotes(ledger: Ledger, runs: readonly string[]): string[] {
  const words = runs.map((run) => [run, wordOf(ledger, run)] as const);
  if (new Set(words.map(([, word]) => word)).size < 2) return [];
  const each = words.map(([run, word]) => `${run} on ${word}`).join(", ");
  return [
    `Runs use several editions of the dataset (${each}): rates are not comparable where task files differ.`,
  ];
}

function wordOf(ledger: Ledger, run: string): string {
  const words = editionsOfRun(ledger, run).map(editionWord);
  return words.length === 0 ? "an edition that is not known" : words.join(" and ");
}

type Across = {
  readonly rows: readonly OutcomeRow[];
  /** Every two runs that are compared. */
  readonly couples: readonly (readonly [a: string, b: string])[];
  /** Compare them anyway, and say which. */
  readonly across: boolean;
};

/**
 * A sentence for every two runs that are compared although the task files of pairs that both have scored differ. Throws
 * UsageError for the first such two unless that is allowed.
 */
export function acrossEditions(ledger: Ledger, { rows, couples, across }: Across): string[] {
  const byRun = Map.groupBy(rows, ({ run }) => run);
  const versions = new Map([...byRun].map(([run, own]) => [run, versionsOf(own)]));
  return couples.flatMap(([a, b]) => {
    const pairs = differing(versions.get(a), versions.get(b));
    if (pairs.length === 0) return [];
    const [on_a, on_b] = [a, b].map((run) => wordOf(ledger, run));
    const more = pairs.length > SHOWN ? ` and ${pairs.length - SHOWN} more` : "";
    const which = `${pairs.slice(0, SHOWN).join(", ")}${more}`;
    const what = `${a} (edition ${on_a}) and ${b} (edition ${on_b})`;
    if (!across)
      throw new UsageError(
        `${what} cannot be compared: the task files of pairs that both have scored differ (${which}); name runs of one edition with -n, or use --across-editions`,
      );
    return [`Compared across editions: ${what} differ in the task files of ${which}.`];
  });
}

/** Pairs that both have scored, on task files that differ. */
export function differingPairs(a: readonly OutcomeRow[], b: readonly OutcomeRow[]): string[] {
  return differing(versionsOf(a), versionsOf(b));
}

type Versions = ReadonlyMap<string, ReadonlySet<string>>;

/** The versions of their tasks that scored pairs were made on. */
function versionsOf(rows: readonly OutcomeRow[]): Versions {
  const found = new Map<string, Set<string>>();
  for (const row of rows) {
    if (row.passed === null || row.fault !== null || row.task_hash === null) continue;
    const pair = pairOfRow(row);
    const own = found.get(pair) ?? new Set();
    found.set(pair, own.add(row.task_hash));
  }
  return found;
}

function differing(a: Versions | undefined, b: Versions | undefined): string[] {
  return [...(a ?? [])].flatMap(([pair, own]) => {
    const other = b?.get(pair);
    return other === undefined || (other.size === own.size && own.isSubsetOf(other)) ? [] : [pair];
  });
}
