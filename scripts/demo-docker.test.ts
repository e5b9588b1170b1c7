import { expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../lib/core/testing.ts";
import { place } from "./cli.fixture.ts";
import {
  filesOf,
  replayTeams,
  runTeams,
  shownTo,
  TEAM_RUNS,
  TEAM_VERDICTS,
  verdicts,
} from "./demo.fixture.ts";

setDefaultTimeout(600_000);

describeWith("docker", "the demo's teams in containers", () => {
  test("share branches without a network, meet the local verdicts, and replay byte for byte", async () => {
    using here = place();
    const flags = ["--backend", "docker", "--network", "none"];
    await runTeams(here, flags);
    expect(verdicts(here)).toEqual(TEAM_VERDICTS);
    expect(shownTo(here, "demo-git/demo_task/task1/features_2_4/agent2")).toContain(
      "remote: team: agent1 is not yours to change",
    );
    await replayTeams(here, flags);
    for (const { run } of TEAM_RUNS) {
      const original = filesOf(here, run);
      expect(Object.keys(original).length).toBeGreaterThan(0);
      expect(filesOf(here, `again-${run}`)).toEqual(original);
      expect(await left(run)).toEqual([]);
      expect(await left(`again-${run}`)).toEqual([]);
    }
  });
});

/** Containers and volumes of a run that are there now. */
async function left(run: string): Promise<string[]> {
  const filter = ["--filter", `label=tandem.run=${run}`];
  const found = await Promise.all([
    docker(["ps", "-aq", ...filter]),
    docker(["volume", "ls", "-q", ...filter]),
  ]);
  return found.flat();
}

async function docker(args: readonly string[]): Promise<string[]> {
  const child = Bun.spawn(["docker", ...args], { stdout: "pipe", stderr: "ignore" });
  const [text, code] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (code !== 0) throw new Error(`docker ${args.join(" ")} ended with ${code}`);
  return text.split("\n").filter((line) => line !== "");
}
