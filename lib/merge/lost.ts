// Owns finding brackets that a merge lost or doubled: every patch keeps a file's brackets in balance, and the merge of them does not.
import { parsePatch } from "../patch/parse.ts";

const PAIRS = [
  ["{", "}", "brace"],
  ["(", ")", "parenthesis"],
  ["[", "]", "bracket"],
] as const;

/** One kind of bracket in one file: `missing` of the closing or of the opening ones. */
export type LostBrackets = {
  readonly path: string;
  readonly side: "closing" | "opening";
  readonly name: (typeof PAIRS)[number][2];
  readonly missing: number;
};

/**
 * What the merged diff lacks. A file is judged only where each patch by itself leaves as many brackets open as before: then a
 * merge that keeps all their lines does too. Lines are counted as text: what stands in strings and comments counts, for
 * patches and merge alike. Pure.
 */
export function lostBrackets(patches: readonly Uint8Array[], merged: Uint8Array): LostBrackets[] {
  const sides = patches.map(opened);
  return [...opened(merged)].flatMap(([path, balance]) =>
    PAIRS.flatMap(([, , name], at): LostBrackets[] => {
      const own = balance[at] ?? 0;
      if (own === 0 || sides.some((side) => (side.get(path)?.[at] ?? 0) !== 0)) return [];
      return [{ path, name, side: own > 0 ? "closing" : "opening", missing: Math.abs(own) }];
    }),
  );
}

/** By file, how many brackets of each kind a patch opens without closing them. */
function opened(patch: Uint8Array): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { new_path, hunks } of parsePatch(patch).files) {
    if (new_path === undefined) continue;
    const lines = hunks.flatMap((hunk) => hunk.lines);
    const balance = PAIRS.map(([open, close]) =>
      lines.reduce((sum, { tag, text }) => {
        if (tag === " ") return sum;
        const net = times(text, open) - times(text, close);
        return tag === "+" ? sum + net : sum - net;
      }, 0),
    );
    found.set(new_path, balance);
  }
  return found;
}

function times(text: string, sign: string): number {
  return text.split(sign).length - 1;
}
