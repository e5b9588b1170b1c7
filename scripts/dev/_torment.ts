// Owns the rounds of torture: studies killed and restarted until they are whole, each compared with an undisturbed one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import { ownerOf } from "../../lib/core/owner.ts";
import { CPythonRandom } from "../../lib/dataset/random.ts";
import { leftInEngine, leftUnknown, type Owners, temporaryOf } from "./_left-over.ts";
import { type Owed, owed } from "./_owed.ts";
import { openPaidModel, type PaidModel } from "./_paid-model.ts";
import { openProcessTable, type ProcessTable } from "./_process-table.ts";
import {
  type Call,
  checkLedger,
  endOf,
  endsWithin,
  killHard,
  makePlace,
  type Place,
  reportOf,
  type StudyOptions,
  start,
} from "./_tortured.ts";

export type TormentOptions = Pick<StudyOptions, "features" | "signal"> & {
  /** Rounds take them in turn. */
  readonly backends: readonly StudyOptions["backend"][];
  /** In how many process tables of their own each study is called at once; 0: in ours, once. */
  readonly tables: number;
  readonly kills: number;
  readonly seed: number;
};
/** One study from its first start to its end. `damage` describes what went wrong. */
export type Round = Owed & {
  readonly round: number;
  readonly backend: string;
  readonly kills: number;
  readonly attempts: number;
  readonly labels: number;
  readonly lost_units: number;
};

/** Then a study is let go to its end, and another begins: what many restarts hide, few show. */
const MOST_A_STUDY = 15;
/** Of two tables, each goes on where the other was killed. */
const MOST_A_SHARED_STUDY = 25;
/** A kill comes at most so long after its start, or after this part of the undisturbed time on machines that are slow … */
const LONGEST_MS = 4_000;
const LONGEST_PART = 1 / 8;
/** … and at least so long. */
const SHORTEST_MS = 50;

type Study = StudyOptions & { readonly paid: PaidModel };
type Calm = { readonly report: string; readonly labels: string; readonly took_ms: number };

