import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { describeWith, testData } from "../lib/core/testing.ts";
import { jsonLines, place } from "./cli.fixture.ts";

// Real processes, many of them: far more than the usual five seconds.
setDefaultTimeout(180_000);

const KNOWN_ERRORS = 6;

describeWith("data", "the real dataset", () => {
  const source = testData?.dataset ?? "";
  const here = place();
  afterAll(() => here[Symbol.dispose]());

  beforeAll(async () => {
    const { code, stdout } = await here.call("fetch-dataset", ["--from", source, "--json"]);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n").at(-1)).toContain(
      '"repos":12,"tasks":30,"features":199,"pairs":652',
    );
  });

  test("fetched again gives the same line and writes nothing", async () => {
    const first = await here.call("fetch-dataset", ["--from", source, "--json"]);
    const again = await here.call("fetch-dataset", ["--from", source, "--json"]);
    expect(again.stdout).toBe(first.stdout);
    expect(again.stderr).toContain("0 of 635 files written, 0 of 30 tasks indexed");
  });

  test("sampled with seed 42 equals the published recipe, and the named subsets have their sizes", async () => {
    const vector = z
      .object({
        samples: z.array(z.object({ seed: z.number(), k: z.number(), keys: z.array(z.string()) })),
      })
      .parse(JSON.parse(readFileSync(join(testData?.vectors ?? "", "recipe-sample.json"), "utf8")));
    const wanted = vector.samples.find(({ seed, k }) => seed === 42 && k === 100)?.keys;
    const { stdout } = await here.call("sample-subset", ["--size", "100", "--seed", "42"]);
    expect(jsonLines(stdout).map(({ key }) => String(key))).toEqual(wanted ?? []);
    for (const [name, size] of [
      ["lite", 100],
      ["flash", 50],
    ] as const)
      expect(jsonLines((await here.call("sample-subset", ["-s", name])).stdout)).toHaveLength(size);
  });

  test("a stratified draw keeps the shares, may be saved and drawn from", async () => {
    const draw = ["--size", "60", "--stratify", "conflict", "--save", "sixty"];
    const first = await here.call("sample-subset", draw);
    expect(first).toMatchObject({ code: 0 });
    expect((await here.call("sample-subset", draw)).stdout).toBe(first.stdout);
    expect((await here.call("sample-subset", ["-s", "sixty"])).stdout.split("\n").sort()).toEqual(
      first.stdout.split("\n").sort(),
    );
    const less = await here.call("sample-subset", ["--from-subset", "sixty", "--size", "5"]);
    expect(jsonLines(less.stdout)).toHaveLength(5);
    const other = await here.call("sample-subset", ["--size", "10", "--save", "sixty"]);
    expect(other).toMatchObject({ code: 2 });
  });

  test("merges all gold pairs as published, but for the report's six known errors", async () => {
    const run = await here.call("run-pair", ["-n", "gold", "-a", "gold", "--json"]);
    expect({ code: run.code, lines: jsonLines(run.stdout).length }).toEqual({
      code: 0,
      lines: 652,
    });
    const merged = await here.call("merge", ["-n", "gold", "--json"]);
    expect(merged.stdout.match(/"merge_status":"conflicts"/g)).toHaveLength(505);
    expect(merged.stdout.match(/"merge_status":"clean"/g)).toHaveLength(147);
    const published = publishedConflicts(join(source, "gold_conflict_report.json"));
    const different = jsonLines(merged.stdout).filter(
      ({ key, merge_status }) =>
        published.get(String(key).replace("gold/", "")) !== (merge_status === "conflicts"),
    );
    expect(different).toHaveLength(KNOWN_ERRORS);
    for (const { key } of different)
      expect(String(key)).toMatch(/^gold\/react_hook_form_task\/task85\/features_[2-5]_[2-5]$/);
    const again = await here.call("merge", ["-n", "gold"]);
    expect(again.stderr).toContain("0 merged, 652 merged before");
  });

  test("flash goes through the pipe into a report of 50 pairs", async () => {
    const sample = await here.call("sample-subset", ["-s", "flash"]);
    const run = await here.call("run-pair", ["-n", "g2", "-a", "gold", "-"], {
      stdin: sample.stdout,
    });
    const merged = await here.call("merge", ["-"], { stdin: run.stdout });
    for (const { stdout } of [sample, run, merged]) expect(jsonLines(stdout)).toHaveLength(50);
    const report = await here.call("report", ["-", "--format", "md"], { stdin: merged.stdout });
    expect(report.stdout).toMatch(/\| g2 +\| coop +\| gold +\| +50 +\|/);
  });

  test.each([
    ["2", 652, 505],
    ["3", 1409, 1294],
    ["4", 2219, 2151],
  ])(
    "the gold patches of all groups of %s: %d, of which %d conflict",
    async (size, of, conflicts) => {
      const { stdout } = await here.call("sample-subset", ["--group", size, "--gold", "--json"]);
      expect(jsonLines(stdout)).toHaveLength(of);
      expect(stdout.match(/"gold_naive":"conflicts"/g)).toHaveLength(conflicts);
    },
  );

  test("a subset of triples is drawn, saved, run, merged three ways and reported", async () => {
    const draw = ["--group", "3", "--size", "12", "--stratify", "conflict", "--save", "twelve"];
    expect(await here.call("sample-subset", draw)).toMatchObject({ code: 0 });
    const saved: unknown = JSON.parse(readFileSync(here.at("dataset/subsets/twelve.json"), "utf8"));
    expect(saved).toMatchObject({ stats: { groups: 12, group_size: 3 } });
    const gold = await here.call("sample-subset", ["-s", "twelve", "--gold"]);
    await here.call("run-pair", ["-n", "triples", "-a", "gold", "-s", "twelve"]);
    const merged = await here.call("merge", ["-n", "triples", "-s", "twelve"]);
    const told = jsonLines(merged.stdout).map(({ key, merge_status }) => [key, merge_status]);
    expect(told.sort()).toEqual(
      jsonLines(gold.stdout)
        .map(({ key, gold_naive }) => [`triples/${key}`, gold_naive])
        .sort(),
    );
    const report = await here.call("report", ["-s", "twelve", "--parts", "runs,conflict"]);
    expect(report.stdout).toContain('"pairs":12');
  });

  const refusals: [args: string[], says: string][] = [
    [["-r", "nosuch_task"], 'unknown repo "nosuch_task"'],
    [["-t", "999"], 'unknown task "999"'],
    [["-f", "1,99"], 'unknown feature "99"'],
    [["-r", "openai_tiktoken_task", "-t", "1"], 'unknown task "1" (there is 0)'],
  ];
  test.each(refusals)("run-pair %p is a usage error", async (args, says) => {
    const { code, stderr } = await here.call("run-pair", ["-a", "gold", ...args]);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  test("task 0 is a filter, not the absence of one", async () => {
    const { stdout } = await here.call("sample-subset", ["-t", "0"]);
    expect(jsonLines(stdout)).toHaveLength(45);
  });

  test("a subset that names a missing feature is a usage error", async () => {
    const subset = {
      name: "bad",
      description: "",
      stats: { tasks: 1, pairs: 1, repos: 1 },
      tasks: [{ repo: "go_chi_task", task_id: 26, pairs: [[1, 77]] }],
    };
    writeFileSync(here.at("dataset/subsets/bad.json"), JSON.stringify(subset));
    const { code, stderr } = await here.call("run-pair", ["-a", "gold", "-s", "bad"]);
    expect({ code, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toContain("77");
  });

  test("a truncated gold patch is named when indexed, and does not apply when merged", async () => {
    using damaged = place();
    cpSync(join(source, "go_chi_task/task26"), damaged.at("source/go_chi_task/task26"), {
      recursive: true,
    });
    const path = damaged.at("source/go_chi_task/task26/feature1/feature.patch");
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.length - 100));
    const fetched = await damaged.call("fetch-dataset", ["--from", damaged.at("source")]);
    expect(fetched.code).toBe(0);
    expect(fetched.stderr).toContain("feature1/feature.patch");
    await damaged.call("run-pair", ["-n", "x", "-a", "gold", "-f", "1,2"]);
    const merged = await damaged.call("merge", ["-n", "x"]);
    expect(jsonLines(merged.stdout)[0]).toMatchObject({ merge_status: "apply_failed" });
  });
});

const conflictReport = z.object({
  all_results: z.array(
    z.object({
      repo: z.string(),
      task_id: z.number(),
      f1: z.number(),
      f2: z.number(),
      has_conflict: z.boolean(),
    }),
  ),
});

function publishedConflicts(path: string): Map<string, boolean> {
  const { all_results: results } = conflictReport.parse(JSON.parse(readFileSync(path, "utf8")));
  return new Map(
    results.map((row) => [
      `${row.repo}/task${row.task_id}/features_${row.f1}_${row.f2}`,
      row.has_conflict,
    ]),
  );
}
