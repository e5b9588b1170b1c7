// Owns which parts of a report the flags ask for.
import { UsageError } from "../core/fault.ts";
import { DEFAULT_PARTS, PART_NAMES, type PartName } from "../report/parts.ts";
import { oneOf, positiveNumber } from "./args.ts";

export const AGAINST = ["imported"] as const;
const AGAINST_PARTS: readonly PartName[] = ["agreement", "differences"];

type Flags = Readonly<Partial<Record<"parts" | "against" | "margin", string | undefined>>>;

/** The parts in the order given, each once, and the margin as a proportion. Throws UsageError naming the nearest. */
export async function partsOf({ parts, against, margin }: Flags) {
  if (against !== undefined) await oneOf("--against", against, AGAINST);
  const named = parts === undefined ? undefined : await namedParts(parts);
  const behind = against === undefined ? [] : AGAINST_PARTS;
  const alone = against === undefined ? DEFAULT_PARTS : [];
  return { parts: [...new Set([...(named ?? alone), ...behind])], margin: marginOf(margin) };
}

async function namedParts(list: string): Promise<PartName[]> {
  const words = await Promise.all(
    list.split(",").map((word) => oneOf("--parts", word.trim(), [...PART_NAMES, "all"])),
  );
  // Without imported logs those two have nothing to say.
  const all = PART_NAMES.filter((name) => !AGAINST_PARTS.includes(name));
  return words.flatMap((word) => (word === "all" ? all : [word]));
}

function marginOf(points: string | undefined): number | undefined {
  if (points === undefined) return undefined;
  const margin = positiveNumber("--margin", points) / 100;
  if (margin < 1) return margin;
  throw new UsageError(`--margin takes points below 100, not "${points}"`);
}
