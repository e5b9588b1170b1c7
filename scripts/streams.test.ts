import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(180_000);

const here = place();
afterAll(() => here[Symbol.dispose]());

const PLACES = '--ledger "$PWD/ledger.sqlite" --log-dir "$PWD/logs"';
const GOLD = "-a gold -r demo_task --unsafe-local";

/** A line of a shell; `run_pair` and the like are the scripts. Gives the exit codes of the pipe's parts. */
async function shell(line: string) {
  const scripts = ["run-pair", "merge", "check-ledger", "status"].map(
    (name) => `${name.replace("-", "_")}() { bun ${join(import.meta.dir, name)}.ts "$@"; }`,
  );
  const text = `${scripts.join("\n")}\n${line}\necho "codes \${PIPESTATUS[*]}" >codes`;
  const child = Bun.spawn(["bash", "-c", text], {
    cwd: here.path,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  await child.exited;
  const [, ...codes] = (await Bun.file(here.at("codes")).text()).trim().split(" ");
  return { stdout, stderr, codes: codes.map(Number) };
}

const attemptsOf = async (run: string) =>
  jsonLines(
    (await here.call("run-pair", ["-n", run, "-a", "gold", "-r", "demo_task", "--dry-run"])).stdout,
  ).map(({ todo }) => todo);
const ALL_DONE = Array.from({ length: 10 }, () => false);

describe("S4: paid work goes on to its end when nobody reads", () => {
  test("its results: `| head -1`", async () => {
    const { stdout, stderr, codes } = await shell(`run_pair -n a ${GOLD} ${PLACES} | head -n 1`);
    expect(jsonLines(stdout)).toHaveLength(1);
    expect(codes).toEqual([0, 0]);
    expect(stderr).toContain("standard output was closed: the work goes on");
    expect(stderr).toContain("10 run, 0 run before, 0 faults");
    expect(await attemptsOf("a")).toEqual(ALL_DONE);
  });

  test("its results, since the next stage refused its flags", async () => {
    const { codes } = await shell(`run_pair -n b ${GOLD} ${PLACES} | merge --nonsense ${PLACES} -`);
    expect(codes).toEqual([0, 2]);
    expect(await attemptsOf("b")).toEqual(ALL_DONE);
  });

  test("its talk, nor its results", async () => {
    const { codes } = await shell(`run_pair -n c ${GOLD} ${PLACES} 2>&1 | head -c 1`);
    expect(codes).toEqual([0, 0]);
    expect(await attemptsOf("c")).toEqual(ALL_DONE);
  });

  test("its talk alone: results are whole", async () => {
    const line = `run_pair -n d ${GOLD} ${PLACES} 2> >(head -c 1 >/dev/null) | cat`;
    const { stdout, codes } = await shell(line);
    expect(codes).toEqual([0, 0]);
    expect(jsonLines(stdout)).toHaveLength(10);
  });

  test("and standard output may be closed from the start", async () => {
    const { codes } = await shell(`run_pair -n e ${GOLD} ${PLACES} >&- 2>&-`);
    expect(codes).toEqual([0]);
    expect(await attemptsOf("e")).toEqual(ALL_DONE);
  });

  test.skipIf(!existsSync("/dev/full"))(
    "results that a full disk refuses are not said to be written",
    async () => {
      const { stderr, codes } = await shell(`run_pair -n f ${GOLD} ${PLACES} >/dev/full`);
      expect(codes).toEqual([1]);
      expect(stderr).toContain("standard output could not be written (ENOSPC)");
      expect(await attemptsOf("f")).toEqual(ALL_DONE);
    },
  );
});

describe("S4: what a script found keeps its exit code when nobody reads", () => {
  beforeAll(async () => {
    await shell(`run_pair -n x ${GOLD} ${PLACES}`);
    for (const pair of ["1_2", "1_3", "1_4"])
      rmSync(here.at(`logs/x/demo_task/task1/features_${pair}`), { recursive: true });
  });

  test("`check-ledger | head -1`", async () => {
    const { stdout, codes } = await shell(`check_ledger -n x ${PLACES} | head -n 1`);
    expect(codes).toEqual([1, 0]);
    expect(jsonLines(stdout)).toHaveLength(1);
  });

  test("`check-ledger | true`", async () => {
    expect((await shell(`check_ledger -n x ${PLACES} | true`)).codes).toEqual([1, 0]);
  });

  test("a refusal of flags", async () => {
    expect((await shell(`merge --nonsense ${PLACES} 2>&1 | true`)).codes).toEqual([2, 0]);
  });

  test("who only watches ends with the reader", async () => {
    const line = `status --watch --json --interval 0.1 --ledger "$PWD/ledger.sqlite" | head -n 1`;
    const { stdout, codes } = await shell(line);
    expect(codes).toEqual([0, 0]);
    expect(jsonLines(stdout)).toHaveLength(1);
  });
});
