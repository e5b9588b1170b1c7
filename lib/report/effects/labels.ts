// Owns what a heading or a word before a colon says of the list behind it: whose plan, whose files. Pure.
import type { PromiseKind } from "./effect.ts";
import type { Mood } from "./speakers.ts";

/** Who is spoken of below, and what bare paths there mean; without `kind` they mean nothing. */
export type Below = { readonly mood: Mood; readonly kind?: PromiseKind | undefined };

const SENDER: Mood = { who: "sender", denied: false };
const READER: Mood = { who: "reader", denied: false };
const OWN =
  "(?:(?:so|ok|here(?:'s| is| are)|this is|my|the|our|current|proposed|rough|high-level|suggested|updated|revised|new|detailed|implementation|quick|agent\\w*(?:'s)?) )*";

const LABELS: readonly (readonly [RegExp, Below])[] = [
  [
    /^(?:my |the )?(?:files |changes )?(?:not touching|untouched|won't touch|not changing|staying out of|leaving alone|left alone)$/i,
    { mood: SENDER, kind: "keep_off" },
  ],
  [/^(?:yours|for you|free for you|all yours|left to you)$/i, { mood: SENDER, kind: "keep_off" }],
  [/^(?:off[- ]limits|hands off|please avoid|to avoid)$/i, { mood: READER, kind: "keep_off" }],
  [/^(?:you|your (?:files|part|side|scope|area))$/i, { mood: READER, kind: "touch" }],
  [
    /^(?:requests?(?: for you)?|please|could you(?: please)?|can you(?: please)?|asks?)$/i,
    { mood: READER },
  ],
  [
    /^(?:mine|me|i|my (?:files|edits|changes|part|side|scope|area|work|territory)|(?:files )?(?:i own|owned by me|claimed by me)|working on)$/i,
    { mood: SENDER, kind: "touch" },
  ],
  [
    new RegExp(
      `^${OWN}(?:plan|approach|proposal|planned (?:changes|edits|work)|intended (?:changes|edits)|next steps?|strategy|files (?:to|that will be) (?:be )?(?:changed?|touch(?:ed)?|edit(?:ed)?|modif(?:y|ied))|changes to make|changes planned|what i(?:'ll| will) (?:do|change))(?: (?:is|for|in|of|to|on|so)(?![\\w-]).{0,120})?$`,
      "i",
    ),
    { mood: SENDER, kind: "touch" },
  ],
];

/** What a label means; undefined for other words. */
export function belowLabel(words: string): Below | undefined {
  const label = words.replace(/[:.!\s]+$/, "").trim();
  return LABELS.find(([pattern]) => pattern.test(label))?.[1];
}

/** Of a file in a list: it is not changed. */
export const LEFT_ALONE =
  /(?:^|[\s(])(?:untouched|unchanged|no changes?|not (?:touch|chang|modif|edit)\w*|as[- ]is|left alone|yours|(?:hands )?off|read[- ]only)(?![\w-])/i;

/** What is reported as done is not a promise. */
export const DONE =
  /(?:^|[\s(])(?:added|implemented|updated|changed|done|modified|created|fixed|finished|already|completed|committed|pushed|moved|removed|renamed|refactored|extended|wrote|merged)(?![\w-])/i;
