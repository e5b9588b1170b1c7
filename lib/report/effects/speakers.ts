// Owns who a clause binds: the sender who says what it will do, the reader who is asked, or nobody. Pure.

export type Who = "sender" | "reader";
/** Who is spoken of from here on, and whether what follows is denied. `before` of a mood is where it begins, `end` where the verb is due. */
export type Mood = { readonly who: Who; readonly denied: boolean };
export type Found = { readonly mood: Mood | null; readonly begins: number; readonly ends: number };

/** Words between a subject and its verb that change nothing about who is bound. */
const BE =
  "(?: (?:be|also|just|then|now|only|solely|exclusively|strictly|therefore|instead|both|mainly|mostly|primarily|still|probably|definitely|simply|actually|certainly|currently|already|all|first|next|carefully|further|again))*";
const NO_PLAN = "(?:plan|intend|need|have|want|expect|mean)";
const YOU_DO_NOT = "(?:(?:that )?you (?:do not|don't|avoid)|not to|to not|never to)";

/** In the order in which they are tried from a word on; `null`: what follows is not a commitment. */
const MOODS: readonly (readonly [Mood | null, RegExp])[] = (
  [
    [
      "sender denied",
      `i (?:'d |would )?(?:do not|don't) (?:think|believe|expect) (?:that )?i(?:'ll| will|'d)?(?: need to| have to)?${BE}`,
    ],
    [
      "sender denied",
      `i(?:'ll not| will not| won't| shall not| shan't|'m not going to| am not going to|'m not planning (?:to|on)| am not planning (?:to|on)| no longer ${NO_PLAN} to| neither|(?:'ll| will) neither| (?:do not|don't) ${NO_PLAN} (?:to|on)| have no (?:plans?|need|intention|reason) (?:to|of|for)|(?:'ll| will)? (?:try|be careful|make sure|be sure|promise|agree|plan|intend|prefer) not to|'m not| am not| do not| don't| never| will never|'ll never| no longer|'ll no longer| will no longer)${BE}`,
    ],
    [
      "reader denied",
      `i(?:'d| would)? (?:like|love|need|want|ask|prefer|suggest|propose|recommend|request|appreciate it if)(?: that)? you(?: to)? (?:not|do not|don't|never)(?: to)?${BE}`,
    ],
    [
      "reader",
      `i(?:'d| would)? (?:like|love|need|want|ask|prefer|suggest|propose|recommend|request|appreciate it if)(?: that)? you(?: to| could| can| would| should)?${BE}`,
    ],
    ["sender", `i(?:'d| would) (?:like|love) to${BE}`],
    [
      "sender",
      `(?:my|the) (?:current |rough )?(?:plan|goal|intention|aim|approach|idea|proposal|suggestion) is(?: to| that i(?:'ll| will)?)?${BE}`,
    ],
    ["reader", `would it be (?:possible|ok|okay|fine|better|good) for you to${BE}`],
    [
      "",
      `i(?:'d| would| could| can| may| might| should|'ve| have(?! to )| had| did| didn't| haven't| hadn't| was| wasn't| can't| cannot| couldn't| wouldn't| shouldn't| hope| wish| guess| assume| tried| just finished|(?:'m| am) (?:not sure|unsure|thinking|considering|wondering|trying|done|finished))`,
    ],
    [
      "sender",
      `(?:i(?:'d| would)? (?:think|believe|guess|suppose|suggest|propose) (?:that )?)?i(?:'ll| will| shall|'m going to| am going to|'m gonna|'m about to| am about to|'m planning (?:to|on)| am planning (?:to|on)| plan (?:to|on)| intend to| need to| have to| must| want to| aim to| propose to| expect to| promise to|'m| am)?${BE}(?: go ahead and| need to| have to| start by| begin by)?${BE}`,
    ],
    [
      "reader denied",
      `(?:please|pls|kindly)(?: also| just| then| only| now| instead)* (?:do not|don't|never|(?:make sure|be careful|be sure|try|ensure) ${YOU_DO_NOT})(?! forget| hesitate)${BE}`,
    ],
    ["sender", `(?:(?:please|pls|so|and|then|just) )*let me(?! know| see| check| ask)${BE}`],
    [
      "reader",
      `(?:please|pls|kindly)(?: (?:also|just|then|only|now|instead|don't forget to|do not forget to|make sure (?:that )?(?:you|to)|be sure to|remember to|try to|go ahead and|consider))*${BE}`,
    ],
    ["reader denied", `(?:can|could|would|will) you (?:please |kindly |also |just )*not${BE}`],
    ["reader denied", `would you mind not${BE}`],
    [
      "reader",
      `it (?:would|'d) be (?:\\w+ )?(?:great|good|nice|helpful|best|better|ideal) if you(?: could| can| would)?${BE}`,
    ],
    [
      "reader",
      `(?:can|could|would|will) you(?: please| also| perhaps| just| kindly| then| maybe| instead| try to| make sure to| mind)*${BE}`,
    ],
    [
      "reader denied",
      `you (?:should|must|need to|have to|ought to) (?:not|never|avoid)${BE}|you (?:shouldn't|mustn't|better not)(?! need to| have to)${BE}`,
    ],
    [
      "reader",
      `you(?: should| must| need to| have to| ought to|'d better| will need to|'ll need to| would need to|'ll have to| will have to)${BE}`,
    ],
    [
      "",
      "you(?:'re| are|'ll| will|'ve| have(?! [\uE000])| had| did| can| could| may| might| were|'d| would| want| see| said| wrote| mentioned| told| asked| don't (?:need|have)| do not (?:need|have)| won't)",
    ],
    ["reader denied", `you (?:do not|don't|never)${BE}`],
    ["reader", `you${BE}`],
    ["", "(?:we|they|he|she|it|let's|let us|feel free|somebody|someone)"],
  ] as const
).map(([name, pattern]) => [moodOf(name), new RegExp(`(?:${pattern})(?![\\w'-])`, "iy")] as const);

