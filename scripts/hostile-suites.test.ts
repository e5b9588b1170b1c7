import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../lib/core/testing.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import { processesWith } from "../lib/sandbox/task.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";
import { writeHostileTask } from "./hostile-task.fixture.ts";

setDefaultTimeout(600_000);

/** An argument that no other process of this machine has. */
const ODD = `9${Math.floor(Math.random() * 1e9)}.5`;
const MOST_CALLS = 3;
const SUMMARY = "echo '== 3 passed in 0.01s =='";

/** Suites that only their deadline ends. */
const ENDLESS: [name: string, script: string][] = [
  ["sleeps for ever", `echo begun; sleep ${ODD}`],
  ["forks without end", "echo begun; f() { f | f & }; f\nwhile :; do :; done"],
  ["forks sleepers", `echo begun; while :; do setsid sleep ${ODD} & done 2>/dev/null`],
  ["lets go of its output", `echo begun; ${SUMMARY}; exec sleep ${ODD} >/dev/null 2>&1`],
];
/** What a suite comes to that is killed before its summary: who killed it cannot be told. */
const CUT = "tests timed out";
/** Suites that end by themselves, and in what. */
const ENDING: [name: string, script: string, outcome: string, exit_code: number][] = [
  ["kills its shell and goes on", `echo begun; kill -KILL $PPID; sleep ${ODD}`, CUT, 137],
  ["kills all it can see", "echo begun; kill -KILL -1; kill -KILL $$", CUT, 137],
  [
    "says that it has no tests",
    "echo begun; echo '== no tests ran in 0.01s =='",
    "no tests ran",
    0,
  ],
  ["eats all memory", "echo begun; exec tail /dev/zero", "out of memory", 137],
  [
    "prints 1 GB",
    `echo begun; yes 'a line like those that tests print' | head -c 1000000000; echo; ${SUMMARY}`,
    "passed",
    0,
  ],
  ["leaves a daemon", `echo begun; setsid -f sleep ${ODD}; ${SUMMARY}; exit 1`, "failed", 1],
];
const all = [...ENDLESS, ...ENDING];

describeWith("docker", "a suite that", () => {
  const here = place();
  const registry = `tandem-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const run = `hostile-${process.pid}`;
  const where = ["--backend", "docker", "--registry", registry, "--build", "--network", "none"];
  const limits = ["--memory", "256", "--pids", "200", "--no-premerge", "--suites", "2"];
  /** An engine that such a suite keeps from answering is a fault, which the next call mends. */
  const evaluate = async (keys: readonly string[], timeout_s: number) => {
    for (let calls = 1; ; calls++) {
      const called = await here.call("eval", [
        ...[...where, ...limits, "--timeout", `${timeout_s}`],
        ...keys.map((key) => `${run}/${key}`),
      ]);
      if (called.code !== 1 || calls === MOST_CALLS) return called;
      process.stderr.write(called.stderr);
    }
  };

  beforeAll(async () => {
    writeHostileTask(
      here.at("source"),
      all.map(([, script]) => script),
    );
    await here.call("fetch-dataset", ["--from", here.at("source")]);
    const made = await here.call("run-pair", ["-n", run, "-a", "gold", ...PAIRS]);
    expect({ code: made.code, errors: made.code === 0 ? "" : made.stderr }).toEqual({
      code: 0,
      errors: "",
    });
  });
  afterAll(async () => {
    await docker("rmi", "-f", `${registry}/cooperbench-hostile:task1`);
    here[Symbol.dispose]();
  });

  const stored = (): Stored[] => {
    using database = new Database(here.at("ledger.sqlite"), { readonly: true });
    return database.query<Stored, []>(STORED).all();
  };
  const left = () => docker("ps", "-aq", "--filter", `label=tandem.run=${run}`);

  test.each([...ENDLESS.keys()].filter((index) => index % 2 === 0))(
    "has no end of its own ends at its deadline (%d)",
    async (index) => {
      const evaluated = await evaluate([PAIRS[index / 2] ?? ""], 4);
      const { code, stderr } = evaluated;
      expect({ code, stderr, units: jsonLines(evaluated.stdout) }).toMatchObject({
        ...{ code: 0, units: [{ outcome: "tests timed out" }] },
      });
      const suites = stored().slice(index, index + 2);
      expect(suites).toMatchObject([
        { feature_id: index + 1, outcome: "tests timed out" },
        { feature_id: index + 2, outcome: "tests timed out" },
      ]);
      for (const { output } of suites) expect(textOf(output)).toStartWith("begun\n");
      expect(await left()).toBe("");
      expect(await processesWith(ODD)).toEqual([]);
    },
  );

  test.each(ENDING)("%s ends in its outcome", async (name, _, outcome, exit_code) => {
    const feature_id = all.findIndex(([one]) => one === name) + 1;
    const [pair = ""] = PAIRS.slice(Math.floor((feature_id - 1) / 2));
    const evaluated = await evaluate([pair], 300);
    expect({ code: evaluated.code, units: jsonLines(evaluated.stdout).length }).toEqual({
      code: 0,
      units: 1,
    });
    const [suite] = stored().filter((row) => row.feature_id === feature_id);
    if (!suite) throw new Error(`feature ${feature_id} has no result`);
    const { output, ...found } = suite;
    expect(found).toMatchObject({ outcome, exit_code });
    expect(textOf(output)).toStartWith("begun\n");
    expect(found.size_bytes).toBeLessThan(65 * 1024 * 1024);
    expect(await left()).toBe("");
    expect(await processesWith(ODD)).toEqual([]);
  });

  test("has a result is not tested again: a second eval starts no container", async () => {
    // The engine takes whole seconds: what the tests before made belongs to an earlier one.
    await Bun.sleep(1000 - (Date.now() % 1000));
    const since = Math.floor(Date.now() / 1000);
    const before = stored();
    // What a deadline ended holds for the same deadline: a longer one would be another question.
    const endless = PAIRS.slice(0, ENDLESS.length / 2);
    const ending = PAIRS.slice(ENDLESS.length / 2);
    for (const [pairs, timeout_s] of [[endless, 4] as const, [ending, 300] as const])
      expect((await evaluate(pairs, timeout_s)).stderr).toContain(
        `0 evaluated, ${pairs.length} evaluated before`,
      );
    const until = Math.ceil(Date.now() / 1000) + 1;
    const started = ["--since", `${since}`, "--until", `${until}`, "--filter", "event=create"];
    const label = `label=tandem.run=${run}`;
    expect(await docker("events", ...started, "--filter", label)).toBe("");
    expect(stored()).toEqual(before);
  });
});

const PAIRS = Array.from(
  { length: all.length / 2 },
  (_, index) => `hostile_task/task1/features_${2 * index + 1}_${2 * index + 2}`,
);

type Stored = {
  readonly feature_id: number;
  readonly outcome: string;
  readonly exit_code: number;
  readonly tested_at: string;
  readonly size_bytes: number;
  readonly output: Uint8Array;
};
const STORED = `SELECT feature_id, outcome, exit_code, tested_at, size_bytes, zstd AS output
  FROM suite_results JOIN outputs ON outputs.hash = suite_results.output ORDER BY feature_id`;

/** The first words of a stored output. */
function textOf(zstd: Uint8Array): string {
  return Buffer.from(Bun.zstdDecompressSync(zstd).subarray(0, 100)).toString("latin1");
}
