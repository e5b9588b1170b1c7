// Owns showing many runs as their arms: those of one setting, agent and model together, as if they were one run.
import type { Ledger } from "../../db/ledger.ts";
import { conflictsOf, tryRow } from "../report/report.ts";
import { armRates } from "../report/stats/index.ts";
import { byStudy } from "./by-study.ts";
import type { RunData, SiteData } from "./data.ts";

/** More runs than this are shown by arm: a figure of hundreds of runs shows nothing. */
export const MOST_RUNS = 16;

/** A site whose runs may stand for several: then every name is an arm's. */
export type ArmedSite = SiteData & {
  /** The runs of each arm, by its name; undefined where every run stands for itself. */
  readonly arms: ReadonlyMap<string, readonly RunData[]> | undefined;
};

/** The site with its runs gathered by arm where there are many; what names a run then names its arm. */
export async function byArm(site: SiteData): Promise<ArmedSite> {
  if (site.runs.length <= MOST_RUNS) return { ...site, arms: undefined };
  const arms = Map.groupBy(site.runs, armName);
  const studies = studiesOf(site, arms);
  const gathered = await Promise.all([...arms].map(([arm, own]) => together(arm, own)));
  const names = new Map([...arms].flatMap(([arm, own]) => own.map(({ name }) => [name, arm])));
  const renamed = <Row extends { readonly run: string }>(rows: readonly Row[]): Row[] =>
    rows.map((row) => ({ ...row, run: names.get(row.run) ?? row.run }));
  return {
    ...site,
    arms,
    studies,
    runs: byStudy(gathered, ({ name }) => studies.get(name)).flatMap(({ runs }) => runs),
    messages: renamed(site.messages),
    agents: renamed(site.agents),
  };
}

/** The study of an arm whose runs are all of one. */
function studiesOf({ studies }: SiteData, arms: ReadonlyMap<string, readonly RunData[]>) {
  return new Map(
    [...arms].flatMap(([arm, runs]) => {
      const [first, ...more] = new Set(runs.map(({ name }) => studies.get(name)));
      return first === undefined || more.length > 0 ? [] : [[arm, first] as const];
    }),
  );
}

/** `coop, mini, some/model`: what runs of one arm have in common. An imported setting keeps its own name. */
function armName({ run, kind }: RunData): string {
  const { imported } = run.config;
  const word =
    typeof imported === "object" && imported !== null && "word" in imported
      ? String(imported.word)
      : run.setting;
  const who =
    kind === "gold"
      ? ["reference patches"]
      : [run.agent, ...((run.model ?? "") ? [run.model] : [])];
  return [word, ...who].join(", ");
}

async function together(name: string, runs: readonly RunData[]): Promise<RunData> {
  const [first] = runs;
  if (first === undefined) throw new RangeError(`the arm ${name} has no run`);
  const rows = runs.flatMap((run) => run.rows);
  const ceilings = new Set(runs.map(({ ceiling }) => ceiling));
  return {
    ...first,
    name,
    rows,
    rate: await armRates(rows.map(tryRow)),
    conflict: conflictsOf(rows),
    // Runs on other pairs have another ceiling: there is no common one.
    ceiling: ceilings.size === 1 ? first.ceiling : null,
    sections: runs.flatMap(({ sections }) => sections),
  };
}

/** The ledger as measures read it, with the runs of an arm under the arm's name; and the names to ask for. */
export function armedLedger(ledger: Ledger, { runs, arms }: ArmedSite) {
  const scope = { runs: runs.map(({ name }) => name) };
  if (arms === undefined) return { ledger, scope };
  const names = new Map([...arms].flatMap(([arm, own]) => own.map(({ name }) => [name, arm])));
  const asked = { runs: [...names.keys()] };
  const arm = <Row extends { readonly run: string }>(row: Row): Row => ({
    ...row,
    run: names.get(row.run) ?? row.run,
  });
  const { measures, labels } = ledger;
  return {
    scope,
    ledger: {
      ...ledger,
      measures: {
        ...measures,
        talk: () => measures.talk(asked).map(arm),
        coupled: () => measures.coupled(asked).map(arm),
        anatomies: () => measures.anatomies(asked).map(arm),
        spent: () => measures.spent(asked).map(arm),
        *said() {
          for (const row of measures.said(asked)) yield arm(row);
        },
      },
      labels: { ...labels, findings: () => labels.findings(asked.runs).map(arm) },
    },
  };
}
