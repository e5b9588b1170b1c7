// Owns one study under torture: where it lies, how it is started, seen to its end, and looked over.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../../lib/core/fault.ts";
import { writeWhole } from "../../lib/core/files.ts";
import { bubblewrapWorks } from "../../lib/sandbox/local/isolation.ts";
import { PAID_MODEL, type PaidModel, PRICES } from "./_paid-model.ts";
import type { ProcessTable } from "./_process-table.ts";

export type StudyOptions = {
  readonly backend: "docker" | "local";
  /** `1,2`: one pair only. */
  readonly features: string | undefined;
  readonly signal: AbortSignal;
  /** Has an arm whose calls cost money, and talks that are judged for money. */
  readonly paid?: PaidModel;
};

const DEADLINE_MS = 10 * 60_000;

/** A script with its arguments. */
export type Call = readonly [script: string, ...args: string[]];
export type Place = {
  readonly folder: string;
  /** Whose requests are its own, at the paid model. */
  readonly customer: string;
  readonly flags: readonly string[];
  /** What it takes, in turn: the whole study, then judging its talks if that is paid for. */
  readonly calls: readonly [study: Call, ...judging: Call[]];
};

export function makePlace(root: string, name: string, options: StudyOptions): Place {
  const folder = join(root, name);
  const at = (part: string) => join(folder, part);
  const { paid } = options;
  const [study, prices] = [at("study.toml"), at("prices.json")];
  writeWhole(study, studyText(options, paid && { base_url: paid.urlOf(name), prices }));
  writeWhole(prices, PRICES);
  const places = ["--ledger", at("ledger.sqlite"), "--log-dir", at("logs")];
  const flags = [...places, "--dataset-dir", at("data")];
  const run: Call = ["pipeline", "-f", study, "eval", "--quiet", ...flags];
  if (paid === undefined) return { folder, customer: name, flags, calls: [run] };
  const model = ["-m", PAID_MODEL, "--base-url", paid.urlOf(name), "--prices", prices];
  const judge: Call = ["judge", "-n", "torture-coop", ...model, "-c", "4", "--quiet", ...flags];
  return { folder, customer: name, flags, calls: [run, judge] };
}

function studyText(
  { backend, features }: StudyOptions,
  paid: { readonly base_url: string; readonly prices: string } | undefined,
): string {
  const arm = paid
    ? `[arms.paid]\nmodel = "${PAID_MODEL}"\nbase_url = "${paid.base_url}"\nprices = "${paid.prices}"`
    : `[arms.gold]\nagent = "gold"`;
  return `name = "torture"
[pairs]
repo = "demo_task"
${features === undefined ? "" : `features = [${features}]\n`}[defaults]
model = "replay/demo"
${arm}
[arms.coop]
[arms.solo]
setting = "solo"
[sandbox]
backend = "${backend}"
${backend === "local" && !bubblewrapWorks() ? "unsafe_local = true\n" : ""}[concurrency]
pairs = 4
`;
}

/** Where a call is made: in which process table, with which folder for temporary files. */
export type Around = {
  readonly table?: ProcessTable | undefined;
  readonly temporary?: string | undefined;
};

/** Its results come on standard output, as JSON lines. */
export function start([script, ...args]: Call, { signal }: StudyOptions, around: Around = {}) {
  const call = [process.execPath, join(import.meta.dir, `../${script}.ts`), ...args];
  const { table, temporary } = around;
  return Bun.spawn([...(table?.within ?? []), ...call], {
    env: { ...process.env, ...(temporary === undefined ? {} : { TMPDIR: temporary }) },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    signal,
  });
}
export type Child = ReturnType<typeof start>;

export async function endsWithin(child: Child, wait_ms: number): Promise<boolean> {
  const waited = new AbortController();
  // A timer that is no longer awaited would keep this process alive.
  const over = sleep(wait_ms, false, { signal: waited.signal }).catch(() => false);
  try {
    return await Promise.race([child.exited.then(() => true), over]);
  } finally {
    waited.abort();
  }
}

/** Kills it; afterwards it is gone, also where another process stands between it and us. */
export async function killHard(child: Child): Promise<void> {
  child.kill("SIGKILL");
  await Promise.all([child.exited, new Response(child.stderr).text()]);
}

/** Waits for a study that is not disturbed any more. Throws Fault `internal` when it does not end well. */
export async function endOf(child: Child, { signal }: StudyOptions): Promise<void> {
  const words = new Response(child.stderr).text();
  if (!(await endsWithin(child, DEADLINE_MS))) child.kill("SIGKILL");
  const code = await child.exited;
  signal.throwIfAborted();
  if (code === 0) return;
  throw new Fault("internal", `the study ended with ${code}: ${(await words).trim().slice(-500)}`, {
    hint: "a study that is not killed must end well: see its message",
  });
}

/** What must be the same whatever the study went through; what it cost is not. */
export async function reportOf({ flags }: Place): Promise<string> {
  const [ledger, file = ""] = flags;
  const script = join(import.meta.dir, "../report.ts");
  const parts = "runs,outcomes,paths,causes,repos";
  const call = [process.execPath, script, "--json", "--parts", parts, ledger ?? "", file];
  const told = await new Response(Bun.spawn(call, { stderr: "ignore" }).stdout).text();
  return told.replace(/"cost_(?:usd|unknown)":[^,}]+/g, '"cost":0');
}

/** Files that are missing or changed, as check-ledger finds them. */
export async function checkLedger({ flags }: Place): Promise<string[]> {
  const places = flags.slice(0, 4);
  const call = [process.execPath, join(import.meta.dir, "../check-ledger.ts"), "--json", ...places];
  const child = Bun.spawn(call, { stderr: "pipe" });
  const found = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? [] : [`check-ledger: ${found.trim()}`];
}
