// Owns what a clause says is done to files: the verb behind its subject, and which of the paths are its objects. Pure.
import type { PromiseKind } from "./effect.ts";
import { PATH } from "./prose.ts";
import type { Mood } from "./speakers.ts";
import { ALTER, ALTER_UNSURE } from "./verbs.ts";

/** Marks of the paths, and what is said of them. */
export type Act = {
  readonly kind: PromiseKind;
  readonly marks: readonly string[];
  /** The object is `it` or `both`: what was named before. */
  readonly pronoun: "one" | "several" | null;
  readonly only: boolean;
  readonly part: boolean;
};
type Meaning = PromiseKind | "only" | "keep";

/** `my own changes`, `everything`, in any order. */
const WORK =
  "(?: (?:all|of|my|your|our|own|the|everything|myself|yourself|it|changes?|edits?|work|parts?|modifications?|implementation|code|strictly|only|just|limited|confined))*";
const VERBS: readonly (readonly [Meaning, RegExp])[] = (
  [
    ["keep_off", `refrain(?:ing)? from (?:any )?(?:${ALTER}|changes? (?:to|in)|edits? (?:to|in))`],
    ["keep_off", `hold(?:ing)? off (?:on )?(?:${ALTER})`],
    ["keep_off", `avoid(?:ing)? (?:any )?(?:${ALTER}|(?:any )?(?:changes?|edits?) (?:to|in))`],
    [
      "keep_off",
      `(?:leav(?:e|ing|es)|avoid(?:ing|s)?|skip(?:ping|s)?)(?! (?:a|an|some|room|space|comments?|notes?|todos?|conflicts?|collisions?|overlap\\w*)(?![\\w-]))`,
    ],
    [
      "keep_off",
      `(?:stay(?:ing)?|keep(?:ing)?|steer(?:ing)?|be)? ?(?:well |completely |entirely |clear |(?:my|your) hands |hands )?(?:out of|away from|off(?: of)?|clear of|off-limits:?)`,
    ],
    [
      "only",
      `(?:stay(?:ing)?|remain(?:ing)?|keep(?:ing)?|be)(?: only| strictly| entirely| just)? (?:in|within|inside)`,
    ],
    ["only", `(?:stick(?:ing)?|keep(?:ing)?)(?: only| strictly)? to`],
    ["only", `(?:limit|confin|restrict)(?:e|ing|ed|s)?${WORK} (?:to|in|within)`],
    ["only", `keep(?:ing)?${WORK} (?:to|in|within|inside)`],
    ["keep", "keep(?:ing|s)?"],
    [
      "touch",
      `(?:work(?:ing|s)?|start(?:ing)?|focus(?:ing)?|begin(?:ning)?)(?: only| mostly| mainly| just)? (?:in|on|within|inside|with|by (?:${ALTER}))`,
    ],
    ["touch", `take care of|tak(?:e|ing) over|(?:only )?(?:in|on)(?= (?:the (?:file )?)?${PATH})`],
    ["touch", `(?:need(?:ing|s)?|have|own(?:ing|s)?)(?! (?:to|you|your|from|a look|no)(?![\\w-]))`],
    ["touch", `(?:${ALTER})(?! (?:sure|sense|use of|a look|into account|note|my mind)(?![\\w-]))`],
  ] as const
).map(([meaning, pattern]) => [meaning, new RegExp(` ?(?:${pattern})(?![\\w'-])`, "iy")] as const);
const UNSURE = new RegExp(`^(?:${ALTER_UNSURE})$`, "i");
const MARK_OF_PATH = new RegExp(PATH, "g");

