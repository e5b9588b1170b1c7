// Owns how the file of a custom agent, or of an agent program, travels: by its hash, a module with what it imports.
import { readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { z } from "zod";
import { isAgentFile } from "../agent/registry.ts";
import { errorMessage, Fault } from "../core/fault.ts";
import type { Site } from "./errand.ts";
import { bundleFolder } from "./kept.ts";
import type { Outgoing } from "./outgoing.ts";
import { hash } from "./task.ts";

/** The name of the file, and the hash of the bundle that holds it. */
export const carriedAgent = z.object({ name: z.string().regex(/^[^/]+$/), files: hash });
export type CarriedAgent = z.infer<typeof carriedAgent>;

/** What the module may import wherever it is: the runtime's own, and Tandem. */
const THERE = ["node:*", "bun:*", "bun", "tandem", "tandem/*"];
const isThere = (path: string) => /^(?:node:|bun:|bun$|tandem(?:\/|$))/.test(path);

/** Null for an agent that goes by a name. Throws Fault `agent_failed` for a module that cannot be put into one file. */
export async function carryAgent(agent: string, outgoing: Outgoing): Promise<CarriedAgent | null> {
  if (!isAgentFile(agent)) return null;
  const file = await oneFile(agent);
  const files = outgoing.addFiles(agent, [{ path: file.name, bytes: file.bytes }]);
  return { name: file.name, files };
}

/** Absolute path of the file at the performer. */
export async function agentHere(site: Site, { name, files }: CarriedAgent): Promise<string> {
  return join(await bundleFolder(site, files), name);
}

async function oneFile(
  path: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const bytes = readFileSync(path);
  const name = basename(path);
  if (!/\.[cm]?[jt]sx?$/.test(name)) return { name, bytes };
  const loader = /\.[cm]?ts$/.test(name) ? "ts" : "tsx";
  const imported = new Bun.Transpiler({ loader }).scanImports(bytes.toString("utf8"));
  if (imported.every((one) => isThere(one.path))) return { name, bytes };
  const built = `${basename(name, extname(name))}.js`;
  return { name: built, bytes: Buffer.from(await builtText(path)) };
}

async function builtText(path: string): Promise<string> {
  try {
    const built = await Bun.build({ entrypoints: [path], target: "bun", external: THERE });
    const [output] = built.outputs;
    if (output !== undefined) return await output.text();
    throw new RangeError("nothing was built");
  } catch (cause) {
    const words = cause instanceof AggregateError ? String(cause.errors[0]) : errorMessage(cause);
    throw new Fault("agent_failed", `the agent ${path} cannot be sent to workers: ${words}`, {
      hint: "what it imports must be files and packages that can be put into one file",
      cause,
    });
  }
}
