// Owns timing the ledger's claims: one process, and eight at once, compared with lock files in a folder.
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLedger } from "../../db/ledger.ts";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { thisOwner } from "../../lib/core/owner.ts";
import type { BenchContext } from "./_bench-args.ts";

const PROCESSES = 8;
const CLAIMS = 2_000;

/** Claims a second: each takes a unit in one transaction and lets go of it in another, as a runner does. */
export async function ledgerRows({ args, signal }: BenchContext): Promise<Row[]> {
  const claims = wholeNumber("--repeat", args.repeat, 1) ?? CLAIMS;
  const folder = mkdtempSync(join(tmpdir(), "tandem-bench-ledger-"));
  try {
    const path = join(folder, "ledger.sqlite");
    openLedger(path).close();
    const plain = lockFiles(folder, claims);
    const one = await claimAtOnce({ path, processes: 1, claims, signal });
    const eight = await claimAtOnce({ path, processes: PROCESSES, claims, signal });
    return [
      row("a lock file made and removed", 1, plain, plain),
      row("ledger, one process", 1, one.per_s, plain),
      row(`ledger, ${PROCESSES} processes on the same units`, PROCESSES, eight.per_s, plain),
      { what: "units claimed twice", processes: PROCESSES, count: eight.twice },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function row(what: string, processes: number, per_s: number, plain: number): Row {
  return { what, processes, claims_per_s: Math.round(per_s), ratio: per_s / plain };
}

function lockFiles(folder: string, claims: number): number {
  const place = join(folder, "locks");
  mkdirSync(place);
  const began = performance.now();
  for (let index = 0; index < claims; index++) {
    const path = join(place, `${index}`);
    closeSync(openSync(path, "wx"));
    unlinkSync(path);
  }
  return (claims / (performance.now() - began)) * 1000;
}

type AtOnce = { path: string; processes: number; claims: number; signal: AbortSignal };

/** So many processes go through the same units; each unit is one process's. */
async function claimAtOnce({ path, processes, claims, signal }: AtOnce) {
  const call = [process.execPath, import.meta.path, path, `${claims}`, `p${processes}`];
  const children = Array.from({ length: processes }, (_, index) =>
    Bun.spawn([...call, `${Math.floor((index * claims) / processes)}`], {
      stdout: "pipe",
      stderr: "inherit",
      signal,
    }),
  );
  const texts = await Promise.all(children.map(({ stdout }) => new Response(stdout).text()));
  signal.throwIfAborted();
  const parts = texts.map(
    (text) => JSON.parse(text) as { took: number; began: number; ended: number },
  );
  const took = parts.reduce((sum, part) => sum + part.took, 0);
  const wall =
    Math.max(...parts.map((part) => part.ended)) - Math.min(...parts.map((part) => part.began));
  return { per_s: (took / wall) * 1000, twice: took - claims };
}

/** One of those processes: it asks for every unit, beginning at a place of its own. */
function claimAll(
  path: string,
  { claims, run, first }: { claims: number; run: string; first: number },
): void {
  using ledger = openLedger(path);
  const owner = thisOwner();
  const began = Date.now();
  const done = new Set<string>();
  for (let index = 0; index < claims; index++) {
    const number = ((first + index) % claims) + 2;
    const unit = { unit: `${run}/x_task/task1/features_1_${number}`, step: "run", run } as const;
    const [claim] = ledger.work.claim([unit], {
      owner,
      isGone: () => false,
      isDone: ({ unit: key }) => ledger.work.wasDone(key, "run"),
    });
    if (typeof claim !== "number") continue;
    ledger.work.release(unit, { owner }, "done");
    done.add(unit.unit);
  }
  process.stdout.write(JSON.stringify({ took: done.size, began, ended: Date.now() }));
}

if (import.meta.main) {
  const [path = "", claims = "0", run = "", first = "0"] = process.argv.slice(2);
  claimAll(path, { claims: Number(claims), run, first: Number(first) });
}
