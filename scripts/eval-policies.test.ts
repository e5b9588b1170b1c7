import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { rows } from "./agents.fixture.ts";
import { jsonLines, place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

const here = place();
afterAll(() => here[Symbol.dispose]());
const KEY = "gold/demo_task/task1/features_2_4";
const judge = (...more: string[]) =>
  here.call("eval", ["-n", "gold", "-f", "2,4", "--unsafe-local", "--no-premerge", ...more]);
const told = (stdout: string) => jsonLines(stdout).map(({ policy, outcome }) => [policy, outcome]);
const read = <Row>(sql: string) => rows<Row>(here.at("ledger.sqlite"), sql);
const scored = () =>
  read<{ policy: string }>("SELECT policy FROM scores ORDER BY 1").map(({ policy }) => policy);
const suites = () => read<{ n: number }>("SELECT count(*) AS n FROM suite_results")[0]?.n;

test("a conflict under one policy takes one suite per feature; others that are free come along", async () => {
  await here.call("run-pair", ["-n", "gold", "-a", "gold", "-r", "demo_task"]);
  const { code, stdout } = await judge("--policies", "union");
  expect([code, told(stdout)]).toEqual([0, [["union", "failed"]]]);
  expect([suites(), scored()]).toEqual([2, ["naive", "union"]]);
});

test("another policy adds its own suites, and only these", async () => {
  const { stderr, stdout } = await judge("--policies", "agent1");
  expect(told(stdout)).toEqual([["agent1", "failed"]]);
  expect(stderr).toContain("1 evaluated, 0 evaluated before");
  expect([suites(), scored()]).toEqual([4, ["agent1", "naive", "union"]]);
});

test("asking for less again finds it done; forced, it loses nothing of what stands", async () => {
  expect((await judge("--policies", "union")).stderr).toContain("0 evaluated, 1 evaluated before");
  expect((await judge("--policies", "union", "--force")).stderr).toContain("1 evaluated, 0 eval");
  expect([suites(), scored()]).toEqual([4, ["agent1", "naive", "union"]]);
  expect((await judge()).stderr).toContain("0 evaluated, 1 evaluated before");
});

test("a policy that is none is a usage error that names the nearest", async () => {
  const { code, stderr } = await judge("--policies", "unoin");
  expect([code, stderr]).toEqual([2, expect.stringContaining('did you mean "union"')]);
  expect(read(`SELECT 1 FROM scores WHERE attempt_key = '${KEY}'`)).toHaveLength(3);
});
