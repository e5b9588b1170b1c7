// Owns the rounds of torture: studies killed and restarted until they are whole, each compared with an undisturbed one.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CPythonRandom } from "../lib/dataset/random.ts";
import { isTemporary } from "../lib/files.ts";
import {
  checkLedger,
  endOf,
  endsWithin,
  makePlace,
  type Place,
  reportOf,
  type StudyOptions,
  start,
} from "./_tortured.ts";

export type TormentOptions = StudyOptions & {
  readonly kills: number;
  readonly seed: number;
};
/** One study from its first start to its end. `damage` says in words what went wrong. */
export type Round = {
  readonly round: number;
  readonly kills: number;
  readonly attempts: number;
  readonly lost_units: number;
  readonly damage: readonly string[];
};

/** Then a study is let go to its end, and another begins: what many restarts hide, few show. */
const MOST_A_STUDY = 15;
const LONGEST_MS = 4_000;
const SHORTEST_MS = 50;

/** Kills until there were enough kills; the last round is let go to its end. */
export async function* torment(
  options: TormentOptions,
  say: (line: string) => void,
): AsyncGenerator<Round> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-torture-"));
  try {
    const random = new CPythonRandom(options.seed);
    const calm = makePlace(folder, "calm", options);
    say("one undisturbed study, to compare with");
    await endOf(start(calm, options), options);
    const expected = await reportOf(calm);
    let kills = 0;
    for (let round = 1; kills < options.kills && !options.signal.aborted; round++) {
      const place = makePlace(folder, `round${round}`, options);
      const owners: number[] = [];
      let killed = 0;
      for (let done = false; !done; ) {
        const child = start(place, options);
        owners.push(child.pid);
        const wait_ms = SHORTEST_MS + random.random() * (LONGEST_MS - SHORTEST_MS);
        const mayKill = kills < options.kills && killed < MOST_A_STUDY;
        if (mayKill && !(await endsWithin(child, wait_ms))) {
          child.kill("SIGKILL");
          await child.exited;
          [kills, killed] = [kills + 1, killed + 1];
        } else {
          await endOf(child, options);
          done = true;
        }
        if (options.signal.aborted) return;
      }
      say(`round ${round}: ${killed} kills, ${kills} of ${options.kills} in all`);
      yield { round, kills: killed, ...(await lookOver(place, { expected, owners, ...options })) };
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type LookOver = TormentOptions & { readonly expected: string; readonly owners: readonly number[] };

/** Everything that could have gone wrong, in words. */
async function lookOver(place: Place, { expected, owners, backend }: LookOver) {
  const { openLedger } = await import("../db/ledger.ts");
  using ledger = openLedger(join(place.folder, "ledger.sqlite"));
  const attempts = ledger.attempts.keys({}).length;
  const planned = [...ledger.status.planned().values()].reduce((sum, n) => sum + n, 0);
  const judged = ledger.scores.byAttempt("union").size;
  const damage = [
    ...(attempts === planned ? [] : [`${attempts} of ${planned} attempts`]),
    ...(judged === planned ? [] : [`${judged} of ${planned} verdicts`]),
    ...ledger.audit.decidedTwice().map(({ unit, step }) => `${unit} was decided twice by ${step}`),
    ...ledger.work.leases().map(({ unit }) => `${unit} is still held`),
    ...((await reportOf(place)) === expected
      ? []
      : ["the report differs from the undisturbed one"]),
    ...(await checkLedger(place)),
    ...(await leftInEngine(backend, owners)),
    ...leftFiles(place, owners),
  ];
  const lost_units = ledger.work.journal().filter(({ event }) => event === "lost").length;
  return { attempts, lost_units, damage };
}

/** Containers, volumes and networks whose owner was one of ours. */
async function leftInEngine(backend: string, owners: readonly number[]): Promise<string[]> {
  if (backend !== "docker") return [];
  const { findLeftovers } = await import("../lib/sandbox/docker/reap.ts");
  const { openEngine } = await import("../lib/sandbox/docker/engine.ts");
  const left = await findLeftovers(openEngine());
  return left
    .filter(({ owner }) => owners.includes(Number(owner.split("/")[2])))
    .map(({ kind, key }) => `a ${kind} of ${key} is left`);
}

/** Scratch folders and half-written files. */
function leftFiles({ folder }: Place, owners: readonly number[]): string[] {
  const logs = join(folder, "logs");
  const all = existsSync(logs) ? readdirSync(logs, { recursive: true }).map(String) : [];
  const shared = [tmpdir(), "/dev/shm"].flatMap((root) => {
    const place = join(root, `tandem-${process.getuid?.() ?? ""}`, ".tmp");
    return existsSync(place) ? readdirSync(place) : [];
  });
  const ours = (name: string) => owners.includes(Number.parseInt(name, 10));
  return [
    ...all.filter((path) => isTemporary(path) || /(^|\/)\.tmp\/./.test(path)),
    ...shared.filter(ours),
  ].map((path) => `the file ${path} is left`);
}
