import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import {
  doneTwice,
  ended,
  type StudyPlace,
  studyPlace,
  until,
  verdicts,
} from "./faults.fixture.ts";
import { describeWithOwnEngine, secondEngine } from "./restarts.fixture.ts";

setDefaultTimeout(300_000);

const PAIRS = ["1_2", "1_5", "2_3", "3_4"];
const keys = PAIRS.map((pair) => `"demo_task/task1/features_${pair}"`).join(", ");
const STUDY = `[pairs]
keys = [${keys}]
[defaults]
model = "replay/demo"
[arms.coop]
[sandbox]
backend = "docker"
network = "none"
[concurrency]
pairs = 2
suites = 2
`;
const retries = (faults: number) => `${STUDY}[retries]\nfaults = ${faults}\nwait_s = 0.5\n`;
const done = (here: StudyPlace, step: string) =>
  here.events("done").filter((line) => line.startsWith(step)).length;

/** What this machine's engine hangs its containers on. */
const BRIDGE = "/sys/class/net/docker0";

describeWithOwnEngine("an engine that is killed in the middle of a study", () => {
  let engine: Awaited<ReturnType<typeof secondEngine>>;
  let env: { DOCKER_HOST: string };
  let undisturbed: Record<string, string>;
  const had = existsSync(BRIDGE);

  beforeAll(async () => {
    engine = await secondEngine();
    env = { DOCKER_HOST: engine.socket };
    await using calm = studyPlace(STUDY);
    expect((await calm.run(["eval"], env)).code).toBe(0);
    undisturbed = verdicts(calm);
    expect(Object.keys(undisturbed)).toEqual(PAIRS.map((pair) => `coop ${pair}`));
  });
  afterAll(async () => await engine[Symbol.asyncDispose]());

  /** Nothing decided twice, nothing held, and no container once the next process has looked. */
  async function expectWhole(here: StudyPlace): Promise<void> {
    expect(verdicts(here)).toEqual(undisturbed);
    expect([doneTwice(here), here.leases()]).toEqual([[], []]);
    expect(here.rows("SELECT * FROM faults WHERE resolved_at IS NULL")).toEqual([]);
    expect((await here.call("clean", [], { env })).code).toBe(0);
    expect((await engine.docker("ps", "-aq", "--filter", "label=tandem")).text).toBe("");
  }

  test("has no part in this machine's network: the bridge of its own engine is as it was", () => {
    expect(existsSync(BRIDGE)).toBe(had);
  });

  test("and comes back, twice: the study completes by itself", async () => {
    await using here = studyPlace(retries(8));
    const child = here.start(["eval"], env);
    const end = ended(child);
    await until(() => done(here, "run") >= 1 || child.exitCode !== null);
    await engine.kill();
    await engine.start();
    await until(
      () => here.rows("SELECT 1 FROM suite_results").length >= 2 || child.exitCode !== null,
    );
    await engine.kill();
    await engine.start();
    const { code, stderr } = await end;
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const codes = here.rows<{ code: string }>("SELECT DISTINCT code FROM faults");
    expect(codes.map(({ code }) => code)).toEqual(["engine_gone"]);
    await expectWhole(here);
  });

  test("and stays away: faults with a hint; once it is back, the same command does the rest", async () => {
    await using here = studyPlace(retries(0));
    const child = here.start(["eval"], env);
    const end = ended(child);
    await until(() => done(here, "run") >= 1 || child.exitCode !== null);
    await engine.kill();
    const first = await end;
    expect(first.code).toBe(1);
    expect(first.stderr).toContain("[engine_gone] → start it and check that `docker info` answers");
    expect(here.leases()).toEqual([]);
    await engine.start();
    const before = here.events("done").length;
    const second = await here.run(["eval"], env);
    expect(second.code).toBe(0);
    expect(here.events("done").length).toBeGreaterThan(before);
    await expectWhole(here);
  });
});
