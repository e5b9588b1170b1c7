// Owns how tables for people look: with which names, columns and intervals.
import { UsageError } from "../core/fault.ts";
import { type Choice, INTERVALS } from "../report/paper.ts";
import { oneOf } from "./args.ts";
import type { Format } from "./report-target.ts";

export const LABELS = ["keys", "paper"] as const;
export type Look = Choice & { readonly labels: (typeof LABELS)[number] };

type Flags = Readonly<Partial<Record<"labels" | "columns" | "intervals", string | undefined>>>;
const FOR_PEOPLE: readonly Format[] = ["table", "md", "tex"];

/** Throws UsageError for unknown names, and for formats that hold every column and digit. */
export async function lookOf(flags: Flags, format: Format): Promise<Look> {
  const useless = (["labels", "columns", "intervals"] as const).find(
    (name) => flags[name] !== undefined,
  );
  if (useless !== undefined && !FOR_PEOPLE.includes(format))
    throw new UsageError(
      `--${useless} is for ${FOR_PEOPLE.join(", ")}: ${format} holds every column under its own name`,
    );
  const words = (list: string | undefined) => list?.split(",").map((word) => word.trim());
  const intervals = words(flags.intervals)?.map((word) =>
    oneOf("--intervals", word, [...INTERVALS, "none"]),
  );
  const chosen = intervals && (await Promise.all(intervals));
  return {
    labels: await oneOf("--labels", flags.labels ?? "keys", LABELS),
    columns: words(flags.columns),
    intervals: chosen?.flatMap((name) => (name === "none" ? [] : [name])),
  };
}
