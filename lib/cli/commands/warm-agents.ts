// Owns the work of `warm-agents`: installs agent programs before they are needed.
import { resolve } from "node:path";
import { LIBCS } from "../../agent/installed/program.ts";
import { programNamed, SHIPPED, shippedProgram } from "../../agent/installed/shipped.ts";
import { AGENTS, agentName } from "../../agent/registry.ts";
import { asFault, UsageError } from "../../core/fault.ts";
import { unknownName } from "../../core/nearest.ts";
import type { Platform } from "../../sandbox/sandbox.ts";
import type { WARM_AGENTS_FLAGS } from "../flags/warm-agents.ts";
import type { CommandContext } from "../step.ts";
import { faultLine } from "../step.ts";

/** Does the work; returns the number of programs that could not be installed. */
export async function run({
  args,
  words,
  out,
  signal,
}: CommandContext<typeof WARM_AGENTS_FLAGS>): Promise<number> {
  const { installedHere } = await import("../../attempt/programs.ts");
  const names = words.length === 0 ? SHIPPED : words.map(programName);
  const platform = await platformOf(args);
  const cache_dir = resolve(args["log-dir"], ".cache");
  let faults = 0;
  for (const name of names) {
    const program = Object.hasOwn(AGENTS, name) ? shippedProgram(name) : programNamed(name);
    const of = { agent: name, version: program.version, libc: platform.libc };
    try {
      const made = await installedHere({ program, platform, cache_dir, signal, say: out.say });
      out.emit({
        ...of,
        packages: made?.packages ?? [],
        sha256: made?.sha256 ?? "",
        path: made?.path ?? "",
      });
    } catch (error) {
      signal.throwIfAborted();
      const fault = asFault(error);
      faults++;
      out.warn(`${name}: ${faultLine(fault)}`);
      out.emit({ ...of, fault: fault.code, message: fault.message });
    }
  }
  return faults;
}

function programName(word: string): string {
  const name = agentName(word);
  if (SHIPPED.includes(name) || !Object.hasOwn(AGENTS, name)) return name;
  throw new UsageError(`${name} is not an agent program: there is nothing to install for it`);
}

async function platformOf(given: {
  libc?: string | undefined;
  python?: string | undefined;
}): Promise<Platform> {
  const { hostPlatform } = await import("../../sandbox/local/platform.ts");
  const own = hostPlatform();
  const libc = LIBCS.find((known) => known === (given.libc ?? own.libc));
  if (libc === undefined) throw new UsageError(unknownName("libc", given.libc ?? "", LIBCS));
  return { libc, python: given.python === undefined ? own.python : pythonIn(given.python) };
}

function pythonIn(word: string): string | undefined {
  if (word === "none") return undefined;
  if (/^3\.\d+$/.test(word)) return word;
  throw new UsageError(`--python is a version such as 3.11, or none, not "${word}"`);
}
