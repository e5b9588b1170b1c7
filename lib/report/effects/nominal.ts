// Owns what is promised without "I" or "you": whose a file is, where changes go, what stays as it is. Pure.
import type { Act } from "./acts.ts";
import { CODE, PATH } from "./prose.ts";
import type { Who } from "./speakers.ts";

export type Nominal = Act & { readonly who: Who };
type Rule = {
  readonly who: Who;
  readonly kind: Act["kind"];
  readonly pattern: RegExp;
  /** Which paths it is about: those before what is said of them, or behind. */
  readonly side: "before" | "behind" | "all";
};

const BE = "(?:is|are|stays?|remains?|will be|will stay|will remain|'s|belongs? to|can be)";
const ALL = "(?: (?:all|entirely|completely|fully|still|now|exclusively|only|both))*";
const CHANGES =
  "(?:changes?|edits?|modifications?|work|part|feature|code|diff|patch|implementation|scope|side|side of things|footprint|export|import|option|field|line|helper|function|entry|tests?|additions?|flag|type|one)";
const MY = `(?:my|our)(?: [\\w-]+){0,3}? ${CHANGES}|mine|everything(?: else)? of mine|everything(?: else)? i (?:need|change|add|do|touch)|the rest of mine`;
const PLACED =
  "(?:goes|go|will go|becomes?|will become|lands?|will land|will live|will be(?: added| made| placed)?|stays?|will stay|gets added|is limited|are limited|limited|is confined|are confined|is restricted|are restricted)";
const INTO = "(?:in|into|to|inside|within|at|on)";

const RULES: readonly Rule[] = (
  [
    ["reader", "keep_off", "all", `(?:hands off|off[- ]limits)`],
    [
      "sender",
      "keep_off",
      "behind",
      `(?:^|[,(] ?|i (?:make|have|need|plan|expect) |there (?:are|will be) |with )(?:no|zero) (?:[\\w-]+ ){0,2}?(?:changes?|edits?|modifications?)(?: [\\w-]+){0,2}? (?:to|in|for|on|inside)`,
    ],
    [
      "sender",
      "keep_off",
      "before",
      `${BE}${ALL} (?:yours|free(?: for you)?|for you|up to you|left to you|you)(?![\\w-])`,
    ],
    [
      "sender",
      "touch",
      "before",
      `(?:${BE}${ALL} (?:mine|for me|me|taken by me|on me)|(?:is|are|will be|gets?) (?:\\w+ed|written|rewritten|taken|done) by me)(?![\\w-])`,
    ],
    [
      "sender",
      "keep_off",
      "before",
      `(?:stays?|remains?|will (?:be|stay|remain)|(?:is|are) (?:being )?left)${ALL} (?:untouched|unchanged|as (?:it|they) (?:is|are)|as[- ]is|alone|intact|the same)(?: by me)?(?![\\w-])`,
    ],
    [
      "sender",
      "keep_off",
      "behind",
      `(?:${MY}) (?:(?:does not|doesn't|do not|don't|will not|won't) (?:need(?: to)?|touch|change|affect|modify|edit|require)|(?:never|no longer) (?:touch(?:es)?|changes?|affects?)|(?:stays?|keeps?) (?:out of|away from|off|clear of))`,
    ],
    [
      "sender",
      "touch",
      "behind",
      `(?:${MY}) (?:(?:will |only |mainly |mostly |just |also )*(?:touch(?:es)?|modif(?:y|ies)|edits?|needs?|requires?|affects?|adds?|changes?)|(?:is|are|${PLACED})(?! (?:already|done|finished|pushed|complete|committed|ready)(?!\\w))(?:(?!${PATH})[^(]){0,60}? ?${INTO})`,
    ],
    [
      "sender",
      "touch",
      "behind",
      `(?:${MY}) (?:to|in|on)(?= (?:the (?:file )?)?${PATH},? (?:is|are|will|should|touch|only|stays?|go|goes)(?![\\w-]))`,
    ],
    [
      "sender",
      "touch",
      "behind",
      `${PLACED}(?:(?!${PATH})[^(]){0,80}? (?:in|into|to|inside|within)`,
    ],
    [
      "reader",
      "touch",
      "behind",
      `your(?: [\\w-]+){0,4}? (?:should|must|needs? to|has to|goes|belongs?)(?:(?!${PATH})[^(]){0,40}? ${INTO}`,
    ],
  ] as const
).map(([who, kind, side, pattern]) => ({ who, kind, side, pattern: new RegExp(pattern, "i") }));

