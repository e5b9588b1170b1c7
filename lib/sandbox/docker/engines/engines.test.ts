import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { Fault } from "../../../core/fault.ts";
import { describeWith, temporaryFolder } from "../../../core/testing.ts";
import type { Backend, Sandbox } from "../../sandbox.ts";
import { type DockerPlace, docker, dockerPlace, openRequest, run } from "../docker.fixture.ts";
import { enginesBackend } from "./backend.ts";
import { type Door, type Doors, doors } from "./engines.fixture.ts";

setDefaultTimeout(180_000);

const QUICK = { first_ms: 100, longest_ms: 200 };
const LABEL = "engines-test/small_task/task1/features_1_2";

describeWith("docker", "several engines", () => {
  let place: DockerPlace;
  beforeAll(async () => {
    place = dockerPlace();
    // One image for all: its two doors lead to the same engine.
    await using _base = await place.backend().open(openRequest(place));
  });
  afterAll(() => place[Symbol.asyncDispose]());

  async function using(
    limits: Readonly<Record<string, string>>,
    work: (backend: Backend, all: Doors, said: string[]) => Promise<void>,
  ) {
    using folder = temporaryFolder("tandem-engines");
    using all = await doors(folder.path, limits);
    const said: string[] = [];
    const say = (message: string) => said.push(message);
    const options = { ...place.options, engines: all.file, patience: QUICK, say };
    await work(enginesBackend(options), all, said);
  }
  const opened = (backend: Backend, n: number) =>
    Promise.all(Array.from({ length: n }, () => backend.open(openRequest(place, "suite", LABEL))));
  const close = (sandboxes: readonly Sandbox[]) =>
    Promise.all(sandboxes.map((one) => one[Symbol.asyncDispose]()));
  const counts = ({ doors: all }: Doors) => all.map((one) => one.created());
  const until = async (isSo: () => Promise<boolean>) => {
    for (let tries = 0; tries < 200 && !(await isSo()); tries++) await Bun.sleep(50);
    expect(await isSo()).toBe(true);
  };
  const containers = async () => await docker("ps", "-aq", "--filter", `label=tandem.key=${LABEL}`);

  test("Show 3: work spreads by what each takes, and who comes when all are full waits for room", async () => {
    const limits = { small: "agents = 1\nsuites = 1", big: "agents = 2\nsuites = 2" };
    await using(limits, async (backend, all) => {
      expect(await backend.suites?.()).toBe(3);
      const sandboxes = await opened(backend, 3);
      expect(counts(all)).toEqual([1, 2]);
      const fourth = backend.open(openRequest(place, "suite", LABEL));
      await Bun.sleep(200);
      expect(counts(all)).toEqual([1, 2]);
      await close(sandboxes);
      await using own = await fourth;
      expect((await run(own, "pwd")).text).toBe("/workspace/repo\n");
    });
    expect(await containers()).toBe("");
  });

  test("Show 3: the sandboxes of an attempt stand on one engine, and the results' key is the one engine's own", async () => {
    const limits = { a: "agents = 2\nsuites = 9", b: "agents = 2\nsuites = 9" };
    await using(limits, async (backend, all) => {
      const reserve = () => backend.reserve?.({ task: place.task, sandboxes: 2 });
      await using first = await reserve();
      await using second = await reserve();
      if (!first || !second) throw new Error("there is nothing to reserve");
      expect([first.where, second.where].sort()).toEqual(["a", "b"]);
      for (const room of [first, second]) {
        const share = await room.backend.openShare({
          label: LABEL,
          agent_ids: ["agent1", "agent2"],
        });
        const [one, two] = await Promise.all(
          ["agent1", "agent2"].map((agent_id) =>
            room.backend.open({
              ...{ ...openRequest(place, "agent", LABEL), share: { share, agent_id } },
            }),
          ),
        );
        await run(one as Sandbox, "echo hello > /team/agent1/note");
        expect((await run(two as Sandbox, "cat /team/agent1/note")).text).toBe("hello\n");
        await close([one as Sandbox, two as Sandbox]);
        await share[Symbol.asyncDispose]();
      }
      expect(counts(all)).toEqual([2, 2]);
      const key = await place.backend().environment(place.task);
      expect(await backend.environment(place.task)).toBe(`${key}`);
    });
  });

  test("Show 3: one dies: what was on it faults and may move, what begins goes to the other, and it is cleared up when it is back", async () => {
    const limits = { a: "agents = 2\nsuites = 2", b: "agents = 2\nsuites = 2" };
    await using(limits, async (backend, all, said) => {
      // One after the other: of two that look at once, either may be the first to find its engine.
      const [first] = (await opened(backend, 1)) as [Sandbox];
      const [second] = (await opened(backend, 1)) as [Sandbox];
      const [a, b] = all.doors as [Door, Door];
      const working = run(first, "sleep 60", { timeout_ms: 90_000 });
      await Bun.sleep(200);
      a.cut();
      const fault = await working.then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(fault).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({ code: "engine_gone", elsewhere: true });
      expect(`${fault}`).toContain("the engine a");
      expect((await run(second, "echo on")).text).toBe("on\n");
      await first[Symbol.asyncDispose]();
      const before = b.created();
      const third = await backend.open(openRequest(place, "suite", LABEL));
      expect([a.created(), b.created()]).toEqual([1, before + 1]);
      await close([second, third]);
      expect((await containers()).split("\n")).toHaveLength(1);
      await a.open();
      await until(async () => (await containers()) === "");
      expect(said.join("\n")).toMatch(/engine a is left out for now: .*\nengine a answers again/);
      await close(await opened(backend, 2));
      expect(a.created()).toBe(2);
    });
  });

  test("Show 3: an engine that is gone when a sandbox is opened costs nothing: the next one opens it", async () => {
    await using(
      { a: "agents = 1\nsuites = 1", b: "agents = 1\nsuites = 1" },
      async (backend, all) => {
        await close(await opened(backend, 1));
        all.doors[0]?.cut();
        await close(await opened(backend, 1));
        expect(counts(all)).toEqual([1, 1]);
      },
    );
  });

  test("Show 3: when all are gone it is a fault that names each, and a later call asks them again", async () => {
    await using(
      { a: "agents = 1\nsuites = 1", b: "agents = 1\nsuites = 1" },
      async (backend, all) => {
        for (const one of all.doors) one.cut();
        const fault = await backend.open(openRequest(place)).catch((error: unknown) => error);
        expect(fault).toMatchObject({ code: "engine_gone" });
        expect((fault as Fault).elsewhere).not.toBe(true);
        const again = await backend.open(openRequest(place)).catch((error: unknown) => error);
        expect(`${again}`).toMatch(/none of 2 engines answers: a: .*; b: /);
        await all.doors[1]?.open();
        await close(await opened(backend, 1));
      },
    );
  });
});
