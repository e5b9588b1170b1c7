// Owns the parts of a sentence: its clauses, which of them hang on a condition, and which are asked. Pure.
import { CODE, PATH } from "./prose.ts";
import { ALTER_BASE, OFF_STARTS } from "./verbs.ts";

/** `spoken`: it can say what somebody does; `subordinate`: only with a subject of its own; `silent`: it says nothing by itself. */
export type Clause = {
  readonly text: string;
  readonly role: "spoken" | "subordinate" | "silent";
  /** What stood before it and is left out of it: `and`, `without`, `:`; empty for the first. */
  readonly connector: string;
  readonly asked: boolean;
};

const CONDITION =
  "if|unless|in case|provided(?: that)?|assuming|as long as|whenever|even if|only if|should you";
const TIME = "when|once|after|before|until then|till then|until|till|as soon as";
const REASON =
  "because|since|so that|which|whose|whether|although|though|even though|in order to|to match";
const INSTEAD = "without|instead of|rather than|but not|and not|not(?= (?:in |to )?[\uE000\uE002])";
const SUBJECT = "(?:i|you|we|they|it|he|she|both|everything|somebody|someone)(?![\\w-])";
/** Behind `and`, `then` or a comma a clause begins with one of these; anything else goes on with a list. */
const START = [
  "(?:i|you|we|my|your|please|pls|mine|yours)(?![\\w-])",
  "let me|let's|do not|don't|never|make sure|be sure|can you|could you|would you|will you|feel free|there will be|no changes|neither of us|none of us|nobody|not touching",
  "(?:(?:also|then|only|just|otherwise|maybe|perhaps|now|next|to|will|won't|will not) )+(?=\\w)",
  `(?:${OFF_STARTS})(?![\\w-])`,
  `(?:${ALTER_BASE})(?![\\w-])`,
  `(?:(?:${PATH}|${CODE})(?:,? and |, )?){1,12} (?:is|are|stays?|remains?|will|goes|becomes?)(?![\\w-])`,
  "(?:the|this|that|its|every|all) (?:[\\w-]+ ){1,4}(?:is|are|stays?|remains?|will|goes|becomes?|belongs?)(?![\\w-])",
  `(?:in|inside|within|under) (?:the (?:file )?)?${PATH},? (?:i|you|my|your|we|${ALTER_BASE})(?![\\w-])`,
].join("|");

const CONNECTOR = new RegExp(
  [
    `(?<!(?:great|good|nice|helpful|best|better|ideal|appreciate it|grateful))(?:^|[,;:(]? )(?<condition>${CONDITION})(?![\\w-])`,
    `(?:^|[,;:(]? )(?<time>${TIME}) (?=${SUBJECT})`,
    `[,;:(]? (?<reason>${REASON})(?![\\w-])`,
    `[,;(]? (?<instead>${INSTEAD}) ?`,
    `[,;(] (?:but |just )?(?<alone>only)(?= (?:in )?${PATH})`,
    `(?:(?<=^[^\uE000:]{1,60})(?<label>:)|(?<colon>:)(?= (?:${START}))) `,
    `[,;(]? (?<plain>but|while|whereas) `,
    `(?:(?<join>[,;(]? ?(?<!\\w)(?:and|or|nor|so|then|plus)|[,;)]) |(?<open>\\())(?=${START})`,
  ]
    .map((one) => `(?:${one})`)
    .join("|")
    // Most places of a sentence are within a word, and are passed over at once.
    .replace(/^.*$/s, "(?:^|(?=[,;:() ]))(?:$&)"),
  "gi",
);

/** A question for what the other does, which asks it to do so. */
const ASKS_TO =
  /^(?:\w+,? ){0,2}(?:(?:can|could|would|will) you|would it be \w+ for you)(?![\w-])|(?<!\w)(?:please|pls)(?!\w)/i;
