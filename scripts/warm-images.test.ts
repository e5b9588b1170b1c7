import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { describeWith } from "../lib/core/testing.ts";
import { BASE_IMAGE, docker } from "../lib/sandbox/docker/docker.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";
import { MARKS, writeNeedyTask } from "./needy-task.fixture.ts";

setDefaultTimeout(600_000);

const NAME = `tandem-test-warm-${process.pid}`;
const SOURCE = `${NAME}/cooperbench-needy:task1`;
const WARM = `${NAME}-warm/cooperbench-needy:task1`;
const FLAGS = ["-r", "needy_task", "--registry", NAME];
const TEMPLATE = `${NAME}-warm/cooperbench-{repo}:task{task}`;

const tellsMade = ({ stderr }: { readonly stderr: string }) =>
  Number(stderr.includes("1 made, 0 up to date"));

describeWith("docker", "warm-images", () => {
  let here: ReturnType<typeof place>;
  beforeAll(async () => {
    here = place();
    writeNeedyTask(here.at("source"), BASE_IMAGE);
    await here.call("fetch-dataset", ["--from", here.at("source")]);
  });
  afterAll(async () => {
    here[Symbol.dispose]();
    await docker("rmi", "-f", WARM, SOURCE);
  });

  const warm = (...more: string[]) =>
    here.call("warm-images", [...FLAGS, "--to-template", TEMPLATE, ...more]);
  /** Outcomes of the gold suites without network, by feature. */
  const goldOn = async (...image: string[]) => {
    const flags = ["-r", "needy_task", "--backend", "docker", "--network", "none", ...image];
    const { stdout } = await here.call("check-dataset", flags);
    const gold = jsonLines(stdout).filter(({ kind }) => kind === "gold");
    return Object.fromEntries(
      gold.map(({ key, outcomes, fault }) => [
        `${key}`.slice(-1),
        `${fault ?? [...new Set(outcomes as string[])]}`,
      ]),
    );
  };
  const inImage = (image: string, command: string) =>
    docker("run", "--rm", "--network", "none", "--entrypoint", "bash", image, "-c", command);

  test("without network gold fails on the task's own image", async () => {
    const failed = { 1: "runner_died", 2: "runner_died", 3: "runner_died" };
    expect(await goldOn("--build", "--registry", NAME)).toEqual(failed);
  });

  test("a dry run makes nothing", async () => {
    const { code, stdout } = await warm("--dry-run");
    expect({ code, lines: jsonLines(stdout) }).toEqual({
      code: 0,
      lines: [{ key: "needy_task/task1", image: WARM, would: "make it" }],
    });
    expect(await docker("images", "-q", WARM)).toBe("");
  });

  test("S14: of two calls at once one makes the image; both say which suites pass without network", async () => {
    const calls = await Promise.all([warm(), warm()]);
    const line = {
      ...{ key: "needy_task/task1", image: WARM, grown_mib: expect.any(Number) },
      offline: "2 of 3 gold suites pass",
      failing: [{ feature_id: 3, offline: "failed", online: "passed" }],
    };
    const [made, found] = calls.toSorted((one, other) => tellsMade(other) - tellsMade(one));
    expect([made?.code, jsonLines(made?.stdout ?? "")]).toEqual([0, [{ ...line, fresh: true }]]);
    expect(made?.stderr).toContain("1 made, 0 up to date, 0 faults");
    const failing = [{ feature_id: 3, offline: "failed" }];
    expect([found?.code, jsonLines(found?.stdout ?? "")]).toEqual([
      0,
      [{ ...line, fresh: false, failing }],
    ]);
  });

  test("gold passes there without network, but for the suite that itself needs one", async () => {
    const template = ["--image-template", TEMPLATE];
    expect(await goldOn(...template)).toEqual({ 1: "passed", 2: "passed", 3: "failed" });
  });

  test("a second call does nothing", async () => {
    const id = await docker("images", "-q", "--no-trunc", WARM);
    // The engine takes whole seconds: what the test before made belongs to an earlier one.
    await Bun.sleep(1000 - (Date.now() % 1000));
    const since = `${Math.floor(Date.now() / 1000)}`;
    const { code, stdout, stderr } = await warm();
    expect({ code, fresh: jsonLines(stdout)[0]?.fresh }).toEqual({ code: 0, fresh: false });
    expect(jsonLines(stdout)[0]?.offline).toBe("2 of 3 gold suites pass");
    expect(stderr).toContain("0 made, 1 up to date");
    expect(await docker("images", "-q", "--no-trunc", WARM)).toBe(id);
    const until = `${Math.ceil(Date.now() / 1000)}`;
    const label = `label=tandem.image=${WARM}`;
    const filters = ["--filter", "event=create", "--filter", label];
    expect(await docker("events", "--since", since, "--until", until, ...filters)).toBe("");
  });

  test("the repository is what it was, and the image runs what it ran", async () => {
    const look = `find . -exec ls -ldn {} + | tr -s ' ' | sort; find . -type f -exec sha256sum {} + | sort`;
    const [before, after] = [await inImage(SOURCE, look), await inImage(WARM, look)];
    expect(after).toBe(before);
    expect(after).toContain("./built/lib.so");
    expect(await inImage(WARM, "git rev-parse HEAD^{tree}; git status --porcelain")).toBe(
      await inImage(SOURCE, "git rev-parse HEAD^{tree}; git status --porcelain"),
    );
    const config = "{{json .Config.Entrypoint}} {{json .Config.WorkingDir}} {{json .Config.Env}}";
    expect(await docker("inspect", "-f", config, WARM)).toBe(
      await docker("inspect", "-f", config, SOURCE),
    );
  });

  test("holds downloads and what was built of the base, and nothing of gold or hidden tests", async () => {
    expect(await inImage(WARM, "ls /root/go/pkg/mod /root/.cache/go-build")).toBe(
      "/root/.cache/go-build:\nbase.txt\n\n/root/go/pkg/mod:\nextra\nplain",
    );
    const words = Object.values(MARKS).join("|");
    const find = `grep -rlE '${words}' / --exclude-dir={proc,sys,dev}; ls -A /tmp; ls -A /patches`;
    expect(await inImage(WARM, find)).toBe("");
  });

  test("another source image makes it be made again", async () => {
    await using changed = renamed(SOURCE);
    await docker(
      "build",
      "-q",
      "-t",
      SOURCE,
      "--label",
      "x=y",
      here.at("dataset/needy_task/task1"),
    );
    const { stdout } = await warm("--dry-run");
    expect(jsonLines(stdout)[0]?.would).toBe("make it");
    await changed[Symbol.asyncDispose]();
    const { stdout: same } = await warm("--dry-run");
    expect(jsonLines(same)[0]?.would).toBe("test gold where that is not known");
  });

  test("a killed call leaves no image, and clean finds the rest", async () => {
    const to = `${NAME}-killed/cooperbench-{repo}:task{task}`;
    const child = here.start("warm-images", [...FLAGS, "--to-template", to]);
    const running = async () =>
      await docker("ps", "-q", "--filter", "label=tandem.key=warm/needy_task/task1");
    while ((await running()) === "") await Bun.sleep(50);
    child.kill("SIGKILL");
    await child.exited;
    expect(await docker("images", "-q", `${NAME}-killed/cooperbench-needy`)).toBe("");
    const { stdout } = await here.call("clean", []);
    expect(jsonLines(stdout).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(["container", "volume"]),
    );
    expect(await running()).toBe("");
    const volumes = ["--filter", "label=tandem.key=warm/needy_task/task1"];
    expect(await docker("volume", "ls", "-q", ...volumes)).toBe("");
  });

  const MISTAKES: [flags: string[], message: string][] = [
    [["--to-template", "warm/{repo}"], "--to-template needs {task}"],
    [["--to-template", `${NAME}/cooperbench-{repo}:task{task}`], "names the tasks' own images"],
    [["--timeout", "0"], "--timeout"],
  ];
  test.each(MISTAKES)("%p is a usage error", async (flags, message) => {
    const { code, stderr } = await here.call("warm-images", [...FLAGS, ...flags]);
    expect({ code, told: stderr.includes(message) }).toEqual({ code: 2, told: true });
  });

  test("an image that cannot be had is a fault of its task", async () => {
    writeFileSync(here.at("dataset/needy_task/task1/Dockerfile"), "NONSENSE\n");
    const flags = ["-r", "needy_task", "--registry", `${NAME}-broken`, "--build"];
    const { code, stdout } = await here.call("warm-images", flags);
    expect(code).toBe(1);
    expect(jsonLines(stdout)[0]).toMatchObject({ key: "needy_task/task1", fault: "no_image" });
  });
});

/** The image keeps its name in the end, whatever is given the name meanwhile. */
function renamed(name: string): AsyncDisposable {
  const kept = `${name}-kept`;
  const back = docker("tag", name, kept);
  let over = false;
  return {
    async [Symbol.asyncDispose]() {
      if (over) return;
      over = true;
      await back;
      await docker("tag", kept, name);
      await docker("rmi", kept);
    },
  };
}