const CANDIDATE =
  /(?<![\w'-])(?:(?:my|the) (?:current |rough )?(?:plan|goal|intention|aim|approach|idea|proposal|suggestion)|would it|i|you|we|they|he|she|it|please|pls|kindly|let me|let's|let us|feel free|somebody|someone|(?:can|could|would|will) you)(?![\w-])/gi;
/** What stands before `I` or `you` where it is asked, doubted, or somebody else's word. */
const ASKED_BEFORE =
  /(?:^|[^\w'])(?:can|could|should|shall|may|might|would|will|do|does|did|am|are|have|what|where|how|why|whether|if|when|confirm(?: that)?|sure(?: that)?|thought|assume|hope) $/i;

const OBJECT_BEFORE =
  /(?:^|[^\w'])(?:to|for|with|from|by|than|of|at|tell|ask|let|show|give|thank|told) (?:you|it)(?![\w'])/i;
const THINKS =
  /^i(?:'d| would)? (?:think|believe|guess|suppose|suggest|propose|recommend)(?: that)? (?!i(?![\w-])|to )(?!you (?:to|not) )/i;

/** At the beginning of a clause, to the reader. */
const ORDERS: readonly (readonly [Mood, RegExp])[] = [
  [
    { who: "reader", denied: true },
    new RegExp(
      `^(?:do not|don't|never|(?:make sure|be careful|be sure|try|ensure) ${YOU_DO_NOT})(?! forget| hesitate| worry)${BE}(?![\\w'-])`,
      "i",
    ),
  ],
  [
    { who: "reader", denied: false },
    new RegExp(
      `^(?:don't forget to|do not forget to|make sure (?:that )?(?:you|to)|be sure to|remember to)${BE}(?![\\w'-])`,
      "i",
    ),
  ],
];

function moodOf(name: "" | Who | `${Who} denied`): Mood | null {
  if (name === "") return null;
  return { who: name.startsWith("sender") ? "sender" : "reader", denied: name.endsWith("denied") };
}

/** The first of whom a clause says something; undefined where it has no such subject. */
export function speakerOf(clause: string): Found | undefined {
  for (const [mood, pattern] of ORDERS) {
    const match = pattern.exec(clause);
    if (match) return { mood, begins: 0, ends: match[0].length };
  }
  for (const { index } of clause.matchAll(CANDIDATE)) {
    // `leave it to you`: no subject.
    if (OBJECT_BEFORE.test(clause.slice(Math.max(0, index - 10), index + 4))) continue;
    if (ASKED_BEFORE.test(clause.slice(Math.max(0, index - 20), index)))
      return { mood: null, begins: index, ends: index };
    const found = at(clause, index);
    if (THINKS.test(clause.slice(index, index + 40))) continue;
    // `touch it`: an object, no subject.
    if (index > 0 && found?.mood === null && /^it(?!\w)/i.test(clause.slice(index))) continue;
    // `agent2, please …` calls the other.
    if (found !== undefined && !/^[,:!]/.test(clause.slice(found.ends))) return found;
  }
  return undefined;
}

function at(clause: string, begins: number): Found | undefined {
  for (const [mood, pattern] of MOODS) {
    pattern.lastIndex = begins;
    const match = pattern.exec(clause);
    if (match) return { mood, begins, ends: begins + match[0].length };
  }
  return undefined;
}