const PATHS = new RegExp(PATH, "g");
const FIRST_GAP =
  /^(?: (?:the|file|files|a new file|new file|my|only|of|end|bottom|top|and|in|beginning))*[ :(]*$/i;
const LIST_GAP = new RegExp(
  `^(?:[\\s,/&]|and|or|the|plus|in|file|files|\\w{1,40} in |${CODE})*$`,
  "i",
);
const DOUBTED =
  /(?:^|[\s(])(?:should|could|would|might|may|can|cannot|must|not sure|maybe|perhaps|possibly|your|you|was|were|did|has been|have been|already|please)(?![\w-])/i;
const THEIRS = /(?:^|[\s(])(?:your|yours|you|their)(?![\w-])/i;
const FINITE =
  /(?:^|[\s(])(?:is|are|becomes?|goes|go|stays?|remains?|will|was|were|has|have|i|we|keeps?|gets?|contains?|that|which)(?![\w-])/i;
const PART = /(?:^|[\s(])(?:of|in|inside|within|from|at)(?: the| file)*\s*$/i;

/** What such a clause says; undefined where it says nothing of files. */
export function nominalIn(clause: string): Nominal | undefined {
  if (!clause.includes("\uE000")) return undefined;
  for (const { who, kind, side, pattern } of RULES) {
    const match = pattern.exec(clause);
    if (match === null) continue;
    const [before, behind] = [
      clause.slice(0, match.index),
      clause.slice(match.index + match[0].length),
    ];
    if (isElse(who, { before, said: match[0], behind })) continue;
    // Something else than the file is the subject.
    if (side === "before" && FINITE.test(before)) continue;
    const text = side === "before" ? before : side === "behind" ? behind : clause;
    const marks = side === "behind" ? listed(text) : (text.match(PATHS) ?? []);
    if (marks.length === 0) continue;
    const at = text.indexOf(marks[0] ?? "");
    const part =
      kind === "keep_off" && PART.test(text.slice(Math.max(0, at - 20), at)) && side === "before";
    const only =
      kind === "touch" &&
      (/(?:limited|confined|restricted|(?<!\w)only(?!\w))/i.test(match[0]) ||
        /(?<!\w)(?:only|nothing else)(?!\w)/i.test(behind));
    return {
      who,
      kind,
      marks,
      pronoun: null,
      only: only && side === "behind" && FIRST_GAP.test(text.slice(0, at)),
      part,
    };
  }
  return undefined;
}

/** Whether the words are a wish, a doubt, a report, or about the other's part. */
function isElse(
  who: Who,
  { before, said, behind }: { before: string; said: string; behind: string },
): boolean {
  if (who === "reader") return false;
  if (THEIRS.test(before.slice(-200))) return true;
  return (
    DOUBTED.test(before.slice(-60)) ||
    /(?<!\w)(?:already|by you|done|finished|pushed|complete|committed|ready|in place)(?!\w)/i.test(
      said + behind.slice(0, 60),
    )
  );
}

/** The paths of a list that begins behind what was said. */
function listed(text: string): string[] {
  const marks: string[] = [];
  let from = 0;
  for (const { 0: mark, index } of text.matchAll(PATHS)) {
    const gap = text.slice(from, index);
    if (gap.length > 60 || (marks.length > 0 && !LIST_GAP.test(gap))) break;
    marks.push(mark);
    from = index + mark.length;
  }
  return marks;
}
