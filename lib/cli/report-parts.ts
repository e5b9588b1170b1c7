// Owns which parts of a report the flags ask for.
import { UsageError } from "../core/fault.ts";
import type { PartRegistry } from "../report/part.ts";
import { defaultParts, PARTS, partNames, partsAgainst } from "../report/parts/registry.ts";
import { oneOf, positiveNumber } from "./args.ts";

export const AGAINST = ["imported"] as const;

type Flags = Readonly<Partial<Record<"parts" | "against" | "margin", string | undefined>>> & {
  readonly changed?: boolean | undefined;
};

/** The parts in the order given, each once, and the margin as a proportion. Throws UsageError naming the nearest. */
export async function partsOf(
  { parts, against, margin, changed }: Flags,
  registry: PartRegistry = PARTS,
) {
  const whose = against === undefined ? undefined : await oneOf("--against", against, AGAINST);
  const named = parts === undefined ? undefined : await namedParts(parts, registry);
  const behind = [
    ...(whose === undefined ? [] : partsAgainst(whose, registry)),
    ...(changed === true ? ["changed"] : []),
  ];
  const alone = behind.length === 0 ? defaultParts(registry) : [];
  return { parts: [...new Set([...(named ?? alone), ...behind])], margin: marginOf(margin) };
}

async function namedParts(list: string, registry: PartRegistry): Promise<string[]> {
  const names = partNames(registry);
  const words = await Promise.all(
    list.split(",").map((word) => oneOf("--parts", word.trim(), [...names, "all"])),
  );
  // Parts that compare with imported logs are empty without them.
  const all = names.filter((name) => registry[name]?.against === undefined);
  return words.flatMap((word) => (word === "all" ? all : [word]));
}

function marginOf(points: string | undefined): number | undefined {
  if (points === undefined) return undefined;
  const margin = positiveNumber("--margin", points) / 100;
  if (margin < 1) return margin;
  throw new UsageError(`--margin takes a number of points below 100, not "${points}"`);
}
