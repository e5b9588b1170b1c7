import { describe, expect, test } from "bun:test";
import { memoryLedger } from "../db/ledger.fixture.ts";
import { configHash } from "../lib/attempt/config.ts";
import { sandboxOptions, suiteOptions } from "../lib/cli/sandbox.ts";
import { argsOf, flagged, valuesOf } from "../lib/cli/settings.ts";
import { settingsDocument } from "../lib/config/document.ts";
import { changedSettings, frozenDefaults } from "../lib/config/frozen.ts";
import type { Setting, Settings } from "../lib/config/setting.ts";
import { SETTINGS } from "../lib/config/settings.ts";
import { UsageError } from "../lib/core/fault.ts";
import { runConfig } from "../lib/stages/config.ts";
import { armRequest, parseStudy } from "../lib/study/file.ts";
import { studyJsonSchema } from "../lib/study/json-schema.ts";
import { frozenToday, hashToday, stored } from "./configurations.fixture.ts";

/** The row that a newcomer writes. */
const PATIENCE: Setting = {
  section: "arm",
  kind: { is: "seconds" },
  unit: "seconds",
  default: 30,
  needs: ["model"],
  flag: "patience",
  key: "patience_s",
  identity: "when changed",
  help: "time an agent waits before it asks again",
};
const WITH: Settings = { ...SETTINGS, patience_ms: PATIENCE };

/** And what uses it. */
const user = (config: object) => `waits ${"patience_ms" in config ? config.patience_ms : "?"} ms`;

describe("one more row", () => {
  const study = (lines: string) =>
    parseStudy(
      `name = "s"\n[defaults]\nmodel = "replay/demo"\n${lines}\n[arms.gold]\nagent = "gold"\n[arms.coop]\n`,
      { path: "study.toml", settings: WITH },
    );
  const frozen = async (lines: string, arm: number) => {
    using ledger = memoryLedger();
    const found = study(lines).arms[arm];
    if (found === undefined) throw new Error("no such arm");
    const request = armRequest(found, WITH);
    return await runConfig(request, { ledger, backend: "local", settings: WITH });
  };

  test("is a flag, with its help, read as the library wants it", () => {
    expect(argsOf(["patience_ms"], WITH)).toEqual({
      patience: {
        type: "string",
        group: "agents",
        description: "time an agent waits before it asks again, in seconds",
        choices: [],
        otherwise: "30",
        valueHint: "s",
      },
    });
    expect(valuesOf(["patience_ms"], { patience: "2.5" }, WITH)).toEqual({ patience_ms: 2500 });
    expect(valuesOf(["patience_ms"], {}, WITH)).toEqual({ patience_ms: undefined });
    expect(() => valuesOf(["patience_ms"], { patience: "x" }, WITH)).toThrow(
      '--patience takes a number above 0, not "x"',
    );
  });

  test("is a key of studies, of [defaults] for those who can use it, and of the JSON Schema", async () => {
    expect(study("patience_s = 5").arms).toMatchObject([
      { name: "gold", patience_ms: undefined },
      { name: "coop", patience_ms: 5000 },
    ]);
    expect(() => study("patience_s = 0")).toThrow(
      "study.toml:4: defaults.patience_s must be above 0, not 0",
    );
    const schema = JSON.stringify(studyJsonSchema(WITH));
    expect(schema.split('"patience_s"')).toHaveLength(3);
    expect(JSON.stringify(studyJsonSchema())).not.toContain("patience");
  });

  test("is in the frozen configuration, where its user finds it", async () => {
    expect(user(await frozen("patience_s = 5", 1))).toBe("waits 5000 ms");
    expect(user(await frozen("", 1))).toBe("waits 30000 ms");
    expect(frozenDefaults(WITH)).toMatchObject({ patience_ms: 30_000 });
  });

  test("is in the hash when it is changed, and leaves every earlier hash alone when not", async () => {
    const hashOf = async (lines: string) => configHash(await frozen(lines, 1), WITH);
    const [none, same, other] = await Promise.all([
      hashOf(""),
      hashOf("patience_s = 30"),
      hashOf("patience_s = 5"),
    ]);
    using ledger = memoryLedger();
    const asked = stored.frozen.filter(
      ({ flags }) => flags !== undefined && flags[0] !== "--replay",
    );
    expect(asked.length).toBeGreaterThan(30);
    for (const one of asked) {
      const config = { ...(await frozenToday(one, ledger)), patience_ms: 30_000 };
      expect(configHash(config, WITH)).toBe(hashToday(one));
    }
    expect(none).toBe(same);
    expect(other).not.toBe(same);
  });

  test("is told by plans when an arm changes it", async () => {
    const told = async (lines: string) =>
      changedSettings(await frozen(lines, 1), ["model"], WITH).join(", ");
    expect(await told("patience_s = 5\nmax_steps = 7")).toBe("max_steps 7, patience_s 5");
    expect(await told("")).toBe("");
  });

  test("is a row of the documents", () => {
    const row =
      "| `patience_s` | `--patience` | number above 0, seconds | `30` | model | yes | time an agent waits before it asks again |";
    expect(settingsDocument(WITH).split("\n")).toContain(row);
    expect(settingsDocument()).not.toContain("patience");
  });
});

