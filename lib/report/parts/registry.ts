// Owns which parts a report has: one row per part, whose module comes when the part is asked for.

import { UsageError } from "../../core/fault.ts";
import { unknownName } from "../../core/nearest.ts";
import type { Part, PartRegistry } from "../part.ts";

/** In the order in which they are shown. A part is added by a file next to this one and a row here; nothing else. */
export const PARTS = {
  runs: { load: () => import("./runs.ts"), by_default: true },
  outcomes: { load: () => import("./outcomes.ts"), by_default: true },
  paths: { load: () => import("./paths.ts"), by_default: true },
  causes: { load: () => import("./causes.ts"), by_default: true },
  repos: { load: () => import("./repos.ts"), by_default: true },
  tasks: { load: () => import("./tasks.ts") },
  checks: { load: () => import("./checks.ts"), by_default: true },
  marks: { load: () => import("./marks.ts"), by_default: true },
  repeats: { load: () => import("./repeats.ts"), by_default: true },
  splits: { load: () => import("./splits.ts") },
  conflict: { load: () => import("./conflict.ts") },
  anatomy: { load: () => import("./anatomy.ts") },
  frontier: { load: () => import("./frontier.ts") },
  cost: { load: () => import("./cost.ts") },
  coupling: { load: () => import("./coupling.ts") },
  distances: { load: () => import("./distances.ts") },
  talk: { load: () => import("./talk.ts") },
  conversations: { load: () => import("./conversations.ts") },
  effects: { load: () => import("./effects.ts") },
  acts: { load: () => import("./acts.ts") },
  planning: { load: () => import("./planning.ts") },
  judged: { load: () => import("./judged.ts") },
  annotations: { load: () => import("./annotations.ts") },
  comparisons: { load: () => import("./comparisons.ts") },
  difficulty: { load: () => import("./difficulty.ts") },
  curves: { load: () => import("./curves.ts") },
  published: { load: () => import("./published.ts"), by_default: true },
  agreement: { load: () => import("./agreement.ts"), against: "imported" },
  differences: { load: () => import("./differences.ts"), against: "imported" },
  changed: { load: () => import("./changed.ts") },
  provenance: { load: () => import("./provenance.ts") },
} as const satisfies PartRegistry;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = partNames(PARTS).filter((name): name is PartName =>
  Object.hasOwn(PARTS, name),
);
/** What needs neither random draws nor all rows of a large table. */
export const DEFAULT_PARTS = defaultParts(PARTS);

export function partNames(registry: PartRegistry): string[] {
  return Object.keys(registry);
}

export function defaultParts(registry: PartRegistry): string[] {
  return partNames(registry).filter((name) => registry[name]?.by_default === true);
}

/** Parts that only compare verdicts with those of imported logs. */
export function partsAgainst(whose: "imported", registry: PartRegistry = PARTS): string[] {
  return partNames(registry).filter((name) => registry[name]?.against === whose);
}

/** The part of a name. Throws UsageError for a name that the registry lacks, naming the nearest. */
export async function loadPart(name: string, registry: PartRegistry = PARTS): Promise<Part> {
  const entry = Object.hasOwn(registry, name) ? registry[name] : undefined;
  if (entry === undefined) throw new UsageError(unknownName("part", name, partNames(registry)));
  return (await entry.load()).part;
}

export async function loadParts(registry: PartRegistry = PARTS): Promise<Part[]> {
  return await Promise.all(partNames(registry).map((name) => loadPart(name, registry)));
}
