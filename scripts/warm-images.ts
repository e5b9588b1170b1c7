// Owns the door `warm-images`.
import { WARM_IMAGES_FLAGS } from "../lib/cli/flags/warm-images.ts";
import { defineCommand, main, plansDry } from "../lib/cli/step.ts";

export const warmImages = defineCommand({
  name: "warm-images",
  summary: "Make images on which suites need no network",
  about:
    "Make local images with everything suites download, and report whether gold patches pass on them without network",
  reads: plansDry,
  drains: true,
  examples: {
    "tandem warm-images -r go_chi_task": "Warm the images of one repository",
  },
  args: WARM_IMAGES_FLAGS,
  run: async (call) => await (await import("../lib/cli/commands/warm-images.ts")).run(call),
});

if (import.meta.main) await main(warmImages);
