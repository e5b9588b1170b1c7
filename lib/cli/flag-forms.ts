// Owns how the flags of a command are written: their names, letters, values and meanings.
import type { ArgsDef } from "citty";

export type FlagForm = {
  /** With its dashes: `--name`, or `--no-name` for one that is on by default. */
  readonly flag: string;
  /** Letters without dashes. */
  readonly letters: readonly string[];
  /** What stands for its value in help; absent for a switch. */
  readonly value?: string;
  readonly meaning: string;
};

/** The flags of a command in the order of its help. */
export function flagForms(args: ArgsDef): FlagForm[] {
  return Object.entries(args).map(([name, def]) => {
    const letters = "alias" in def ? [def.alias ?? []].flat() : [];
    const meaning = def.description ?? "";
    if (def.type !== "boolean")
      return { flag: `--${name}`, letters, value: def.valueHint ?? name, meaning };
    const off = def.default === true;
    const said = "negativeDescription" in def ? def.negativeDescription : undefined;
    return { flag: off ? `--no-${name}` : `--${name}`, letters, meaning: (off && said) || meaning };
  });
}
