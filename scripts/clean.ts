// Owns the door to clearing away what dead processes left.
import { PLACE_ARGS, WORK_ARGS } from "../lib/cli/args.ts";
import { COMMON_ARGS, defineStep, main } from "../lib/cli/step.ts";

export const clean = defineStep({
  name: "clean",
  summary:
    "Remove containers, volumes, networks, half-made images, scratch folders and half-written files whose owners are gone",
  args: {
    all: {
      type: "boolean",
      description: "also what running processes use in the engine: it fails under them",
    },
    backend: {
      type: "string",
      description: "look into this backend alone, beside the folders (default: all)",
      valueHint: "backend",
    },
    "dry-run": WORK_ARGS["dry-run"],
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, out, signal }) {
    const { clearAway } = await import("../lib/cli/clean.ts");
    return await clearAway({
      ...{ out, signal, log_dir: args["log-dir"], backend: args.backend },
      all: args.all === true,
      dry_run: args["dry-run"] === true,
    });
  },
});

if (import.meta.main) await main(clean);