const OPENS_QUESTION =
  /^(?:(?:and|so|but|or|also|question:?|ok,?) )?(?:do|does|did|is|are|am|should|shall|can|could|would|will|may|might|what|which|where|who|when|why|how|have|has|any|does|whose)(?![\w-])/i;
const TAG =
  /[,.]? (?:ok|okay|right|yes|agreed|deal|fine|sounds? (?:good|ok|fine)|does (?:that|this) (?:work|fit|suit)(?: for you)?|is (?:that|this) (?:ok|okay|fine|alright)(?: (?:with|for) you)?|any objections?) ?\?$/i;
/** `tell me if`: what is asked for is word, not that it holds. */
const TELLS_IF =
  /(?:let me know|tell me|say|ping me|shout|see|check|sure|ask|asking|know|wonder|wondering|unclear|message me|warn me)(?: \w+)?$/i;

/** The clauses of a sentence, in their order. */
export function clausesOf(sentence: string): Clause[] {
  const [text, isQuestion] = questionOf(sentence);
  const pieces = split(text);
  const opens = OPENS_QUESTION.test(text);
  let asksTo = false;
  return conditional(pieces).map((piece, at): Clause => {
    const isLast = at === pieces.length - 1;
    asksTo = ASKS_TO.test(piece.text) || (asksTo && !OPENS_QUESTION.test(piece.text));
    return { ...piece, asked: isQuestion && (opens || isLast) && !asksTo };
  });
}

/** A sentence that merely ends by asking for agreement is not a question. */
function questionOf(sentence: string): readonly [text: string, isQuestion: boolean] {
  const text = sentence.replace(TAG, "");
  return [text, /\?["')]*$/.test(text)];
}

type Kind = "condition" | "time" | "reason" | "instead" | "plain";
type Piece = { readonly text: string; readonly connector: string; readonly kind: Kind };

function split(sentence: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let next: Pick<Piece, "connector" | "kind"> = { connector: "", kind: "plain" };
  for (const match of sentence.matchAll(CONNECTOR)) {
    const { condition, time, reason, instead, alone, ...rest } = match.groups ?? {};
    pieces.push({ ...next, text: sentence.slice(from, match.index).trim() });
    const kind = condition
      ? "condition"
      : time
        ? "time"
        : reason
          ? "reason"
          : instead || alone
            ? "instead"
            : "plain";
    const word =
      condition ?? time ?? reason ?? instead ?? alone ?? Object.values(rest).find(Boolean) ?? "";
    next = { kind, connector: word.replace(/^[,;( ]+/, "").toLowerCase() };
    from = match.index + match[0].length;
  }
  pieces.push({ ...next, text: sentence.slice(from).trim() });
  return pieces.filter(({ text }) => text !== "");
}

/**
 * Marks what a condition takes with it: all that follows one that comes first or opens its part of the sentence, else the clause
 * before it.
 */
function conditional(pieces: readonly Piece[]): Omit<Clause, "asked">[] {
  const roles = pieces.map(({ kind, connector }): Clause["role"] => {
    if (kind === "condition" || kind === "time") return "silent";
    if (kind !== "reason") return "spoken";
    return /^(?:whether|which|whose|to match)$/.test(connector) ? "silent" : "subordinate";
  });
  for (const [at, { kind, connector }] of pieces.entries()) {
    const isUntil = kind === "time" && /^(?:until|till)/.test(connector);
    if (kind !== "condition" && !isUntil) continue;
    const before = pieces[at - 1]?.text ?? "";
    if (TELLS_IF.test(before)) continue;
    const follows = pieces.findIndex((piece, place) => place > at && piece.kind === "plain");
    if (!isUntil && follows >= 0) roles.fill("silent", follows);
    else roles[isUntil && at === 0 ? follows : Math.max(0, at - 1)] = "silent";
  }
  return pieces.map(({ text, connector }, at) => ({
    text,
    connector,
    role: roles[at] ?? "spoken",
  }));
}
