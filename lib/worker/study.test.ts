import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../stages/run.ts";
import { studyPlace } from "../study/flow.fixture.ts";
import { farPlace } from "./far.fixture.ts";

const HEAD = (key: string) => `name = "s"
[pairs]
keys = ["demo_task/task1/${key}"]
[sandbox]
unsafe_local = true
[retries]
faults = 0
`;
const PAIR = `${HEAD("features_1_4")}[arms.gold]
agent = "gold"
[arms.coop]
model = "replay/demo"
[arms.solo]
model = "replay/demo"
setting = "solo"
[arms.git]
model = "replay/git"
git = true
`;
const THREE = `${HEAD("features_1_2_4")}[arms.three]\nmodel = "replay/three"\n`;

type Study = ReturnType<typeof studyPlace>;
/** Columns that no two runs of a study have alike. */
const CLOCKS =
  /(?:_at|_ms)$|^(?:wall_ms|id|claim|cost_usd|owner|worker|delivery|size_bytes|sha256|output|stopped_ms)$/;

const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(
    ([name]) => !CLOCKS.test(name) && name !== "timestamp",
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
};
const rows = ({ ledger }: Study, table: string) =>
  (ledger.query(`SELECT * FROM ${table}`) as unknown[])
    .map((row) => JSON.stringify(plain(row)))
    .toSorted();
/** Rows in which nothing depends on when agents came to read their messages. */
const TABLES = [...["attempts", "merges", "scores", "attempt_suites", "suite_results", "runs"]];

/** Paths of an attempt's files in which no clock is, and their bytes. */
function files({ at }: Study, run: string): Record<string, string> {
  const folder = at(`logs/${run}`);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const timed = /^(?:(?:result|conversation|eval|merge|run)\.json|merged\..*)$/;
  const found = entries
    .filter((entry) => entry.isFile() && !timed.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(
    found.map((path) => [path.slice(folder.length), readFileSync(path).toString("base64")]),
  );
}
/** Of a local sandbox. */
const FOLDER = /\/tandem-\d+\/\.tmp\/[^/]+/g;
/** What agents did in a run: their rows without times, whatever the run is called. */
const doings = (place: Study, run: string) =>
  ["agents", "steps", "calls", "agent_commands", "messages"].map((table) =>
    rows(place, table)
      .filter((row) => row.includes(`"${run}/`))
      .map((row) => row.replace(`"${run}/`, '"').replace(FOLDER, "F")),
  );

describe("a study of which other processes do the parts", () => {
  // The dearest test here: it is the one that shows a whole study.
  test.each([
    ["pairs", PAIR, ["s-coop", "s-git"], "eval", ["attempt", "suite"]],
    ["three agents", THREE, ["s-three"], "run", ["attempt"]],
  ] as const)(
    "18: %s: outcomes, verdicts, rows and files are as in one process",
    async (_, text, runs, target, kinds) => {
      using near = studyPlace();
      using far = studyPlace();
      await using way = farPlace({ workers: 2 });
      const one = await near.run(text, { target });
      const other = await far.run(text, { target, place: way.place });
      const said = (events: typeof one.events) =>
        events.map((event) => JSON.stringify(event)).toSorted();
      expect(said(other.events)).toEqual(said(one.events));
      for (const table of TABLES)
        expect([table, rows(far, table)]).toEqual([table, rows(near, table)]);
      expect(new Set(way.kinds)).toEqual(new Set<string>(kinds));
      for (const name of runs) {
        // Message by message, and byte for byte: a replay that other processes make of what was made here.
        const replayed = `again-${name}`;
        const report = await run({
          ...{ ledger: near.ledger, log_dir: near.at("logs"), dataset_dir: near.at("dataset") },
          ...{ name: replayed, replay: name, unsafe_local: true, place: way.place },
        });
        expect(report).toMatchObject({ left: 0, stopped: undefined });
        expect(files(near, replayed)).toEqual(files(near, name));
        expect(doings(near, replayed)).toEqual(doings(near, name));
      }
      // What is not told where they are cannot read them.
      for (const path of [near.at("."), far.at("."), join(import.meta.dir, "../../dataset")])
        expect({ path, carried: way.carries(path) }).toEqual({ path, carried: false });
    },
  );
});
