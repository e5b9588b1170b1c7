import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../lib/core/testing.ts";
import { runningWith } from "../lib/sandbox/task.fixture.ts";
import { build, type Scene, submit } from "./agents.fixture.ts";
import {
  doneTwice,
  ended,
  heldModel,
  interrupt,
  leftBy,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const PAIRS = ["1_2", "1_3", "2_3", "4_5"];
const keys = PAIRS.map((pair) => `"demo_task/task1/features_${pair}"`).join(", ");
const study = (defaults: string, sandbox: string) => `[pairs]
keys = [${keys}]
[defaults]
${defaults}[arms.solo]
setting = "solo"
[sandbox]
${sandbox}
[concurrency]
pairs = 2
`;
const COLOURS = new RegExp(String.fromCharCode(27));
const drained = (here: ReturnType<typeof studyPlace>) =>
  here.rows("SELECT 1 FROM processes WHERE state = 'draining'").length > 0;

/** An argument that no other process of this machine has. */
const ODD = `9${Math.floor(Math.random() * 1e9)}.5`;
/** The second command lasts for ever: a stop ends it. */
const endless = ({ features }: Scene) => [
  features.map((feature_id) => build(feature_id)).join("\n"),
  `sleep ${ODD}`,
  submit,
];

function cases(backend: string, sandbox: string): void {
  test(`${backend}: once finishes what is under way, begins nothing, and the next call goes on`, async () => {
    await using model = heldModel({ holds: ({ step }) => step === 2 });
    await using here = studyPlace(study(model.defaults, sandbox));
    const child = here.start();
    await until(() => model.waiting().length === 2);
    interrupt(child);
    await until(() => drained(here));
    expect(here.events("claimed")).toEqual(["run solo 1_2", "run solo 1_3"]);
    model.letGo();
    const { code, stderr, stdout } = await ended(child);
    expect({ code, stdout }).toEqual({ code: 130, stdout: "" });
    expect(stderr).toContain(
      "no new units; those under way are finished first. Ctrl-C again stops",
    );
    expect(stderr).toContain("interrupted, 4 of 4 attempts are left");
    expect(stderr).not.toMatch(COLOURS);
    expect(here.events("claimed")).toEqual(["run solo 1_2", "run solo 1_3"]);
    expect(here.events("done").toSorted()).toEqual(["run solo 1_2", "run solo 1_3"]);
    expect([here.leases(), await leftBy(here, [child.pid])]).toEqual([[], []]);
    const next = await here.run();
    expect({ code: next.code, units: next.stdout.trim().split("\n").length }).toEqual({
      ...{ code: 0, units: 4 },
    });
    expect(model.served.answers).toBe(8);
    expect(doneTwice(here)).toEqual([]);
  });

  test(`${backend}: twice stops at once, with what it cost, and nothing is left`, async () => {
    await using model = heldModel({ moves: endless });
    await using here = studyPlace(study(model.defaults, sandbox));
    const child = here.start();
    await until(() => runningWith(ODD).length >= 2);
    interrupt(child);
    await until(() => drained(here));
    interrupt(child);
    const { code, stderr } = await ended(child);
    expect(code).toBe(130);
    expect(stderr).toContain("what was finished is saved; run the same command to continue");
    expect(stderr).not.toMatch(COLOURS);
    expect(here.events("stopped").toSorted()).toEqual(["run solo 1_2", "run solo 1_3"]);
    const costs = here.rows<{ usd: number }>(
      "SELECT cost_usd AS usd FROM journal WHERE event = 'stopped'",
    );
    for (const { usd } of costs) expect(usd).toBeGreaterThan(0);
    expect(here.rows("SELECT 1 FROM attempts UNION ALL SELECT 1 FROM faults")).toEqual([]);
    expect([here.leases(), await leftBy(here, [child.pid])]).toEqual([[], []]);
    await until(() => runningWith(ODD).length === 0);
  });
}

cases("local", "unsafe_local = true");
describeWith("docker", "Ctrl-C with containers", () => {
  cases("docker", 'backend = "docker"\nnetwork = "none"');
});
