// Owns what a report rests on: dataset, versions, images, prices, what was set aside, replays, seeds; one fact per line.
import type { Ledger } from "../../db/ledger.ts";
import type { Policy, RunRow } from "../../db/schema.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import { editionFact } from "./editions.ts";
import type { ReportLine } from "./line.ts";
import { serversOfRun } from "./servers.ts";
import { BOOTSTRAP_DRAWS, SEED } from "./stats/index.ts";

type Fact = readonly [fact: string, value: string];

/** Facts about the report as a whole (`run` is null), then about each run, in the order of the names. */
export function provenanceLines(
  ledger: Ledger,
  { policy, runs }: { readonly policy: Policy; readonly runs: readonly string[] },
): ReportLine[] {
  const facts = factsByRun(ledger, runs);
  const lines = (run: string | null, own: readonly Fact[]) =>
    own.map(([fact, value]) => ({ run, fact, value }));
  return [
    ...lines(null, [...wholeFacts(ledger, policy), ...editionFacts(ledger, runs)]),
    ...runs.flatMap((name) => {
      const run = ledger.runs.find(name);
      return run === undefined
        ? []
        : lines(name, [...ofRun(ledger, run), ...(facts.get(name) ?? [])]);
    }),
    ...lines(null, images(ledger, runs)),
  ];
}

function wholeFacts(ledger: Ledger, policy: Policy): Fact[] {
  return [
    ["policy", policy],
    ["reported by", `Tandem ${TANDEM_VERSION}, Bun ${Bun.version}`],
    ["dataset origin", ledger.dataset.origin() ?? "unknown"],
    ["dataset hash", ledger.dataset.hash("dataset") ?? "none indexed"],
    ["bootstrap", `${BOOTSTRAP_DRAWS} draws, seed ${SEED}`],
    ["sign flips", `all up to 16 clusters, else 100000 draws, seed ${SEED}`],
  ];
}

/** Every edition that the runs rest on, once. */
function editionFacts(ledger: Ledger, runs: readonly string[]): Fact[] {
  const found = new Set(runs.map((run) => editionFact(ledger, run)));
  return [...found].map((edition) => ["dataset edition", edition]);
}

function ofRun(ledger: Ledger, run: RunRow): Fact[] {
  const { agent, model, tandem_version, bun_version, git_version } = run;
  return [
    ["made", run.created_at],
    ["arm", [run.setting, agent, ...(model === null ? [] : [model])].join(", ")],
    ["versions", `Tandem ${tandem_version}, Bun ${bun_version}, git ${git_version}`],
    ["configuration", run.config_hash],
    ["dataset hash", run.dataset_hash],
    ["dataset edition", editionFact(ledger, run.run)],
  ];
}

/** What the attempts of the runs rest on, and what is not counted with them. */
function factsByRun(ledger: Ledger, runs: readonly string[]): Map<string, Fact[]> {
  const facts = new Map<string, Fact[]>(runs.map((run) => [run, []]));
  const add = (run: string, ...fact: Fact) => facts.get(run)?.push(fact);
  for (const { run, prices } of ledger.provenance.prices(runs))
    add(run, "prices", prices ?? "none: no call was priced");
  for (const { run, replay_of, attempts, diverged } of ledger.provenance.replays(runs))
    add(run, "replay of", `${replay_of}: ${attempts} attempts, ${diverged} went another way`);
  for (const { run, attempts } of ledger.provenance.superseded(runs))
    add(run, "superseded attempts", `${attempts}, kept and not counted`);
  for (const { run, code, open, overcome } of ledger.provenance.faults(runs))
    add(run, `faults ${code}`, `${open} open, ${overcome} overcome`);
  for (const run of runs)
    for (const { server, attempts } of serversOfRun(ledger, run))
      add(run, "server", `${server}: ${attempts} attempts`);
  return facts;
}

function images(ledger: Ledger, runs: readonly string[]): Fact[] {
  return ledger.provenance
    .environments(runs)
    .map(({ repo, task_id, environment }) => [`tested on ${repo}/task${task_id}`, environment]);
}