/** Words between a verb and the file it is about, or between an item of a list and the one before. */
const DIRECT =
  /^(?:[\s:,(]|(?:only|solely|just|the|file|files|folder|both|either|neither|nor|all|of|changes?|edits?|modifications?|to|in|inside|within|under|on|your|my|our|own|existing|module|modules|anything|everything|nothing|code|any|following|two|three|new|these|this|that|stuff|things?|alone|also|at all|and|or)(?![\w-]))*$/i;
const INSIDE =
  /(?:^|[\s(])(?:in|of|inside|within|from|at|on|to|into|under)(?: the| file| your| my| existing)*\s*$/i;
/** Before a path that is spoken of in passing: what another file is like, uses, or is next to. */
const IN_PASSING =
  /(?:^|[\s(])(?:possibly|maybe|perhaps|potentially|like|as in|similar to|same as|based on|next to|besides?|alongside|via|using|with|see|by|imports?|imported (?:from|of|by|in)|imports? (?:of|from)|uses?|called (?:from|by|in)|used (?:by|in|from)|defined in|lives in|than|not|against|mirrors?|match(?:es|ing)?|following|depend(?:s|ing)? on|for|conflicts? in|conflicts? with)(?: the| file| your| my| existing)*\s*$/i;
const FROM = /(?:^|[\s(])from(?: the| file| your| my)*\s*$/i;
const TAKES_FROM = /(?:remov|delet|mov|export|extract|drop|factor|split|cut)/i;
const EXCEPT =
  /(?:^|\s)(?:outside(?: of)?|except(?: for)?|other than|apart from|besides|beyond|but)(?![\w-])/i;
const NONE =
  /^ (?:neither|nothing (?:in|inside|under|of|within)|no(?:ne)? (?:part|line|code|changes?|edits?|modifications?) (?:in|of|to))(?![\w-])/i;
const BEHIND =
  "(?=$|[.,;:!?)]| (?:alone|to|as|too|either|at|any|again|for|in|and|or|untouched|unchanged|from|with|right|now|myself|further|while|until|out|is|are)(?![\\w-]))";
const PRONOUN = new RegExp(
  `^(?: (?:only|both|either of|any of|all of|in|inside|to|into))* (?:it|there|(?:them|those|these|both|either)${BEHIND}|(?:this|the|that|those|these|both|either)(?: (?:two|same))? (?:files?|modules?|ones?))(?![\\w-])`,
  "i",
);
const THAT = /^ (?:that|this)(?: alone)?(?: one)?(?: file)?[.!,]?$/i;
const NO_MORE =
  /^(?: only|,? (?:and )?(?:nothing else|no other files?|nothing more|that's (?:all|it)))(?![\w-])/i;
const STAYS =
  /(?:^|\s)(?:as[ -]is|as (?:it|they) (?:is|are|was|were)|as they stand|unchanged|untouched|intact|alone|the same|unmodified|stable|free)(?![\w-])/i;

/** What is done behind a subject that ends at `ends`; undefined where it is nothing to files. */
export function actIn(
  clause: string,
  { mood, ends, begins }: { mood: Mood; ends: number; begins: number },
): Act | undefined {
  for (const [meaning, pattern] of VERBS) {
    pattern.lastIndex = ends;
    const match = pattern.exec(clause);
    if (match === null) continue;
    const verb = match[0].trim();
    const isBare = /^i$/i.test(clause.slice(begins, ends));
    if (isBare && UNSURE.test(verb)) return undefined;
    const [lead, said] = [clause.slice(0, begins), clause.slice(begins, ends)];
    return actOf({ meaning, mood, verb, lead, said, region: clause.slice(ends + match[0].length) });
  }
  return undefined;
}

type Phrase = {
  readonly meaning: Meaning;
  readonly mood: Mood;
  readonly verb: string;
  /** Before the subject, the subject with what is between it and the verb, and what is behind the verb. */
  readonly lead: string;
  readonly said: string;
  readonly region: string;
};

function actOf(phrase: Phrase): Act | undefined {
  const { region, lead, verb } = phrase;
  const kind = kindOf(phrase);
  if (kind === undefined) return undefined;
  const objects = objectsIn(region, verb);
  const [first] = objects;
  const excepted = kind === "keep_off" && phrase.mood.denied && EXCEPT.test(first?.before ?? "");
  const before = objects.length === 0 || kind === "touch" ? leading(lead) : [];
  const marks = [...before, ...objects.map(({ mark }) => mark)];
  const pronoun = marks.length > 0 ? null : pronounIn(region, kind);
  if (excepted) return { kind: "touch", marks, pronoun: null, only: true, part: false };
  const part =
    kind === "keep_off" &&
    (objects.length === 0 ? pronoun === null : objects.every(({ part: one }) => one));
  return { kind, marks, pronoun, only: kind === "touch" && isOnly(phrase, objects), part };
}

function pronounIn(region: string, kind: PromiseKind): Act["pronoun"] {
  if (/^ (?:both|either|neither|these|those)(?![\w-])/i.test(region) && PRONOUN.test(region))
    return "several";
  if (/^[^\w:]*$/.test(region) && kind === "keep_off") return "one";
  if (/ there[.!?]?$/i.test(region)) return "one";
  return PRONOUN.test(region) || (kind === "keep_off" && THAT.test(region)) ? "one" : null;
}

function kindOf({ meaning, mood, region }: Phrase): PromiseKind | undefined {
  if (meaning === "keep") {
    const stays = STAYS.test(region);
    if (mood.denied) return undefined;
    return stays ? "keep_off" : "touch";
  }
  if (mood.denied) return meaning === "touch" ? "keep_off" : undefined;
  if (meaning === "touch" && NONE.test(region)) return "keep_off";
  return meaning === "only" ? "touch" : meaning;
}

type Object_ = {
  readonly mark: string;
  readonly before: string;
  readonly item: string;
  readonly after: string;
  readonly part: boolean;
};

/** The paths that the verb is about. */
function objectsIn(region: string, verb: string): Object_[] {
  let from = 0;
  return [...region.matchAll(MARK_OF_PATH)].flatMap(({ 0: mark, index }) => {
    const before = region.slice(0, index);
    const since = region.slice(from, index);
    const item = since.slice(Math.max(0, since.length - 200));
    const isFirst = from === 0;
    from = index + mark.length;
    if (IN_PASSING.test(item)) return [];
    if (!isFirst && EXCEPT.test(item)) return [];
    if (FROM.test(item) && !TAKES_FROM.test(verb)) return [];
    const own = item.slice(
      Math.max(...[",", " and ", " or "].map((word) => item.lastIndexOf(word)), 0),
    );
    const part = !DIRECT.test(own) && INSIDE.test(own);
    return [{ mark, before, item, after: region.slice(from), part }];
  });
}

function isOnly({ meaning, said, verb, region }: Phrase, objects: readonly Object_[]): boolean {
  const [first] = objects;
  if (first === undefined) return meaning === "only" && PRONOUN.test(region);
  if (NO_MORE.test(objects.at(-1)?.after ?? "")) return true;
  if (!DIRECT.test(first.before)) return false;
  return (
    meaning === "only" ||
    /(?:^|\s)(?:only|solely|exclusively|strictly)(?!\w)/i.test(`${said} ${verb}${first.before}`)
  );
}

/** `In src/a.ts I edit …`, `For src/a.ts, I …`. */
function leading(lead: string): string[] {
  if (!/(?:^|[\s(,])(?:in|inside|within|for|on|under|at|from)(?![\w-])/i.test(lead)) return [];
  return lead.match(MARK_OF_PATH) ?? [];
}

/** The paths that a text without a verb is about. */
export function objectMarks(text: string): string[] {
  return objectsIn(text, "").map(({ mark }) => mark);
}
