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
  summary: "Run targets with everything they need: dataset, sample, run, merge, eval, report",
  words: `One target: ${TARGETS.join(", ")} (report when none is given); with -f STUDY.toml, names of its arms may follow.`,
  drains: true,
  reads: plansDry,
  args: PIPELINE_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/pipeline.ts")).run(call, PARTS),
});

if (import.meta.main) await main(pipeline);
