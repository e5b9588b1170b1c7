// Owns the work of `clean`: clearing away what dead processes left: containers, volumes and networks of an engine, scratch folders and files of this machine.

import { join } from "node:path";
import { asFault, Fault } from "../../core/fault.ts";
import type { Leftover } from "../../sandbox/docker/reap.ts";
import type { CLEAN_FLAGS } from "../flags/clean.ts";
import type { Output } from "../output.ts";
import type { StepContext } from "../step.ts";
import { faultLine } from "../step.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({ args, out, signal }: StepContext<typeof CLEAN_FLAGS>): Promise<number> {
  const { removeFolder } = await import("../../core/files.ts");
  const { findLeftFiles, findLeftFolders } = await import("../../sandbox/docker/left-folders.ts");
  const { openEngine } = await import("../../sandbox/docker/engine.ts");
  const { removeLeftover } = await import("../../sandbox/docker/reap.ts");
  const { removeName } = await import("../../sandbox/docker/warm-image.ts");
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
}

/** A warm image that was being made when its maker was killed. */
type HalfMade = Record<"key" | "owner" | "reason" | "id", string> & { readonly kind: "image" };

function halfMade(id: string): HalfMade {
  return { kind: "image", id, key: id, owner: "", reason: "half made, owner gone" };
}

type Engine = ReturnType<typeof import("../../sandbox/docker/engine.ts").openEngine>;

/** What is left in the engine. Who never named an engine and has none running has nothing to clear there. */
async function inEngine(
  engine: Engine,
  { all, out }: { all: boolean; out: Output },
): Promise<{ leftovers: (Leftover | HalfMade)[]; faults: number }> {
  const { findLeftovers, findUnused } = await import("../../sandbox/docker/reap.ts");
  const { findUnfinished } = await import("../../sandbox/docker/warm-image.ts");
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
