// Owns the door `worker`.
import { WORKER_FLAGS } from "../lib/cli/flags/worker.ts";
import { defineCommand, main } from "../lib/cli/step.ts";

export const worker = defineCommand({
  name: "worker",
  summary: "Do units of a study that runs on another machine",
  drains: true,
  examples: {
    "tandem worker --redis redis://:PASSWORD@HOST:6379 -c 4":
      "Take four units at a time of the study that keeps a queue there",
    "tandem worker --redis redis://HOST:6379 --drain":
      "Tell all workers of that queue to finish and end",
  },
  args: WORKER_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/worker.ts")).run(call),
});

if (import.meta.main) await main(worker);
