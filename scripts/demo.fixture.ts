// Owns what tests of the demo share: its runs with branches and with three agents, their verdicts, their files.
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Called, jsonLines, type place } from "./cli.fixture.ts";

type Place = ReturnType<typeof place>;

/** Runs whose recordings exist for these features only. */
export const TEAM_RUNS = [
  { run: "demo-git", args: ["-m", "replay/git", "--git"], features: ["1_4", "2_4", "3_5"] },
  { run: "demo-three", args: ["-m", "replay/three"], features: ["1_2_3", "1_2_4"] },
] as const;

/** How each ends under `union`: what the recordings were made for. */
export const TEAM_VERDICTS: Record<string, string> = {
  "demo-git 1,4": "clean, failed, broken by merging",
  "demo-git 2,4": "clean, passed",
  "demo-git 3,5": "clean, passed",
  "demo-three 1,2,3": "clean, passed",
  "demo-three 1,2,4": "clean, failed, broken by merging",
};

/** Runs and evaluates them. Throws what a script said when one did not end well. */
export async function runTeams(here: Place, flags: readonly string[]): Promise<void> {
  for (const { run, args, features } of TEAM_RUNS) {
    const keys = features.map((numbers) => `demo_task/task1/features_${numbers}`);
    ended(await here.call("run-pair", ["-n", run, ...args, ...flags, ...keys]));
    ended(await here.call("eval", ["-n", run, ...flags]));
  }
}

/** Replays each run under the name `again-<run>`; gives the lines about its attempts. */
export async function replayTeams(here: Place, flags: readonly string[]) {
  const lines: Record<string, unknown>[] = [];
  for (const { run } of TEAM_RUNS) {
    const args = ["--replay", run, "-n", `again-${run}`, ...flags];
    lines.push(...jsonLines(ended(await here.call("run-pair", args)).stdout));
  }
  return lines;
}

function ended(called: Called): Called {
  if (called.code === 0) return called;
  throw new Error(`exit status ${called.code}: ${called.stderr}${called.stdout}`);
}

/** Every attempt's merge status, outcome and cause, as the ledger's view for people has them. */
export function verdicts(here: Place): Record<string, string> {
  using database = new Database(here.at("ledger.sqlite"), { readonly: true });
  const rows = database
    .query<{ name: string; words: string }, []>(
      "SELECT run || ' ' || features AS name, concat_ws(', ', merge_status, outcome, cause) AS words FROM outcomes",
    )
    .all();
  return Object.fromEntries(rows.map(({ name, words }) => [name, words]));
}

/** The bytes of every trajectory, patch and order of events of a run, by path. */
export function filesOf(here: Place, run: string): Record<string, string> {
  const folder = here.at("logs", run);
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => /(trajectory\.json|patch\.diff|order\.json)$/.test(path))
    .sort();
  return Object.fromEntries(
    paths.map((path) => [path, readFileSync(join(folder, path)).toString("latin1")]),
  );
}

/** All that one agent was shown. */
export function shownTo(here: Place, agent: string): string {
  const path = here.at("logs", agent, "trajectory.json");
  const { messages }: { messages: { role: string; content: string }[] } = JSON.parse(
    readFileSync(path, "utf8"),
  );
  return messages.flatMap(({ role, content }) => (role === "assistant" ? [] : content)).join("\n");
}
