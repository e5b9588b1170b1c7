// Owns clearing away what dead processes left: containers, volumes and networks of an engine, scratch folders and files of this machine.
import { join } from "node:path";
import { PLACE_ARGS, WORK_ARGS } from "../lib/cli/args.ts";
import type { Output } from "../lib/cli/output.ts";
import { COMMON_ARGS, defineStep, faultLine, main } from "../lib/cli/step.ts";
import { asFault, Fault } from "../lib/core/fault.ts";
import type { Leftover } from "../lib/sandbox/docker/reap.ts";

export const clean = defineStep({
  name: "clean",
  summary:
    "Remove containers, volumes, networks, half-made images, scratch folders and half-written files whose owners are gone",
  args: {
    all: {
      type: "boolean",
      description: "also what running processes use in the engine: it fails under them",
    },
    "dry-run": WORK_ARGS["dry-run"],
    "log-dir": PLACE_ARGS["log-dir"],
    ...COMMON_ARGS,
  },
  async run({ args, out, signal }) {
    const { removeFolder } = await import("../lib/core/files.ts");
    const { findLeftFiles, findLeftFolders } = await import(
      "../lib/sandbox/docker/left-folders.ts"
    );
    const { openEngine } = await import("../lib/sandbox/docker/engine.ts");
    const { removeLeftover } = await import("../lib/sandbox/docker/reap.ts");
    const { removeName } = await import("../lib/sandbox/docker/warm-image.ts");
    const engine = openEngine();
    const roots = [args["log-dir"], join(args["log-dir"], ".cache")];
    const { leftovers, faults } = await inEngine(engine, { all: args.all === true, out });
    const found = [...leftovers, ...findLeftFolders(roots), ...findLeftFiles(args["log-dir"])];
    const count = { removed: 0, faults };
    for (const left of found) {
      if (signal.aborted) break;
      try {
        if (args["dry-run"] !== true) {
          if (left.kind === "folder" || left.kind === "file") removeFolder(left.id);
          else if (left.kind === "image") await removeName(engine, left.id);
          else await removeLeftover(engine, left);
        }
        count.removed++;
        const { kind, id, key, owner, reason } = left;
        out.emit({ kind, id, key, owner, reason });
      } catch (error) {
        count.faults++;
        out.warn(`${left.kind} ${left.id}: ${faultLine(asFault(error))}`);
      }
    }
    out.say(`${count.removed} ${args["dry-run"] === true ? "would be removed" : "removed"}`);
    return count.faults;
  },
});

/** A warm image that was being made when its maker was killed. */
type HalfMade = Record<"key" | "owner" | "reason" | "id", string> & { readonly kind: "image" };

function halfMade(id: string): HalfMade {
  return { kind: "image", id, key: id, owner: "", reason: "half made, owner gone" };
}

type Engine = ReturnType<typeof import("../lib/sandbox/docker/engine.ts").openEngine>;

/** What is left in the engine. Who never named an engine and has none running has nothing to clear there. */
async function inEngine(
  engine: Engine,
  { all, out }: { all: boolean; out: Output },
): Promise<{ leftovers: (Leftover | HalfMade)[]; faults: number }> {
  const { findLeftovers, findUnused } = await import("../lib/sandbox/docker/reap.ts");
  const { findUnfinished } = await import("../lib/sandbox/docker/warm-image.ts");
  try {
    const images = (await findUnfinished(engine)).map(halfMade);
    const left = await findLeftovers(engine, { all });
    const unused = (await findUnused(engine)).filter(
      ({ id }) => !left.some((one) => one.id === id),
    );
    return { leftovers: [...left, ...unused, ...images], faults: 0 };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "engine_gone") throw error;
    if (process.env.DOCKER_HOST === undefined) {
      out.say("no container engine answers: only folders are looked at");
      return { leftovers: [], faults: 0 };
    }
    out.warn(faultLine(error));
    return { leftovers: [], faults: 1 };
  }
}

if (import.meta.main) await main(clean);
