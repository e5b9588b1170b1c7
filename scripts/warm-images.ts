// Owns the door `warm-images`.
import { WARM_IMAGES_FLAGS } from "../lib/cli/flags/warm-images.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const warmImages = defineCommand({
  name: "warm-images",
  summary:
    "Make local images with everything suites download, and report whether gold passes on them without network",
  reads: plansDry,
  drains: true,
  args: WARM_IMAGES_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/warm-images.ts")).run(call),
});

if (import.meta.main) await main(warmImages);
