// Owns the door `demo`.
import { DEMO_FLAGS } from "../lib/cli/flags/demo.ts";
import { defineCommand, main, partOf } from "../lib/cli/step.ts";
import { evaluate } from "./eval.ts";
import { merge } from "./merge.ts";
import { report } from "./report.ts";
import { runPair } from "./run-pair.ts";

const PARTS = {
  run: partOf(runPair),
  merge: partOf(merge),
  eval: partOf(evaluate),
  report: partOf(report),
};

export const demo = defineCommand({
  name: "demo",
  summary: "See it all: recorded agents, no key, no Docker, no network",
  about:
    "Run recorded agents alone, in pairs, over git and in threes, up to a finding: no key, no Docker, no network",
  examples: {
    "tandem demo": "Run it: half a minute, with a finding at the end",
    "tandem demo --json | jq .runs": "The whole report, for programs",
  },
  args: DEMO_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/demo.ts")).run(call, PARTS),
});

if (import.meta.main) await main(demo);
