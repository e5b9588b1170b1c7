import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../lib/core/testing.ts";
import {
  type Cluster,
  missingPrograms,
  slurmCluster,
} from "../../lib/launch/slurm/slurm.fixture.ts";
import { standIn } from "../../lib/launch/stand-in.fixture.ts";
import { eventually } from "../../lib/team/redis.fixture.ts";
import { callIn, jsonLines } from "../cli.fixture.ts";
import { alone, done, notOnce, scene, studyText, textOf } from "../workers.fixture.ts";

setDefaultTimeout(240_000);

const wanted = process.env.TANDEM_SLURM === "1";
const missing = wanted ? missingPrograms() : [];
if (missing.length > 0)
  throw new Error(`${missing.join(", ")}: apt-get install slurm-wlm munge, then run this again`);
if (!wanted) test.skip("Slurm: bun run slurm:check", () => {});

const KEY = "canary-of-anthropic-0123";
const OTHER = "canary-of-another-0123";
const STUDY = `name = "first"
[pairs]
repo = "demo_task"
[arms.coop]
model = "anthropic/claude-sonnet-4-5"
`;

describe.if(wanted)("launch slurm, on a cluster of one node", () => {
  const folder = temporaryFolder("tandem 'launch' $HOME");
  const programs = temporaryFolder();
  afterAll(() => [folder, programs].forEach((one) => void one[Symbol.dispose]()));
  writeFileSync(join(folder.path, "first.toml"), STUDY);
  const tandem = standIn(join(programs.path, "stand-in"));
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await slurmCluster();
  });
  afterAll(async () => await cluster[Symbol.asyncDispose]());

  const call = async (...args: readonly string[]) => {
    const env = { ...cluster.env, ANTHROPIC_API_KEY: KEY, OTHER_API_KEY: OTHER };
    const flags = ["slurm", "first.toml", "--redis", "redis://head:6379", "--quiet"];
    const { code, stdout, stderr } = await callIn(folder.path, "launch", [...flags, ...args], {
      env,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return stdout;
  };
  const rows = async (...args: readonly string[]) => jsonLines(await call(...args));
  const begin = (...more: readonly string[]) => rows("--tandem", tandem, ...more);
  const logs = join(folder.path, "logs/.workers/first");
  /** A task counts as running before its shell does. */
  const logOf = async (worker: string, last: string | RegExp) =>
    await eventually(
      async () => {
        const path = join(logs, `${worker}.log`);
        return existsSync(path) ? readFileSync(path, "utf8") : "";
      },
      (text) => text.match(last) !== null,
    );
  const running = async (count: number) =>
    await eventually(
      () => rows("--status"),
      (tasks) => tasks.filter(({ state }) => state === "running").length === count,
    );

  test("one array job has as many workers as are missing, which see their keys alone", async () => {
    expect(await begin("--workers", "1", "-c", "3")).toMatchObject([
      { state: "submitted", workers: 1 },
    ]);
    expect(await begin("--workers", "2")).toMatchObject([{ state: "submitted", workers: 1 }]);
    expect(await begin("--workers", "2")).toMatchObject([{ state: "there already", workers: 2 }]);
    const [task] = await running(2).then((tasks) =>
      tasks.map(({ worker }) => String(worker)).sort(),
    );
    const log = await logOf(task ?? "", /^OTHER_API_KEY is .*\n/m);
    expect(log).toContain(
      `called: worker --redis redis://head:6379 -c 3 --queue first --name slurm-${task?.replace("_", "-")}\n`,
    );
    expect(log).toContain("OTHER_API_KEY is absent\n");
    // The test's own net blots the key out of its log's reading, not the log itself.
    expect(log).toContain(`ANTHROPIC_API_KEY is ${KEY}\n`);
    const script = cluster.call("scontrol", "write", "batch_script", task ?? "", "-");
    expect(script).toContain("ANTHROPIC_API_KEY");
    expect(script).not.toContain("canary");
  });

  test("a task that is requeued comes back as another worker", async () => {
    const [task] = (await running(2)).map(({ worker }) => String(worker));
    cluster.call("scontrol", "requeue", task ?? "");
    // Slurm lets two minutes pass by itself.
    await eventually(
      async () =>
        attempt(() => cluster.call("scontrol", "update", `JobId=${task}`, "StartTime=now")),
      (done) => done,
    );
    await running(2);
    const name = task?.replace("_", "-");
    const log = await logOf(task ?? "", `--name slurm-${name}-1`);
    const calls = log.match(/--name \S+/g);
    expect(calls).toEqual([`--name slurm-${name}`, `--name slurm-${name}-1`]);
  });

  test("workers are told to end by scancel, and new ones can be launched", async () => {
    expect(await rows("--stop")).toMatchObject([{ state: "told to end", workers: 2 }]);
    await running(0);
    const names = readdirSync(logs);
    expect(names).toHaveLength(2);
    for (const name of names) await logOf(name.slice(0, -4), /told to end\n$/);
    expect(await begin("--workers", "2")).toMatchObject([{ state: "submitted", workers: 2 }]);
    await running(2);
    expect(await rows("--stop")).toMatchObject([{ workers: 2 }]);
    await running(0);
  });

  test("the demo study comes out the same through Slurm, with scancel in the middle", async () => {
    await using at = await scene(studyText(10, true));
    const launch = async (...more: readonly string[]) => {
      const flags = ["slurm", "study.toml", "--redis", at.redis.url, ...more];
      const { code, stdout } = await callIn(at.folder, "launch", flags, { env: cluster.env });
      expect(code).toBe(0);
      return jsonLines(stdout);
    };
    await launch("--workers", "2", "-c", "2");
    const driver = at.driver("shared", { queued: true });
    await done(at, "shared", 8);
    expect(await launch("--stop")).toMatchObject([{ workers: 2 }]);
    await eventually(
      () => launch("--status"),
      (tasks) => tasks.length === 0,
    );
    const [before] = at.rows("shared", "SELECT count(*) AS n FROM attempts");
    await Bun.sleep(2_000);
    expect(at.rows("shared", "SELECT count(*) AS n FROM attempts")).toEqual([before]);
    expect(before).not.toEqual({ n: 30 });
    expect(await launch("--workers", "2", "-c", "2")).toMatchObject([{ workers: 2 }]);
    const [code, report] = await Promise.all([driver.exited, textOf(driver.stdout)]);
    expect(code).toBe(0);
    await launch("--stop");
    expect(notOnce(at, "shared")).toEqual([]);
    expect(JSON.parse(report)).toEqual(JSON.parse(await alone(at)));
  });
});

function attempt(act: () => string): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
