import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../lib/core/testing.ts";
import { docker } from "../lib/sandbox/docker/docker.fixture.ts";
import { build, type Scene, submit } from "./agents.fixture.ts";
import { doneTwice, ended, heldModel, leftBy, studyPlace, verdicts } from "./faults.fixture.ts";
import { writeHostileTask } from "./hostile-task.fixture.ts";

setDefaultTimeout(300_000);

const LIMITED = `[sandbox]
backend = "docker"
network = "none"
memory_mib = 256
`;

describeWith("docker", "memory that runs out", () => {
  test("in an agent's command: the command is killed, the agent hears of it and goes on", async () => {
    const heard: string[] = [];
    await using model = heldModel({
      moves: ({ features, asked }: Scene) => {
        const told = asked.turns
          .filter(({ role }) => role === "tool")
          .map(({ content }) => content);
        heard.splice(0, heard.length, ...told);
        return [
          "tail /dev/zero",
          features.map((feature_id) => build(feature_id)).join("\n"),
          submit,
        ];
      },
    });
    await using here = studyPlace(`[pairs]
keys = ["demo_task/task1/features_1_2"]
[defaults]
${model.defaults}[arms.solo]
setting = "solo"
${LIMITED}`);
    const { code, stderr } = await here.run();
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(heard[0]).toMatch(/137|[Kk]illed|memory/);
    expect(verdicts(here)).toEqual({ "solo 1_2": "passed" });
    expect(here.rows("SELECT * FROM faults")).toEqual([]);
  });

  test("in a suite: an outcome that is stored once, beside those of the other suites", async () => {
    const registry = `tandem-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    await using here = studyPlace(`[dataset]
from = "source"
[arms.gold]
agent = "gold"
${LIMITED}build = true
registry = "${registry}"
[evaluation]
premerge = false
`);
    const well = "echo '== 3 passed in 0.01s =='";
    writeHostileTask(here.at("source"), [`exec tail /dev/zero`, well, well]);
    const child = here.start();
    const { code, stderr } = await ended(child);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const suites = "SELECT feature_id, outcome FROM suite_results GROUP BY 1, 2 ORDER BY 1";
    expect(here.rows(suites)).toEqual([
      { feature_id: 1, outcome: "out of memory" },
      { feature_id: 2, outcome: "passed" },
      { feature_id: 3, outcome: "passed" },
    ]);
    expect([here.rows("SELECT * FROM faults"), doneTwice(here), here.leases()]).toEqual([
      [],
      [],
      [],
    ]);
    const again = await here.run();
    expect(again.stderr).toContain("0 done, 3 done before, 0 faults");
    expect(await leftBy(here, [child.pid])).toEqual([]);
    await docker("rmi", "-f", `${registry}/cooperbench-hostile:task1`);
  });
});
