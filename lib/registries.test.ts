import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(import.meta.dir, "..");
/** Programs for development are tools of one backend or model each, and say so. */
const APART = /(?:\.(?:test|fixture)\.ts$)|^scripts\/dev\/|^lib\/core\/testing\.ts$/;
const sources = ["lib", "scripts", "db"]
  .flatMap((area) => readdirSync(join(ROOT, area), { recursive: true, withFileTypes: true }))
  .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
  .filter((path) => path.endsWith(".ts") && !APART.test(path))
  .map((path) => ({ path, text: codeOf(readFileSync(join(ROOT, path), "utf8")) }));

/** The text without its comments. */
function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
}

/** The registry's rows beside the member's own file. */
const BACKENDS = "lib/sandbox/registry.ts";
const LAUNCHERS = "lib/launch/registry.ts";
const PROVIDERS = ["lib/core/providers.ts", "lib/model/provider/registry.ts"];
const AGENTS = "lib/agent/registry.ts";
/** The ledger's types and defaults need the names as literals. */
const WORDS = "lib/core/vocabulary.ts";
const FORMATS = "lib/eval/formats/registry.ts";
const POLICIES = [WORDS, "lib/eval/policies/registry.ts"];

type Member = [member: string, named: RegExp, may: string[]];
/** What names a member as a value, as a key or by its file, and who may: a file, or a folder that ends with a slash. */
const MEMBERS: Member[] = [
  ["backend local", /backend\w* [!=]== "local"|\/local\/backend\.ts/, [BACKENDS]],
  [
    "backend docker",
    /["'`]docker["'`]|\/docker\/(?:backend|docker|options)\.ts/,
    [BACKENDS, "lib/sandbox/docker/"],
  ],
  [
    "provider anthropic",
    /["'`]anthropic["'`]|\banthropic:|\/anthropic\.ts/,
    [...PROVIDERS, "lib/model/provider/anthropic.ts"],
  ],
  [
    "provider openai",
    /["'`]openai["'`]|\bopenai:|\/openai\.ts/,
    [...PROVIDERS, "lib/model/provider/openai.ts"],
  ],
  [
    "provider google",
    /["'`]google["'`]|\bgoogle:|\/google\.ts/,
    [...PROVIDERS, "lib/model/provider/google.ts"],
  ],
  [
    "provider openrouter",
    /["'`]openrouter["'`]|\bopenrouter:|\/openrouter\.ts/,
    [...PROVIDERS, "lib/model/provider/openrouter.ts"],
  ],
  [
    "provider openai-compatible",
    /["'`]openai-compatible["'`]|\/compatible\.ts/,
    [...PROVIDERS, "lib/model/provider/compatible.ts"],
  ],
  [
    "launcher slurm",
    /["'`]slurm["'`]|\/slurm\/(?:launcher|options)\.ts/,
    [LAUNCHERS, "lib/launch/slurm/"],
  ],
  ["launcher ssh", /\/ssh\/(?:launcher|options)\.ts/, [LAUNCHERS, "lib/launch/ssh/"]],
  [
    "launcher kubernetes",
    /["'`]kubernetes["'`]|\/kubernetes\/(?:launcher|options)\.ts/,
    [LAUNCHERS, "lib/launch/kubernetes/"],
  ],
  ["agent mini", /["'`]mini["'`]|\bmini:|\/mini\.ts/, [AGENTS, WORDS, "lib/agent/mini.ts"]],
  ["agent gold", /agent\w* (?:[!=]==|=) "gold"/i, ["lib/core/gold.ts"]],
  ["agent null", /agent\w* [!=]== "null"|\/null\.ts/, [AGENTS, "lib/agent/null.ts"]],
  [
    "format jest",
    /framework\w* [!=]== "jest"|\bjest:|\/jest\.ts/,
    [FORMATS, "lib/eval/formats/jest.ts"],
  ],
  [
    "format pytest",
    /framework\w* [!=]== "pytest"|\bpytest:|\/pytest\.ts/,
    [FORMATS, "lib/eval/formats/pytest.ts"],
  ],
  [
    "policy agent1",
    /polic\w*\W{1,6}["'`]agent1["'`]|byAttempt\(["'`]agent1|\bagent1:|\| "agent1"/,
    [...POLICIES, "lib/eval/policies/agent1.ts"],
  ],
  [
    "era 0.0.14",
    /["'`]0\.0\.14["'`]|\/era-0-0-14\.ts/,
    [...POLICIES, "lib/eval/policies/era-0-0-14.ts"],
  ],
  [
    "era 0.0.29",
    /["'`]0\.0\.29["'`]|\/era-0-0-29\.ts/,
    [...POLICIES, "lib/eval/policies/era-0-0-29.ts"],
  ],
];

describe("named in its own file and its row alone", () => {
  test.each(MEMBERS)("%s", (_member, named, may) => {
    const isOwn = (path: string) =>
      may.some((own) => (own.endsWith("/") ? path.startsWith(own) : path === own));
    expect(may.filter((own) => !sources.some(({ path }) => path.startsWith(own)))).toEqual([]);
    expect(sources.some(({ path, text }) => isOwn(path) && named.test(text))).toBe(true);
    const offenders = sources.filter(({ path, text }) => !isOwn(path) && named.test(text));
    expect(offenders.map(({ path, text }) => `${path}: ${named.exec(text)?.[0]}`)).toEqual([]);
  });
});
