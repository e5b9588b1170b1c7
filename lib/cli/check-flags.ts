// Owns checking the flags of a command line against their declarations, before anything reads them.
import { UsageError } from "../core/fault.ts";
import { near } from "../core/nearest.ts";
import type { FlagsDef } from "./flag-forms.ts";

/** citty silently accepts unknown flags and missing values; here they are usage errors that name the nearest valid flag. */
export function checkFlags(args: FlagsDef, argv: readonly string[]): void {
  const flags = flagTable(args);
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? "";
    if (word === "--") return;
    if (!word.startsWith("-") || word === "-") continue;
    const [name = "", value] = splitFlag(word);
    const kind = flags.get(name);
    if (kind === undefined) {
      const best = near(name, flags.keys());
      const meant = best === undefined ? "" : `: did you mean ${best}?`;
      throw new UsageError(`unknown flag ${name}${meant} (--help lists all)`);
    }
    if (kind === "boolean" && value !== undefined) throw new UsageError(`${name} takes no value`);
    if (kind === "boolean" || value !== undefined) continue;
    const next = argv[++index];
    if (next === undefined || (next.startsWith("-") && next !== "-"))
      throw new UsageError(`${name} needs a value`);
  }
}

function splitFlag(word: string): [string, string?] {
  const equals = word.indexOf("=");
  return equals === -1 ? [word] : [word.slice(0, equals), word.slice(equals + 1)];
}

function flagTable(args: FlagsDef): Map<string, "boolean" | "value"> {
  const table = new Map<string, "boolean" | "value">([
    ["--help", "boolean"],
    ["--version", "boolean"],
  ]);
  for (const [name, def] of Object.entries(args)) {
    const kind = def.type === "boolean" ? "boolean" : "value";
    // A flag that is on by default exists only to be turned off.
    table.set(def.type === "boolean" && def.default === true ? `--no-${name}` : `--${name}`, kind);
    for (const alias of "alias" in def ? [def.alias ?? []].flat() : [])
      table.set(`-${alias}`, kind);
  }
  return table;
}

/** Every value of a flag, in order; the flags have been checked. */
export function valuesOf(argv: readonly string[], flag: string): string[] {
  return argv.flatMap((word, index) => {
    const [name, value] = splitFlag(word);
    return name === flag ? [value ?? argv[index + 1] ?? ""] : [];
  });
}
