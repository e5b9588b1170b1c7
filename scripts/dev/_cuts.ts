// Owns the rounds of power cuts: studies on a disk that loses power at random moments, gone on with until they are whole.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../lib/core/fault.ts";
import { CPythonRandom } from "../../lib/dataset/random.ts";
import { type LoopDisk, openLoopDisk } from "./_loop-disk.ts";
import {
  type Child,
  checkLedger,
  endOf,
  endsWithin,
  makePlace,
  type Place,
  reportOf,
  type StudyOptions,
  start,
} from "./_tortured.ts";

export type CutOptions = Omit<StudyOptions, "backend"> & {
  readonly cuts: number;
  readonly seed: number;
};
/** One cut. `damage` says in words what went wrong, then or when the study was gone on with. */
export type Cut = {
  readonly cut: number;
  /** After the study began. */
  readonly at_ms: number;
  /** Whether the study had ended by itself, `LATE_MS` at most before. */
  readonly after_end: boolean;
  /** Verdicts that the study had told of before the cut. */
  readonly told: number;
  /** Attempts, and verdicts among them, that were there when the power came back. */
  readonly attempts: number;
  readonly verdicts: number;
  readonly damage: readonly string[];
};

const DISK_MIB = 512;
const SHORTEST_MS = 300;
/** Cuts come up to so long after the end too. */
const LATE_MS = 1_000;
/** Cuts of one study: then it is let go to its end, and another begins. */
const MOST_A_STUDY = 4;

/** Cuts the power until there were enough cuts; each study is gone on with until it is whole. */
export async function* cutPower(
  options: CutOptions,
  say: (line: string) => void,
): AsyncGenerator<Cut> {
  const folder = mkdtempSync(join(tmpdir(), "tandem-powercut-"));
  try {
    const random = new CPythonRandom(options.seed);
    say("one undisturbed study, to compare with");
    const calm = await undisturbed(folder, options);
    for (let cuts = 0; cuts < options.cuts && !options.signal.aborted; ) {
      using disk = await openLoopDisk(folder, DISK_MIB);
      const place = makePlace(disk.path, "study", { ...options, backend: "local" });
      const most = Math.min(MOST_A_STUDY, options.cuts - cuts);
      const own: Cut[] = [];
      while (own.length < most && own.at(-1)?.after_end !== true && !options.signal.aborted) {
        const at_ms = SHORTEST_MS + random.random() * (calm.took_ms + LATE_MS - SHORTEST_MS);
        own.push({
          cut: ++cuts,
          at_ms: Math.round(at_ms),
          ...(await oneCut(disk, place, at_ms, options)),
        });
      }
      const damage = await wholeAgain(place, calm.report, options);
      for (const [index, cut] of own.entries())
        yield index === own.length - 1 ? { ...cut, damage: [...cut.damage, ...damage] } : cut;
      say(`${cuts} of ${options.cuts} cuts`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** On a disk of the same kind, so that it takes as long. */
async function undisturbed(folder: string, options: CutOptions) {
  using disk = await openLoopDisk(folder, DISK_MIB);
  const place = makePlace(disk.path, "study", { ...options, backend: "local" });
  const began = performance.now();
  await endOf(start(place.calls[0], { ...options, backend: "local" }), {
    ...options,
    backend: "local",
  });
  const took_ms = performance.now() - began;
  return { took_ms, report: await reportOf(place) };
}

async function oneCut(disk: LoopDisk, place: Place, at_ms: number, options: CutOptions) {
  const child = start(place.calls[0], { ...options, backend: "local" });
  const told = tellingOf(child);
  const began = performance.now();
  const after_end = await endsWithin(child, at_ms);
  if (after_end) await sleep(Math.max(0, Math.min(LATE_MS, at_ms - (performance.now() - began))));
  const keys = [...told.keys];
  disk.cut();
  child.kill("SIGKILL");
  await child.exited;
  await told.end;
  await disk.remount();
  return { after_end, told: keys.length, ...(await lookOver(place, keys)) };
}

/** Keys of the attempts that the study says it judged, as it says so. */
function tellingOf(child: Child) {
  const keys = new Set<string>();
  const read = async () => {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const bytes of child.stdout) {
      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const row: unknown = JSON.parse(line);
        if (typeof row === "object" && row !== null && "key" in row && !("fault" in row))
          keys.add(String(row.key));
      }
    }
  };
  return { keys, end: read() };
}

/** What was told must be there, and what is there must be whole. */
async function lookOver(place: Place, told: readonly string[]) {
  const lost = (keys: readonly string[]) => keys.map((key) => `${key} was reported, and is lost`);
  if (!existsSync(join(place.folder, "ledger.sqlite")))
    return { attempts: 0, verdicts: 0, damage: lost(told) };
  const found = await checkLedger(place);
  const attempts = await ask(place, "SELECT attempt_key FROM attempts");
  const judged = await ask(place, "SELECT attempt_key FROM scores WHERE policy = 'union'");
  return {
    attempts: attempts.length,
    verdicts: judged.length,
    damage: [...lost(told.filter((key) => !judged.includes(key))), ...found],
  };
}

/** The next call does what is missing, and then all is as if nothing had been. */
async function wholeAgain(place: Place, expected: string, options: CutOptions): Promise<string[]> {
  const local = { ...options, backend: "local" } as const;
  await endOf(start(place.calls[0], local), local);
  const held = await ask(place, "SELECT unit FROM leases");
  return [
    ...((await reportOf(place)) === expected
      ? []
      : ["the report differs from the undisturbed one"]),
    ...(await checkLedger(place)),
    ...held.map((unit) => `${unit} is still held`),
  ];
}

const ASKING = `const { openLedger } = await import(${JSON.stringify(join(import.meta.dir, "../../db/ledger.ts"))});
const [path, sql] = process.argv.slice(-2);
using ledger = openLedger(path);
console.log(JSON.stringify(ledger.query(sql).map((row) => Object.values(row)[0])));`;

/** The first column of an answer. In a process of its own: an open ledger would keep the disk from being taken off. */
async function ask({ folder }: Place, sql: string): Promise<string[]> {
  const path = join(folder, "ledger.sqlite");
  const child = Bun.spawn([process.execPath, "-e", ASKING, path, sql], { stderr: "pipe" });
  const [rows, said] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  if ((await child.exited) === 0) return JSON.parse(rows) as string[];
  throw new Fault("internal", `${path}: ${said.trim()}`, { hint: "see its message" });
}
