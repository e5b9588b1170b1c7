// Owns what one clause says, given the clauses before it: who is spoken of from here on, and what is done to files. Pure.
import { type Act, actIn, objectMarks } from "./acts.ts";
import type { Clause } from "./clauses.ts";
import { DONE } from "./labels.ts";
import { nominalIn } from "./nominal.ts";
import { PATH } from "./prose.ts";
import { type Mood, speakerOf, type Who } from "./speakers.ts";
import { ALTER_BASE, ALTERING, OFF_STARTS } from "./verbs.ts";

export type WhoseAct = Act & { readonly who: Who };
/** What a clause leaves to those behind it. */
export type Heard = {
  /** Whom the clause binds, and whether it is negated; undefined when it binds no agent. */
  readonly mood?: Mood | undefined;
  /** The subject, also of a clause without a commitment: `I could …, and will …`. */
  readonly subject?: Who | undefined;
  readonly act?: WhoseAct | undefined;
};

export const PLAIN: Act = { kind: "touch", marks: [], pronoun: null, only: false, part: false };
const PATHS = new RegExp(PATH, "g");
/** A clause that begins with files. */
const LIST = new RegExp(
  `^(?:(?:in|file|files|new file|the|also|and) )*(${PATH}(?:(?:(?: \\([^()]{0,60}\\))?(?:,? (?:and |& |or |\\+ )?|, |/))${PATH})*)`,
  "i",
);
/** Who says, writes or wants what follows is not the sender. */
export const REPORTED =
  /(?:^|[\s(])(?:you|they|he|she|your (?:message|note|plan|proposal)|the (?:message|task|spec|specification|description|instructions?|issue|prompt))(?:'ve| have| had| just| already| also)? (?:said|says?|wrote|writes?|mention(?:ed|s)?|told|asked|asks?|claim(?:ed|s)?|promised|announced|planned|proposed|suggested|wanted|wants?|agreed|described?|requires?)(?![\w-])/i;
const HEDGED =
  /(?:^|[\s(])(?:maybe|perhaps|possibly|ideally|alternatively|otherwise|potentially|theoretically|hypothetically|not sure|unsure|for example|in theory)(?![\w-])/i;
const NOT_YET = /(?:^|\s)(?:yet|for now|for the moment|until|till)(?![\w-])/i;
const START = new RegExp(
  `^(?<lead>(?:(?:in|inside|within|for) (?:the (?:file )?)?${PATH},? |(?:and|then|also|to|first|next|finally|only|just|\\d[.)]) )*)(?<aux>will not |won't |do not |don't |not |never |will )?(?:(?:be|only|just|also|then) )*(?=(?:${ALTER_BASE}|${OFF_STARTS}|only|work|start|focus|in)(?![\\w-]))`,
  "i",
);
const ORDER = new RegExp(
  `^(?:(?:so|and|then|also|just|ok|okay) )*(?=(?:${OFF_STARTS})(?![\\w-]))`,
  "i",
);
/** `Working on src/a.ts now`, `not touching src/b.ts`. */
const DOING = new RegExp(
  `^(?:(?:currently|now|also|just|only|still) )*(?<not>(?:not|no longer) )?(?=(?:${ALTERING}|working)(?![\\w-]))`,
  "i",
);
const GERUND =
  /(?:^|\s)(?:would|could|will|might|may|should|is|are|was|breaks?|causes?|makes?|needs?|requires?|seems?|worked|works|failed)(?![\w-])/i;
const PLEASE = /(?<!\w)(?:please|pls)(?!\w)/i;
const NEW_FILE = new RegExp(
  `(?:^|[\\s(])(?:an?|one|the|my) new (?:file|module),? (?=${PATH})`,
  "i",
);
const NOTICED = /(?:^|\s)i (?:see|saw|find|found|notice|noticed|read|have|know)(?![\w-])/i;

const ENSURE = /^ ?(?:(?:please )?(?:make sure|ensure|see|be sure|note)(?: that)?|let) /i;

/** What a clause says behind `before`; `open` is an act that has named no file so far. */
export function hears(
  clause: Clause,
  before: Heard & { readonly open?: WhoseAct | undefined },
): Heard {
  const { text, connector, role, asked } = clause;
  if (role === "silent" || asked) return {};
  if (/^(?:without|not|but not|and not)$/.test(connector) && before.open !== undefined)
    return spared(text, before.open, before);
  if (connector === "only" && before.open !== undefined)
    return {
      ...before,
      act: { ...PLAIN, who: before.open.who, only: true, marks: listedFirst(text) },
    };
  if (/^(?:without|instead of|rather than)$/.test(connector)) return {};
  const found = speakerOf(text);
  if (HEDGED.test(text.slice(0, found?.begins)) || NOT_YET.test(text)) return {};
  if (found === undefined) return unspoken(clause, before);
  const { mood, begins, ends } = found;
  const subject = /^i(?!t)/i.test(text.slice(begins)) ? "sender" : mood?.who;
  if (mood === null) return { subject };
  const isReported = REPORTED.test(text.slice(0, ends + 20));
  if (isReported || (role === "subordinate" && mood.who === "reader")) return {};
  const act = actIn(text, { mood, begins, ends });
  if (act !== undefined) return { mood, subject, act: { ...act, who: mood.who } };
  if (mood.who === "sender")
    return { mood, subject, act: nominalIn(text) ?? newFileIn(text, mood) };
  const kept = nominalIn(text.slice(ends).replace(ENSURE, ""));
  return { mood, act: kept?.kind === "keep_off" ? { ...kept, who: "reader" } : undefined };
}

/** The paths that a text begins with. */
export function listedFirst(text: string): readonly string[] {
  return LIST.exec(text)?.[1]?.match(PATHS) ?? [];
}

/** `I multiply amounts (a new file src/a.ts)`: whatever is done, a new file is made. */
function newFileIn(text: string, { who, denied }: Mood): WhoseAct | undefined {
  const match = NEW_FILE.exec(text);
  if (match === null || denied || NOTICED.test(text)) return undefined;
  const marks = objectMarks(text.slice(match.index));
  return marks.length === 0 ? undefined : { ...PLAIN, marks, who };
}

/** `without touching src/a.ts`, `but not src/b.ts`: of the one who was spoken of. */
function spared(text: string, { who }: WhoseAct, { mood, subject }: Heard): Heard {
  const marks = text.match(PATHS) ?? [];
  const act = { ...PLAIN, kind: "keep_off", marks, who } as const;
  return { mood, subject, act: marks.length === 0 ? undefined : act };
}

/** A clause without a subject goes on with the one before, or is an order, or says whose a file is. */
function unspoken(
  { text, role }: Clause,
  { mood, subject, open }: Heard & { readonly open?: WhoseAct | undefined },
): Heard {
  const start = role === "spoken" ? START.exec(text) : null;
  const aux = start?.groups?.aux?.toLowerCase();
  // After a clause without a commitment, only a new auxiliary makes one: `I could edit it and will add …`.
  const who = mood?.who ?? (aux === undefined ? undefined : subject);
  if (start !== null && who !== undefined) {
    const denied =
      aux === undefined ? mood?.denied === true && !/^to /i.test(text) : aux !== "will ";
    const begins = start.groups?.lead?.length ?? 0;
    const spoken: Mood = { who, denied };
    const act = actIn(text, { mood: spoken, begins, ends: start[0].trimEnd().length });
    if (act !== undefined || open === undefined)
      return { mood: spoken, subject: who, act: act && { ...act, who } };
  }
  const doing = role === "spoken" && mood === undefined ? DOING.exec(text) : null;
  if (doing !== null && !GERUND.test(text)) {
    const own: Mood = { who: "sender", denied: doing.groups?.not !== undefined };
    const act = actIn(text, { mood: own, begins: 0, ends: doing[0].length });
    if (act !== undefined) return { mood: own, subject: "sender", act: { ...act, who: "sender" } };
  }
  const order = ORDER.exec(text) ?? (PLEASE.test(text) ? start : null);
  if (order !== null && mood === undefined) {
    const asked: Mood = { who: "reader", denied: false };
    const act = actIn(text, { mood: asked, begins: 0, ends: order[0].length });
    if (act !== undefined) return { mood: asked, act: { ...act, who: "reader" } };
  }
  const marks = listedFirst(text);
  if (open !== undefined && open.marks.length === 0 && marks.length > 0 && !DONE.test(text))
    return { mood, subject, act: { ...open, marks } };
  return { mood, subject, act: nominalIn(text) };
}
