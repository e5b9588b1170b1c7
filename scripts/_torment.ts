// Owns the rounds of torture: studies killed and restarted until they are whole, each compared with an undisturbed one.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CPythonRandom } from "../lib/dataset/random.ts";
import { Fault } from "../lib/fault.ts";
import { isTemporary } from "../lib/files.ts";

export type TormentOptions = {
  readonly kills: number;
  readonly seed: number;
  readonly backend: "docker" | "local";
  /** `1,2`: one pair only. */
  readonly features: string | undefined;
  readonly signal: AbortSignal;
};
/** One study from its first start to its end. `damage` says in words what went wrong. */
export type Round = {
  readonly round: number;
  readonly kills: number;
  readonly attempts: number;
  readonly lost_units: number;
  readonly damage: readonly string[];
};

const LONGEST_MS = 4_000;
const SHORTEST_MS = 50;
const DEADLINE_MS = 10 * 60_000;

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
    await endOf(start(calm, options), { ...options, place: calm });
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
        const mayKill = kills < options.kills;
        if (mayKill && !(await endsWithin(child, wait_ms))) {
          child.kill("SIGKILL");
          await child.exited;
          [kills, killed] = [kills + 1, killed + 1];
        } else {
          await endOf(child, { ...options, place });
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

type Place = { readonly folder: string; readonly study: string; readonly flags: string[] };

function makePlace(root: string, name: string, { backend, features }: TormentOptions): Place {
  const folder = join(root, name);
  mkdirSync(folder);
  const study = join(folder, "study.toml");
  const pairs = features === undefined ? "" : `features = [${features}]\n`;
  writeFileSync(
    study,
    `name = "torture"
[pairs]
repo = "demo_task"
${pairs}[defaults]
model = "replay/demo"
[arms.gold]
agent = "gold"
[arms.coop]
[arms.solo]
setting = "solo"
[sandbox]
backend = "${backend}"
${backend === "local" ? "unsafe_local = true\n" : ""}[concurrency]
pairs = 4
`,
  );
  const at = (part: string) => join(folder, part);
  return {
    folder,
    study,
    flags: ["--ledger", at("ledger.sqlite"), "--log-dir", at("logs"), "--dataset-dir", at("data")],
  };
}

function start({ study, flags }: Place, { signal }: TormentOptions) {
  return Bun.spawn(
    ["bun", join(import.meta.dir, "pipeline.ts"), "-f", study, "eval", "--quiet", ...flags],
    { stdout: "ignore", stderr: "pipe", signal },
  );
}
type Child = ReturnType<typeof start>;

async function endsWithin(child: Child, wait_ms: number): Promise<boolean> {
  const waited = new AbortController();
  // A timer that nobody waits for any more would keep this process alive.
  const over = sleep(wait_ms, false, { signal: waited.signal }).catch(() => false);
  try {
    return await Promise.race([child.exited.then(() => true), over]);
  } finally {
    waited.abort();
  }
}

/** Waits for a study that is not disturbed any more. Throws Fault `internal` when it does not end well. */
async function endOf(child: Child, { signal }: TormentOptions & { place: Place }): Promise<void> {
  const words = new Response(child.stderr).text();
  if (!(await endsWithin(child, DEADLINE_MS))) child.kill("SIGKILL");
  const code = await child.exited;
  signal.throwIfAborted();
  if (code === 0) return;
  throw new Fault("internal", `the study ended with ${code}: ${(await words).trim().slice(-500)}`, {
    hint: "a study that is not killed must end well: see what it says",
  });
}

async function reportOf({ flags }: Place): Promise<string> {
  const [ledger, file = ""] = flags;
  const script = join(import.meta.dir, "report.ts");
  const parts = "runs,outcomes,paths,causes,repos";
  const call = ["bun", script, "--json", "--parts", parts, ledger ?? "", file];
  return await new Response(Bun.spawn(call, { stderr: "ignore" }).stdout).text();
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

/** Files that are missing or changed, as check-ledger finds them. */
async function checkLedger({ flags }: Place): Promise<string[]> {
  const places = flags.slice(0, 4);
  const call = ["bun", join(import.meta.dir, "check-ledger.ts"), "--json", ...places];
  const child = Bun.spawn(call, { stderr: "pipe" });
  const found = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? [] : [`check-ledger: ${found.trim()}`];
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
