import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { KEYS } from "./agents.fixture.ts";
import {
  ended,
  heldModel,
  leftBy,
  type Runner,
  type StudyPlace,
  studyPlace,
  until,
} from "./faults.fixture.ts";

setDefaultTimeout(180_000);

const study = (defaults: string) => `[pairs]
repo = "demo_task"
limit = 2
[defaults]
${defaults}[arms.solo]
setting = "solo"
[sandbox]
unsafe_local = true
[concurrency]
pairs = 2
`;
const isWorking = (here: StudyPlace) => here.events("claimed").length === 2;
const hasProcesses = ({ pid }: Runner) => {
  try {
    return process.kill(-pid, 0);
  } catch {
    return false;
  }
};
const tell = ({ pid }: Runner, signal: NodeJS.Signals) => process.kill(-pid, signal);

async function expectStopped(here: StudyPlace, child: Runner): Promise<void> {
  const { code, stderr } = await ended(child);
  expect({ code, stderr }).toMatchObject({ code: 130 });
  expect(stderr).toContain("what was finished is saved");
  expect([here.leases(), await leftBy(here, [child.pid])]).toEqual([[], []]);
  expect(here.events("stopped").toSorted()).toEqual(["run solo 1_2", "run solo 1_3"]);
}

test.each(["SIGHUP", "SIGTERM", "SIGQUIT"] as const)(
  "S9: %s gives leases and scratch folders back, and exits 130",
  async (signal) => {
    await using model = heldModel({ holds: () => true });
    await using here = studyPlace(study(model.defaults));
    const child = here.start();
    await until(() => isWorking(here) && model.waiting().length === 2);
    tell(child, signal);
    await expectStopped(here, child);
  },
);

test("S9: a terminal that closes says so several times, and means one stop", async () => {
  await using model = heldModel({ holds: () => true });
  await using here = studyPlace(study(model.defaults));
  const child = here.start();
  await until(() => isWorking(here) && model.waiting().length === 2);
  for (let times = 0; times < 5; times++) {
    tell(child, "SIGHUP");
    await Bun.sleep(2);
    // Of one that has stopped already, nobody is left to be told.
    if (!hasProcesses(child)) break;
  }
  await expectStopped(here, child);
});

test.each([
  ["nohup", "HUP", "SIGHUP"],
  ["a background job of a script", "INT", "SIGINT"],
] as const)("S9: what it was started to ignore, by %s, stays ignored", async (_, name, signal) => {
  await using model = heldModel({ holds: () => true });
  await using here = studyPlace(study(model.defaults));
  // A shell of its own: spawning from here makes all signals count again.
  const shell = started(here, `trap '' ${name}; exec bun "$@"`);
  await until(() => isWorking(here) && model.waiting().length === 2);
  tell(shell, signal);
  await Bun.sleep(300);
  expect(shell.exitCode).toBeNull();
  model.letGo();
  const { code, stderr } = await ended(shell);
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  expect(here.events("done").filter((event) => event.startsWith("run"))).toHaveLength(2);
});

const hasScript = Bun.which("script") !== null && process.platform === "linux";
test.skipIf(!hasScript)("S9: a study in a terminal whose window is closed", async () => {
  await using model = heldModel({ holds: () => true });
  await using here = studyPlace(study(model.defaults));
  const terminal = started(here, `exec script -qfec "bun $*" /dev/null`);
  await until(() => isWorking(here) && model.waiting().length === 2);
  const [owner = ""] = here.leases().map((lease) => lease.owner);
  const pid = Number(owner.split("/")[2]);
  // Not its children: the terminal alone goes, as when its window is closed.
  process.kill(terminal.pid, "SIGKILL");
  await until(() => here.leases().length === 0);
  await until(() => here.rows("SELECT 1 FROM processes WHERE ended_at IS NULL").length === 0);
  expect(here.events("stopped").toSorted()).toEqual(["run solo 1_2", "run solo 1_3"]);
  expect(await leftBy(here, [pid])).toEqual([]);
});

/** The study's call as the arguments of a shell's line, in a process group of its own. */
function started(here: StudyPlace, line: string): Runner {
  const places = ["--ledger", here.at("ledger.sqlite"), "--log-dir", here.at("logs")];
  const pipeline = [join(import.meta.dir, "pipeline.ts"), "-f", here.file, "run"];
  const dataset = ["--dataset-dir", here.at("dataset")];
  return Bun.spawn(["bash", "-c", line, "bash", ...pipeline, ...dataset, ...places], {
    cwd: here.path,
    env: { ...process.env, ...KEYS },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    detached: true,
  });
}
