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
  summary:
    "Run the demo: recorded agents alone, in pairs, over git and in threes, to a report: no key, no Docker, no network",
  args: DEMO_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/demo.ts")).run(call, PARTS),
});

if (import.meta.main) await main(demo);
