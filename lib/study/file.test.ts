import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { temporaryFolder } from "../core/testing.ts";
import { armRequest, loadStudy, parseStudy } from "./file.ts";

const FULL = `name = "first"
description = "Does talking help?"

[dataset]
hub = "owner/name"
revision = "0123456"
dir = "data"

[pairs]
subset = "lite"
repo = "go_chi_task"
task = 0
features = [2, 1]
limit = 5
sample = { size = 20, seed = 7, stratify = "repo" }

[defaults]
model = "anthropic/some-model"
agent_config = "agent.yaml"
git = true
max_steps = 50
max_cost_usd = "none"
prices = "../prices.json"

[arms.coop]
tries = 3
max_wall_s = 60.5
command_timeout_s = 30

[arms.solo]
setting = "solo"
max_cost_usd = 2

[arms.gold]
agent = "gold"

[arms.again]
replay = "first-coop"

[arms.own]
agent = "./my-agent.ts"
model = "replay/demo"

[budget]
usd = 500

[sandbox]
backend = "docker"
memory_mib = 2048
network = "none"

[concurrency]
pairs = 8
suites = 2

[retries]
faults = 4
wait_s = 1.5

[messages]
redis = "auto"

[evaluation]
policies = ["naive", "union"]
timeout_s = 300
premerge = false

[[reports]]
path = "out/report.md"
parts = ["runs"]

[[reports]]
path = "site/"
policy = "union"
`;

const read = (text: string, sets: readonly string[] = []) =>
  parseStudy(text, { path: "/studies/a/study.toml", sets });
const armOf = (text: string, name: string) => {
  const arm = read(text).arms.find((one) => one.name === name);
  if (arm === undefined) throw new Error(`no arm ${name}`);
  return arm;
};

describe("a full study", () => {
  const study = read(FULL);

  test("has every section resolved", () => {
    expect(study).toMatchObject({
      name: "first",
      path: "/studies/a/study.toml",
      dataset: { hub: "owner/name", revision: "0123456", dir: "/studies/a/data" },
      budget_usd: 500,
      concurrency: { pairs: 8, suites: 2 },
      retries: { faults: 4, wait_ms: 1500 },
      redis: "auto",
      evaluation: { policies: ["naive", "union"], timeout_ms: 300_000, premerge: false },
    });
    expect(study.pairs).toEqual({
      subset: "lite",
      repo: "go_chi_task",
      task_id: 0,
      features: [1, 2],
      limit: 5,
      sample: { size: 20, seed: 7, stratify: "repo" },
    });
    expect(study.sandbox).toEqual({
      backend: "docker",
      unsafe_local: false,
      backend_options: { memory_mib: 2048, network: "none" },
    });
    expect(study.reports).toEqual([
      { path: "/studies/a/out/report.md", format: "md", policy: "union", parts: ["runs"] },
      { path: "/studies/a/site", format: "html", policy: "union", parts: undefined },
    ]);
  });

  const runs: [arm: string, run: string, tries: number, prices_file: string | undefined][] = [
    ["coop", "first-coop", 3, "/studies/prices.json"],
    ["solo", "first-solo", 1, "/studies/prices.json"],
    ["gold", "first-gold", 1, undefined],
    ["again", "first-again", 1, "/studies/prices.json"],
  ];
  test.each(runs)(
    "names arm %s's run, its tries and its prices",
    (name, run, tries, prices_file) => {
      const arm = armOf(FULL, name);
      expect([arm.run, arm.tries, arm.prices_file]).toEqual([run, tries, prices_file]);
    },
  );

  const requests: [arm: string, request: Record<string, unknown>][] = [
    [
      "coop",
      {
        model: "anthropic/some-model",
        agent_config: "/studies/a/agent.yaml",
        git: true,
        max_steps: 50,
        max_cost_usd: null,
        max_wall_ms: 60_500,
        command_timeout_ms: 30_000,
      },
    ],
    [
      "solo",
      {
        setting: "solo",
        model: "anthropic/some-model",
        agent_config: "/studies/a/agent.yaml",
        max_steps: 50,
        max_cost_usd: 2,
      },
    ],
    ["gold", { agent: "gold" }],
    ["again", { replay: "first-coop" }],
    [
      "own",
      {
        agent: "/studies/a/my-agent.ts",
        model: "replay/demo",
        agent_config: "/studies/a/agent.yaml",
        git: true,
        max_steps: 50,
        max_cost_usd: null,
      },
    ],
  ];
  test.each(requests)("asks of arm %s just what it says or can use", (name, wanted) => {
    expect<Record<string, unknown>>(armRequest(armOf(FULL, name))).toEqual(wanted);
  });
});

test("the smallest study has sensible defaults", () => {
  expect(read('name = "x"\n[arms.gold]\nagent = "gold"\n')).toMatchObject({
    budget_usd: null,
    sandbox: { backend: "local", unsafe_local: false, backend_options: {} },
    concurrency: { pairs: 20 },
    retries: { faults: 2, wait_ms: 5000 },
    evaluation: { policies: ["union"], timeout_ms: 600_000, premerge: true },
    reports: [],
    arms: [{ name: "gold", run: "x-gold", tries: 1 }],
  });
});

describe("reading the file", () => {
  const cases: [what: string, make: (path: string) => void, words: RegExp][] = [
    ["missing", () => undefined, /^there is no study .*study\.toml: `tandem init` writes one$/],
    ["a folder", (path) => mkdirSync(path), /is not a study: it is a folder$/],
    ["not UTF-8", (path) => writeFileSync(path, Uint8Array.of(0xc3, 0x28)), /it is not UTF-8$/],
    ["too large", (path) => writeFileSync(path, "#".repeat(1024 * 1024 + 1)), /larger than 1 MiB$/],
    ["empty", (path) => writeFileSync(path, ""), /study\.toml:1: name is missing \(and 1 more\)$/],
  ];
  test.each(cases)("%s", (_, make, words) => {
    using folder = temporaryFolder();
    const path = join(folder.path, "study.toml");
    make(path);
    expect(() => loadStudy(path)).toThrow(UsageError);
    expect(() => loadStudy(path)).toThrow(words);
  });

  test("and its paths are relative to its folder, a byte order mark is none of its text", () => {
    using folder = temporaryFolder();
    const path = join(folder.path, "study.toml");
    writeFileSync(path, `\uFEFF${FULL}`);
    expect(loadStudy(path, ["name=other"])).toMatchObject({
      name: "other",
      dataset: { dir: join(folder.path, "data") },
    });
  });
});

test("a file that is missing is named with one that is near", () => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, "first.toml"), "");
  writeFileSync(join(folder.path, "frist.md"), "");
  const path = join(folder.path, "frist.toml");
  expect(() => loadStudy(path)).toThrow(`did you mean ${join(folder.path, "first.toml")}?`);
});