describe("flags", () => {
  const names = flagged("arm");
  const CASES: [flags: Record<string, unknown>, values: Record<string, unknown>][] = [
    [{ "max-wall": "0.25" }, { max_wall_ms: 250 }],
    [{ "max-cost": "none" }, { max_cost_usd: null }],
    [{ "max-cost": "0.5" }, { max_cost_usd: 0.5 }],
    [{ messaging: true }, {}],
    [{ messaging: false }, { messaging: false }],
    [{ git: false }, {}],
    [{ git: true }, { git: true }],
    [{ setting: "solo" }, { setting: "solo" }],
    [
      { "agent-config": "a.toml", prices: "p.json" },
      { agent_config: "a.toml", prices_file: "p.json" },
    ],
  ];
  test.each(CASES)("%j", (flags, values) => {
    const said = Object.entries(valuesOf(names, flags)).filter(([, value]) => value !== undefined);
    expect<object>(Object.fromEntries(said)).toEqual(values);
  });

  const REFUSED: [flags: Record<string, string>, message: string][] = [
    [{ "max-steps": "0" }, '--max-steps takes a whole number of at least 1, not "0"'],
    [{ "max-cost": "free" }, '--max-cost takes a number above 0, not "free"'],
    [{ "max-wall": "1e10" }, '--max-wall takes a number of at most 2147483, not "1e10"'],
    [{ "max-wall": "-1" }, '--max-wall takes a number above 0, not "-1"'],
    [{ setting: "sol" }, 'unknown setting "sol": did you mean "solo"?'],
    [{ setting: "both" }, 'unknown setting "both" (there are coop, solo)'],
  ];
  test.each(REFUSED)("%j is refused", (flags, message) => {
    expect(() => valuesOf(names, flags)).toThrow(message);
  });
});

describe("flags of docker", () => {
  test("are read for docker, and what is not said is left out", () => {
    const flags = { backend: "docker", memory: "512", cpus: "0.5", network: "none", build: true };
    expect(sandboxOptions(flags)).toEqual({
      ...{ backend: "docker", unsafe_local: false },
      backend_options: { memory_mib: 512, cpus: 0.5, network: "none", build: true },
    });
    expect(sandboxOptions({}).backend_options).toEqual({});
  });

  const OF_DOCKER: [flag: string, value: string | boolean][] = [
    ["registry", "mine"],
    ["image-template", "{repo}:{task}"],
    ["build", true],
    ["keep-images", "3"],
    ["memory", "512"],
    ["cpus", "1"],
    ["pids", "100"],
    ["disk", "100"],
  ];
  test.each(["local", "docker"] as const)("S6: --network means the same in %s", (backend) => {
    for (const network of ["none", "gateway", "open"] as const)
      expect(sandboxOptions({ network }, backend).backend_options).toEqual({ network });
    expect(sandboxOptions({}, backend).backend_options).toEqual({});
    for (const network of ["gatewy", "nne", ""])
      expect(() => sandboxOptions({ network }, backend)).toThrow(UsageError);
  });
  test.each(OF_DOCKER)("--%s does nothing without docker, and is refused", (flag, value) => {
    expect(() => sandboxOptions({ [flag]: value })).toThrow(`--${flag} needs --backend docker`);
    expect(() => sandboxOptions({ backend: "docker", [flag]: value })).not.toThrow();
  });

  test("and of suites keep the limits that studies have", () => {
    expect(() => sandboxOptions({ backend: "docker", memory: "63" })).toThrow("at least 64");
    expect(() => sandboxOptions({ backend: "dokcer" })).toThrow('did you mean "docker"?');
    expect(suiteOptions({ timeout: "0.05", suites: "3", premerge: false })).toEqual({
      ...{ timeout_ms: 50, suites: 3, premerge: false },
    });
    expect(() => suiteOptions({ timeout: "1e7" })).toThrow("--timeout takes a number of at most");
  });
});
