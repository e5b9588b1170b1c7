// Owns the door `pipeline`.
import { PIPELINE_FLAGS } from "../lib/cli/flags/pipeline.ts";
import { defineCommand, main, partOf, plansDry } from "../lib/cli/step.ts";
import { TARGETS } from "../lib/cli/targets.ts";
import { evaluate } from "./eval.ts";
import { fetchDataset } from "./fetch-dataset.ts";
import { merge } from "./merge.ts";
import { report } from "./report.ts";
import { runPair } from "./run-pair.ts";
import { sampleSubset } from "./sample-subset.ts";

const PARTS = {
  dataset: partOf(fetchDataset),
  sample: partOf(sampleSubset),
  run: partOf(runPair),
  merge: partOf(merge),
  eval: partOf(evaluate),
  report: partOf(report),
};

export const pipeline = defineCommand({
  name: "pipeline",
  summary: "Run a study, or one target with everything it needs",
  drains: true,
  reads: plansDry,
  words: {
    usage: "[TARGET] [ARM]...",
    meaning: `one target: ${TARGETS.join(", ")} (default: report); with a study, names of its arms may follow`,
    complete: TARGETS,
  },
  examples: {
    "tandem pipeline -f study.toml --dry-run": "See what a study would do, and what it would cost",
    "tandem pipeline -f study.toml": "Do it; the same command continues after an interruption",
  },
  args: PIPELINE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/pipeline.ts")).run(call, PARTS),
});

if (import.meta.main) await main(pipeline);
