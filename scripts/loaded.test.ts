import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { bubblewrapWorks } from "../lib/sandbox/local/isolation.ts";
import { place } from "./cli.fixture.ts";

setDefaultTimeout(120_000);

const ROOT = join(import.meta.dir, "..");
const here = place();
afterAll(() => here[Symbol.dispose]());
const LOCAL = bubblewrapWorks() ? [] : ["--unsafe-local"];

/** The files that have one row each in a registry, and packages of their own. */
const MEMBERS =
  /^lib\/(?:model\/provider\/(?:anthropic|openai|google|openrouter|compatible|chat)|sandbox\/(?:local|docker)\/backend|agent\/(?:mini|gold|null|module)|eval\/formats\/(?:pytest|unittest|gotest-json|cargo|nextest|jest|vitest|buntest|nodetest|mocha))\.ts$|(?:^|\/)node_modules\/(?:@ai-sdk\/[^/]+|dockerode|ioredis)\//;

/** What a call has loaded of these; a package as its name. */
async function loadedBy(script: string, args: readonly string[]): Promise<string[]> {
  const file = here.at("loaded");
  rmSync(file, { force: true });
  const preload = join(import.meta.dir, "loaded.fixture.ts");
  const env = { BUN_OPTIONS: `--preload=${preload}`, TANDEM_LOADED: file };
  const { code, stderr } = await here.apart(script, args, { env });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  if (!existsSync(file)) throw new Error("the process did not tell what it loaded");
  const paths = readFileSync(file, "utf8").split("\n").filter(Boolean);
  expect(paths.length).toBeGreaterThan(5);
  const found = paths.map((path) => MEMBERS.exec(relative(ROOT, path))?.[0] ?? "");
  return [...new Set(found)].filter(Boolean).sort();
}

const MINI = ["-n", "first", "-m", "replay/demo", "-r", "demo_task", "-f", "1,2", ...LOCAL];
const CALLS: [script: string, args: readonly string[], loaded: string[]][] = [
  ["run-pair", ["--help"], []],
  ["run-pair", MINI, ["lib/agent/mini.ts", "lib/sandbox/local/backend.ts"]],
  [
    "run-pair",
    ["-n", "gold", "-a", "gold", "-r", "demo_task", "-f", "1,2", ...LOCAL],
    ["lib/agent/gold.ts", "lib/sandbox/local/backend.ts"],
  ],
  [
    "eval",
    ["-n", "first", ...LOCAL],
    ["lib/eval/formats/buntest.ts", "lib/sandbox/local/backend.ts"],
  ],
  ["report", ["--json"], []],
  ["status", ["--json"], []],
  ["clean", ["--dry-run", "--backend", "local"], ["lib/sandbox/local/backend.ts"]],
];
test.each(CALLS)("%s %j loads %p", async (script, args, loaded) => {
  expect(await loadedBy(script, args)).toEqual(loaded);
});
