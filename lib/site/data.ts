// Owns what the overview and the table of pairs are made from: rows of the ledger, counted by run.

import type { Ledger } from "../../db/ledger.ts";
import type { OutcomeRow } from "../../db/outcomes.ts";
import type { MergeRow, Policy, RunRow } from "../../db/schema.ts";
import { isGold } from "../core/gold.ts";
import { editionFact } from "../report/editions.ts";
import type { ConflictRate } from "../report/rate.ts";
import {
  conflictsOf,
  type GoldVerdicts,
  goldVerdicts,
  runGroups,
  runLines,
  tryRow,
} from "../report/report.ts";
import { serverNotes } from "../report/servers.ts";
import { type ArmRates, armRates } from "../report/stats/index.ts";
import { byStudy } from "./by-study.ts";

/** What a report rests on, and which part of it is shown. */
export type Scope = {
  readonly ledger: Ledger;
  readonly policy: Policy;
  /** Names of runs; all when absent. */
  readonly runs?: readonly string[] | undefined;
};
/** One run with its rows, under the site's policy. Proportions are in [0, 1]. */
export type RunData = {
  readonly name: string;
  readonly run: RunRow;
  /** `solo`, `coop`, or `gold` for the reference patches: the meaning of its colour. */
  readonly kind: "solo" | "coop" | "gold";
  readonly rows: readonly OutcomeRow[];
  readonly rate: ArmRates;
  readonly conflict: ConflictRate;
  /** Pass rate of the merged gold patches of the same pairs; null for solo and if one is not known. */
  readonly ceiling: number | null;
  /** For the naive merges that conflict: sections of each. */
  readonly sections: readonly number[];
};
export type SiteData = {
  readonly policy: Policy;
  readonly rows: readonly OutcomeRow[];
  readonly runs: readonly RunData[];
  /** Verdicts on merged gold patches: the ceiling of coop. */
  readonly gold: GoldVerdicts;
  readonly merges: ReadonlyMap<string, readonly MergeRow[]>;
  readonly messages: ReturnType<Ledger["pages"]["messageTimes"]>;
  readonly agents: ReturnType<Ledger["pages"]["agents"]>;
  readonly environments: ReturnType<Ledger["provenance"]["environments"]>;
  readonly prices: ReturnType<Ledger["provenance"]["prices"]>;
  readonly faults: ReturnType<Ledger["faults"]["open"]>;
  /** Sentences about runs whose attempts came from more than one host. */
  readonly servers: readonly string[];
  /** The edition of the dataset of each run, in one line. */
  readonly editions: ReadonlyMap<string, string>;
  /** The study of each run that is one's. */
  readonly studies: ReadonlyMap<string, string>;
  readonly published: ReturnType<Ledger["pages"]["published"]>;
};

/** Reads everything that does not belong to one attempt alone; no bulk data. */
export async function readSite({ ledger, policy, runs: wanted }: Scope): Promise<SiteData> {
  const rows = ledger.outcomes.rows(policy, wanted);
  const gold = goldVerdicts(ledger.outcomes.rows(policy));
  const merges = ledger.merges.byAttempt(wanted);
  const byRun = Map.groupBy(rows, ({ run }) => run);
  const shown = ledger.runs.all().filter(({ run }) => byRun.has(run));
  const names = shown.map(({ run }) => run);
  const ceilings = new Map(
    runLines(runGroups(rows), gold).map((line) => [line.run, line.gold_ceiling]),
  );
  const runs: readonly RunData[] = await Promise.all(
    shown.map(async (run): Promise<RunData> => {
      const own = byRun.get(run.run) ?? [];
      const ceiling = ceilings.get(run.run);
      return {
        name: run.run,
        run,
        kind: isGold(run) ? "gold" : run.setting,
        rows: own,
        rate: await armRates(own.map(tryRow)),
        conflict: conflictsOf(own),
        ceiling: typeof ceiling === "number" && !isGold(run) ? ceiling : null,
        sections: sectionsOf(own, merges),
      };
    }),
  );
  const studies = ledger.runs.studies();
  return {
    policy,
    rows,
    runs: byStudy(runs, ({ name }) => studies.get(name)).flatMap((group) => group.runs),
    studies,
    gold,
    merges,
    messages: ledger.pages.messageTimes(names),
    agents: ledger.pages.agents(names),
    environments: ledger.provenance.environments(names),
    prices: ledger.provenance.prices(names),
    faults: ledger.faults.open().filter(({ run }) => byRun.has(run)),
    servers: serverNotes(ledger, names),
    editions: new Map(names.map((name) => [name, editionFact(ledger, name)])),
    published: ledger.pages.published(),
  };
}

function sectionsOf(rows: readonly OutcomeRow[], merges: SiteData["merges"]): number[] {
  return rows.flatMap(({ attempt_key }) => {
    const naive = merges.get(attempt_key)?.find(({ strategy }) => strategy === "naive");
    return naive?.status === "conflicts" ? [naive.sections] : [];
  });
}
