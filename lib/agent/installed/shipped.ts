// Owns which agent programs there are: those that ship in `programs/`, files of one's own, and commands that speak ACP.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { type Program, programFields, readProgram } from "./program.ts";

const FOLDER = join(import.meta.dir, "programs");
/** Of the files of programs. */
export const PROGRAM_ENDING = ".toml";

/** Names of the shipped programs. */
export const SHIPPED: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(PROGRAM_ENDING))
  .map((file) => file.slice(0, -PROGRAM_ENDING.length))
  .sort();

export function shippedProgram(name: string): Program {
  return readProgram(join(FOLDER, `${name}${PROGRAM_ENDING}`));
}

/** What precedes the command of an agent that speaks the Agent Client Protocol. */
export const ACP = "acp:";

/** Whether the name of an agent leads to a program that does not ship: a file, or a command that speaks ACP. */
export function isProgramName(name: string): boolean {
  return name.startsWith(ACP) || name.endsWith(PROGRAM_ENDING);
}

/**
 * The program of a file, or of `acp:<command>`: where the command's first word is a shipped program's, it is installed and
 * configured as that; else the sandbox has to have it. Throws UsageError.
 */
export function programNamed(name: string): Program {
  if (!name.startsWith(ACP)) return readProgram(name);
  const [first = "", ...words] = name.slice(ACP.length).trim().split(/\s+/);
  if (first === "")
    throw new UsageError(
      `${ACP} needs a command that speaks the Agent Client Protocol: ${ACP}COMMAND ARGUMENTS`,
    );
  const rest = words.join(" ");
  const known = SHIPPED.map(shippedProgram).find(({ acp_name }) => acp_name === first);
  const { command: _none, ...base } = known ?? OF_THE_IMAGE;
  const bin = `${known?.bin ?? first} ${rest}`.trim();
  return { ...base, bin, name, sha256: sha256(`${base.sha256} ${bin}`) };
}

/** A command that the image has: nothing is installed, and nothing is written for it. */
const OF_THE_IMAGE: Program = {
  ...programFields({
    means: "a command of the image that speaks the Agent Client Protocol",
    version: "as the image has it",
    wire: "chat",
    bin: "",
  }),
  ...{ name: "", sha256: "" },
};
