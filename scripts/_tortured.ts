// Owns one study under torture: where it lies, how it is started, seen to its end, and looked over.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "../lib/fault.ts";
import { writeWhole } from "../lib/files.ts";
import { bubblewrapWorks } from "../lib/sandbox/isolation.ts";

export type StudyOptions = {
  readonly backend: "docker" | "local";
  /** `1,2`: one pair only. */
  readonly features: string | undefined;
  readonly signal: AbortSignal;
};

const DEADLINE_MS = 10 * 60_000;

export type Place = { readonly folder: string; readonly study: string; readonly flags: string[] };

export function makePlace(root: string, name: string, { backend, features }: StudyOptions): Place {
  const folder = join(root, name);
  const study = join(folder, "study.toml");
  const pairs = features === undefined ? "" : `features = [${features}]\n`;
  writeWhole(
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
${backend === "local" && !bubblewrapWorks() ? "unsafe_local = true\n" : ""}[concurrency]
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

/** Its results come on standard output, as JSON lines. */
export function start({ study, flags }: Place, { signal }: StudyOptions) {
  return Bun.spawn(
    ["bun", join(import.meta.dir, "pipeline.ts"), "-f", study, "eval", "--quiet", ...flags],
    { stdin: "ignore", stdout: "pipe", stderr: "pipe", signal },
  );
}
export type Child = ReturnType<typeof start>;

export async function endsWithin(child: Child, wait_ms: number): Promise<boolean> {
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
export async function endOf(child: Child, { signal }: StudyOptions): Promise<void> {
  const words = new Response(child.stderr).text();
  if (!(await endsWithin(child, DEADLINE_MS))) child.kill("SIGKILL");
  const code = await child.exited;
  signal.throwIfAborted();
  if (code === 0) return;
  throw new Fault("internal", `the study ended with ${code}: ${(await words).trim().slice(-500)}`, {
    hint: "a study that is not killed must end well: see what it says",
  });
}

export async function reportOf({ flags }: Place): Promise<string> {
  const [ledger, file = ""] = flags;
  const script = join(import.meta.dir, "report.ts");
  const parts = "runs,outcomes,paths,causes,repos";
  const call = ["bun", script, "--json", "--parts", parts, ledger ?? "", file];
  return await new Response(Bun.spawn(call, { stderr: "ignore" }).stdout).text();
}

/** Files that are missing or changed, as check-ledger finds them. */
export async function checkLedger({ flags }: Place): Promise<string[]> {
  const places = flags.slice(0, 4);
  const call = ["bun", join(import.meta.dir, "check-ledger.ts"), "--json", ...places];
  const child = Bun.spawn(call, { stderr: "pipe" });
  const found = await new Response(child.stdout).text();
  return (await child.exited) === 0 ? [] : [`check-ledger: ${found.trim()}`];
}