/** Kills until there were enough kills; the last round is let go to its end. */
export async function* torment(
  options: TormentOptions,
  say: (line: string) => void,
): AsyncGenerator<Round> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-torture-"));
  const calm = new Map<string, Calm>();
  const random = new CPythonRandom(options.seed);
  try {
    await using paid = openPaidModel();
    await using opened = await openTables(options.tables);
    const { tables } = opened;
    for (let [kills, round] = [0, 1]; kills < options.kills && !options.signal.aborted; round++) {
      const backend = options.backends[(round - 1) % options.backends.length] ?? "local";
      const study: Study = { ...options, backend, paid };
      const known = calm.get(backend);
      if (known === undefined) say(`one undisturbed study (${backend}), to compare with`);
      const expected = known ?? (await undisturbed(folder, study));
      calm.set(backend, expected);
      const place = makePlace(folder, `round${round}`, study);
      const most = tables.length > 0 ? MOST_A_SHARED_STUDY : MOST_A_STUDY;
      const strain = { place, study, random, names: new Set<string>(), calm: expected };
      const shares = sharesOf(Math.min(most, options.kills - kills), Math.max(1, tables.length));
      const each = shares.map((share, index) =>
        untilWhole({ ...strain, table: tables[index] }, share),
      );
      const killed = (await Promise.all(each)).reduce((sum, one) => sum + one, 0);
      if (options.signal.aborted) return;
      kills += killed;
      say(`round ${round}: ${killed} kills, ${kills} of ${options.kills} in all`);
      const owners = { names: strain.names, tables };
      const found = await lookOver(place, {
        study,
        owners,
        kills: killed,
        calm: expected,
      });
      yield { round, backend, kills: killed, ...found };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openTables(count: number) {
  const stack = new AsyncDisposableStack();
  const tables: ProcessTable[] = [];
  for (let index = 0; index < count; index++) tables.push(stack.use(await openProcessTable()));
  return { tables, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** As even as can be: 5 among 2 is 3 and 2. */
function sharesOf(kills: number, among: number): number[] {
  return Array.from({ length: among }, (_, index) => Math.ceil((kills - index) / among));
}

async function undisturbed(folder: string, study: Study): Promise<Calm> {
  const place = makePlace(folder, `calm-${study.backend}`, study);
  const began = performance.now();
  for (const call of place.calls)
    await endOf(start(call, study, { temporary: temporaryOf(place) }), study);
  const took_ms = performance.now() - began;
  using ledger = await openThere(place);
  return { report: await reportOf(place), labels: labelsIn(ledger), took_ms };
}

type Strain = {
  readonly place: Place;
  readonly study: Study;
  readonly random: CPythonRandom;
  readonly calm: Calm;
  readonly table: ProcessTable | undefined;
  /** Owners' names of what was started, gathered. */
  readonly names: Set<string>;
};

/** Calls what a study takes, in turn, and kills it; a third of the kills are for what comes after its run. Returns their number. */
async function untilWhole(strain: Strain, kills: number): Promise<number> {
  let killed = 0;
  for (const [index, call] of strain.place.calls.entries()) {
    const most = index === 0 ? kills - Math.floor(kills / 3) : kills - killed;
    killed += await killedOften(strain, call, most);
  }
  return killed;
}

/** Again and again, until it ends by itself. Returns the number of kills. */
async function killedOften(strain: Strain, call: Call, most: number): Promise<number> {
  const { place, study, random, calm, table, names } = strain;
  const longest_ms = Math.max(LONGEST_MS, calm.took_ms * LONGEST_PART);
  for (let killed = 0; ; killed++) {
    if (study.signal.aborted) return killed;
    const child = start(call, study, { table, temporary: temporaryOf(place) });
    const name = ownerOf(child.pid);
    if (name !== undefined) names.add(name);
    const wait_ms = SHORTEST_MS + random.random() * (longest_ms - SHORTEST_MS);
    if (killed >= most || (await endsWithin(child, wait_ms))) {
      await endOf(child, study);
      return killed;
    }
    await killHard(child);
  }
}

async function openThere({ folder }: Place): Promise<Ledger> {
  const { openLedger } = await import("../../db/ledger.ts");
  return openLedger(join(folder, "ledger.sqlite"));
}

const labelsIn = (ledger: Ledger) => JSON.stringify(ledger.labels.findings());

type LookOver = {
  readonly study: Study;
  readonly owners: Owners;
  readonly kills: number;
  readonly calm: Calm;
};

/** Everything that could have gone wrong, as messages. */
async function lookOver(place: Place, { study, owners, kills, calm }: LookOver) {
  using ledger = await openThere(place);
  const attempts = ledger.attempts.keys({}).length;
  const planned = [...ledger.status.planned().values()].reduce((sum, n) => sum + n, 0);
  const judged = ledger.scores.byAttempt("union").size;
  const bill = owed(ledger, study.paid.billOf(place.customer), kills);
  const damage = [
    ...(attempts === planned ? [] : [`${attempts} of ${planned} attempts`]),
    ...(judged === planned ? [] : [`${judged} of ${planned} verdicts`]),
    ...ledger.audit.decidedTwice().map(({ unit, step }) => `${unit} was decided twice by ${step}`),
    ...ledger.work.leases().map(({ unit }) => `${unit} is still held`),
    ...differences("report", await reportOf(place), calm.report),
    ...differences("labels", labelsIn(ledger), calm.labels),
    ...(await checkLedger(place)),
    ...(study.backend === "docker" ? await leftInEngine(owners) : []),
    ...(await leftUnknown(place, owners)).map((path) => `${path} is left`),
    ...bill.damage,
  ];
  const lost_units = ledger.work.journal().filter(({ event }) => event === "lost").length;
  return { attempts, labels: ledger.labels.findings().length, lost_units, ...bill, damage };
}

function differences(what: string, found: string, expected: string): string[] {
  return found === expected ? [] : [`the ${what} differ from the undisturbed study's`];
}
