import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { describeWith } from "../../core/testing.ts";
import { newFile, verdictOn } from "../../eval/suite.fixture.ts";
import {
  type DockerPlace,
  docker,
  dockerPlace,
  openRequest,
  processesIn,
  run,
} from "./docker.fixture.ts";

setDefaultTimeout(180_000);

/** Files of 8 MiB without end, slowly: 3 GB at the most before any deadline here. */
const FILL = `i=0
while ((i++ < 400)); do head -c 8388608 /dev/zero >/tmp/fill.$i; sleep 0.1; done`;
const DISK_MIB = 64;

describeWith("docker", "a sandbox", () => {
  let place: DockerPlace;
  beforeAll(() => {
    place = dockerPlace();
  });
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
  });

  test("that writes more than it may is stopped, says so, and goes on", async () => {
    await using own = await place.backend({ disk_mib: DISK_MIB }).open(openRequest(place));
    const filled = await run(own, `echo begun; (sleep 9999 &); ${FILL}; exit 0`);
    expect(filled).toMatchObject({ exit_code: 137, timed_out: false, oom_killed: false });
    expect(filled.text).toStartWith("begun\n");
    expect(filled.text).toEndWith("written more than it may\n");
    expect(await processesIn(own.container_id)).toEqual([]);
    // Full is full until there is room again.
    expect((await run(own, "sleep 30; echo late")).exit_code).toBe(137);
    expect((await run(own, "rm /tmp/fill.*; sleep 5; echo room")).text).toBe("room\n");
  });

  test("whose command is short or writes little is left alone", async () => {
    await using own = await place.backend({ disk_mib: DISK_MIB }).open(openRequest(place));
    const command = "head -c 33554432 /dev/zero >/tmp/some; sleep 5; echo over";
    expect(await run(own, command)).toMatchObject({ exit_code: 0, text: "over\n" });
  });

  test("of a suite that fills its disk: the suite failed, and nothing is left", async () => {
    const label = `disk-${process.pid}/suite`;
    const verdict = await verdictOn(place.backend({ disk_mib: DISK_MIB }), place.task, {
      label,
      tests_patch: newFile("a.test", "x"),
      runner: `echo begun; ${FILL}; echo '== 1 passed in 1s =='`,
    });
    expect(verdict).toMatchObject({ outcome: "failed", exit_code: 137 });
    expect(verdict.text).toStartWith("begun\n");
    expect(await docker("ps", "-aq", "--filter", `label=tandem.key=${label}`)).toBe("");
  });

  const SUICIDAL: [command: string][] = [
    ["kill -KILL -1; kill -KILL $$"],
    ["kill -KILL $(cat /proc/1/task/1/children); sleep 9999"],
  ];
  test.each(SUICIDAL)("that %s has ended is started again", async (command) => {
    await using own = await place.backend().open(openRequest(place));
    await run(own, "echo kept >/tmp/kept");
    const ended = await run(own, `echo begun; ${command}`);
    expect(ended).toMatchObject({ exit_code: 137, timed_out: false, text: "begun\n" });
    expect(await processesIn(own.container_id)).toEqual([]);
    expect((await run(own, "cat /tmp/kept; pwd")).text).toBe("kept\n/workspace/repo\n");
  });

  test("that somebody outside has killed is a fault", async () => {
    await using own = await place.backend().open(openRequest(place));
    await docker("kill", own.container_id);
    await expect(run(own, "true")).rejects.toMatchObject({ code: "sandbox_failed" });
  });
});
