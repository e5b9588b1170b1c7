// Owns the one line about files that an import ignored: how many of which kind.

import { sumOf } from "../../core/lists.ts";
import { plural } from "../../core/text.ts";

const MOST_KINDS = 8;

/** One line for all files that are in no form, counted by kind. */
export function unreadWarning(strangers: readonly string[]): string | undefined {
  if (strangers.length === 0) return undefined;
  const kinds = [...Map.groupBy(strangers, (kind) => kind)]
    .map(([kind, own]) => [kind, own.length] as const)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const rest = sumOf(kinds.slice(MOST_KINDS), ([, n]) => n);
  const told = kinds.slice(0, MOST_KINDS).map(([kind, n]) => `${n} ${kind}`);
  const all = [...told, ...(rest > 0 ? [`${rest} others`] : [])].join(", ");
  const many = plural(strangers.length, "file was", "files were");
  return `${many} not imported, because no form of logs has them: ${all}`;
}
