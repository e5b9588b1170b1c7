// Owns reading a message's sentences one after the other: who is spoken of, what "it" means, what a heading says of its list. Pure.
import { type Act, actIn, objectMarks } from "./acts.ts";
import { type Clause, clausesOf } from "./clauses.ts";
import { type Below, belowLabel, DONE } from "./labels.ts";
import { nominalIn } from "./nominal.ts";
import { type Line, MARK, PATH } from "./prose.ts";
import { type Mood, speakerOf, type Who } from "./speakers.ts";
import { ALTER_BASE, OFF_STARTS } from "./verbs.ts";

/** What one clause says of files; the marks of paths stand for what they name. */
export type Saying = Act & { readonly who: Who; readonly clause: string };

const LIST = new RegExp(
  `^(?:(?:in|file|files|new file|the|also|and) )*(${PATH}(?:(?:,? (?:and |& |or )?|, |/)${PATH})*)`,
  "i",
);
const PATHS = new RegExp(PATH, "g");
/** Who says, writes or wants what follows is not the sender. */
const REPORTED =
  /(?:^|[\s(])(?:you|they|he|she|your (?:message|note|plan|proposal)|the (?:message|task|spec|specification|description|instructions?|issue|prompt))(?:'ve| have| had| just| already| also)? (?:said|says?|wrote|writes?|mention(?:ed|s)?|told|asked|asks?|claim(?:ed|s)?|promised|announced|planned|proposed|suggested|wanted|wants?|agreed|described?|requires?)(?![\w-])/i;
const HEDGED =
  /(?:^|[\s(])(?:maybe|perhaps|possibly|ideally|alternatively|otherwise|potentially|theoretically|hypothetically|not sure|unsure|for example|in theory)(?![\w-])/i;
const NOT_YET = /(?:^|\s)(?:yet|for now|for the moment|until|till)(?![\w-])/i;
const BARE_START = new RegExp(
  `^(?<lead>(?:(?:in|inside|within|for) (?:the (?:file )?)?${PATH},? |(?:and|then|also|to|first|next|finally|only|just|\\d[.)]) )*)(?<deny>(?:will not|won't|do not|don't|not|never) )?(?:will |be |only |just |also |then )*(?=(?:${ALTER_BASE}|${OFF_STARTS}|only|work|start|focus|in|touch)(?![\\w-]))`,
  "i",
);
const ORDER = new RegExp(
  `^(?:(?:so|and|then|also|just|ok|okay) )*(?=(?:${OFF_STARTS})(?![\\w-]))`,
  "i",
);
const NEW_FILE = new RegExp(
  `(?:^|[\\s(])(?:an?|one|the|my) new (?:file|module),? (?=${PATH})`,
  "i",
);
const NOTICED = /(?:^|\s)i (?:see|saw|find|found|notice|noticed|read|have|know)(?![\w-])/i;
const NO_OTHER =
  /(?:^|\s)(?:no other (?:files?|modules?|changes?)|nothing else|any other (?:files?|modules?)|anything else|other files?|only (?:these|those|that|this)|that's all)(?![\w-])/i;

/** Clauses that "it" may look back over. */
const RECENT = 3;

export class Reading {
  readonly sayings: Saying[] = [];
  private readonly below = new Map<Line, Below & { readonly marks: readonly string[] }>();
  /** Paths of the last clause that names something, and how many clauses ago that was. */
  private named: readonly string[] = [];
  private age = 0;

  line(line: Line): void {
    const from = line.parent === null ? undefined : this.below.get(line.parent);
    const before = this.sayings.length;
    for (const sentence of line.sentences) this.sentence(sentence, line, from);
    if (from?.kind !== undefined && this.sayings.length === before) this.bare(line, from);
    if (from !== undefined && line.heading && !this.below.has(line)) this.below.set(line, from);
  }

  /** A list below a heading may name files and no more. */
  private bare({ sentences }: Line, { mood, kind }: Below): void {
    const [first = ""] = sentences;
    const marks = LIST.exec(first)?.[1]?.match(PATHS) ?? [];
    if (marks.length === 0 || kind === undefined || DONE.test(sentences.join(" "))) return;
    this.add({ ...PLAIN, kind, marks }, mood.who, first);
  }

  private sentence(
    sentence: string,
    line: Line,
    from?: Below & { readonly marks: readonly string[] },
  ) {
    let mood: Mood | undefined = from?.mood;
    let open: (Act & { readonly who: Who }) | undefined;
    const clauses = clausesOf(sentence);
    for (const [at, clause] of clauses.entries()) {
      const label =
        clauses[at + 1]?.connector === ":" || (line.heading && at === clauses.length - 1);
      const meant = label ? belowLabel(clause.text) : undefined;
      if (label && REPORTED.test(clause.text)) return;
      const heard =
        clause.role === "silent" || clause.asked ? undefined : this.clause(clause, mood, open);
      mood = meant?.mood ?? heard?.mood ?? undefined;
      const act = heard?.act;
      open =
        act ??
        (meant?.kind === undefined
          ? undefined
          : { ...PLAIN, kind: meant.kind, who: meant.mood.who });
      if (act !== undefined) this.say(act, clause.text, from?.marks ?? []);
      else if (mood !== undefined && NO_OTHER.test(clause.text)) this.nothingElse(mood.who);
      this.note(clause.text);
      if (line.heading) this.heads(line, { clause, open, mood });
    }
  }

  private clause(
    clause: Clause,
    mood: Mood | undefined,
    open?: Act & { readonly who: Who },
  ): Heard | undefined {
    const { text, connector } = clause;
    if (/^(?:without|not|but not|and not)$/.test(connector) && open !== undefined)
      return spared(text, open, mood);
    if (/^(?:without|instead of|rather than)$/.test(connector)) return undefined;
    const found = speakerOf(text);
    if (found === undefined) return unspoken(clause, mood, open);
    const before = text.slice(0, found.begins);
    if (
      found.mood === null ||
      REPORTED.test(text.slice(0, found.ends + 20)) ||
      HEDGED.test(text) ||
      NOT_YET.test(text)
    )
      return undefined;
    const act = actIn(text, { ...found, mood: found.mood });
    if (act !== undefined) return { mood: found.mood, act: { ...act, who: found.mood.who } };
    if (before === "" && found.mood.who === "reader") return { mood: found.mood };
    return { mood: found.mood, act: nominalIn(text) ?? newFileIn(text, found.mood) };
  }

  /** Keeps what an act is about: its own paths, those of before, or those of the heading. */
  private say(act: Act & { readonly who: Who }, clause: string, around: readonly string[]): void {
    const { who, kind, marks, pronoun } = act;
    const before =
      this.age < RECENT && (pronoun !== "several" || this.named.length > 1) ? this.named : [];
    const meant = pronoun !== null ? before : kind === "touch" && who === "sender" ? around : [];
    if (marks.length > 0) this.add(act, who, clause);
    else if (NO_OTHER.test(clause)) this.nothingElse(who);
    else if (meant.length > 0) this.add({ ...act, marks: meant, part: false }, who, clause);
  }

  private add(act: Act, who: Who, clause: string): void {
    this.sayings.push({ ...act, who, clause });
  }

  /** `I touch no other file`: what was said before is all. */
  private nothingElse(who: Who): void {
    for (const [at, saying] of this.sayings.entries())
      if (saying.who === who && saying.kind === "touch")
        this.sayings[at] = { ...saying, only: true };
  }

  private note(text: string): void {
    const marks = text.match(MARK);
    this.age++;
    if (marks === null) return;
    this.named = marks.filter((mark) => mark.startsWith("\uE000"));
    this.age = 0;
  }

  private heads(
    line: Line,
    {
      clause,
      open,
      mood,
    }: { clause: Clause; open?: (Act & { who: Who }) | undefined; mood?: Mood | undefined },
  ) {
    const own = belowLabel(clause.text);
    const marks = clause.text.match(PATHS) ?? [];
    if (own !== undefined) this.below.set(line, { ...own, marks });
    else if (mood !== undefined)
      this.below.set(line, { mood: { ...mood, denied: false }, kind: open?.kind, marks: [] });
  }
}

type Heard = {
  readonly mood?: Mood | undefined;
  readonly act?: (Act & { readonly who: Who }) | undefined;
};
const PLAIN: Act = { kind: "touch", marks: [], pronoun: null, only: false, part: false };

/** `I multiply amounts (a new file src/a.ts)`: whatever is done, a new file is made. */
function newFileIn(text: string, { who, denied }: Mood): Heard["act"] {
  const match = NEW_FILE.exec(text);
  if (match === null || denied || who === "reader" || NOTICED.test(text)) return undefined;
  return objectsOf(text.slice(match.index), who);
}

function objectsOf(text: string, who: Who): Heard["act"] {
  const marks = objectMarks(text);
  return marks.length === 0 ? undefined : { ...PLAIN, marks, who };
}

/** `without touching src/a.ts`, `but not src/b.ts`: of the one who was spoken of. */
function spared(text: string, { who }: { readonly who: Who }, mood: Mood | undefined): Heard {
  const marks = text.match(PATHS) ?? [];
  return { mood, act: marks.length === 0 ? undefined : { ...PLAIN, kind: "keep_off", marks, who } };
}

/** A clause without a subject goes on with the one before, or is an order, or says whose a file is. */
function unspoken(
  { text, role }: Clause,
  mood: Mood | undefined,
  open?: Act & { readonly who: Who },
): Heard | undefined {
  if (HEDGED.test(text) || NOT_YET.test(text)) return undefined;
  const start = BARE_START.exec(text);
  if (start !== null && mood !== undefined && role === "spoken") {
    const denied =
      start.groups?.["deny"] !== undefined || (mood.denied && !/^to |will /i.test(text));
    const begins = start.groups?.["lead"]?.length ?? 0;
    const act = actIn(text, { mood: { who: mood.who, denied }, begins, ends: start[0].length });
    return { mood, act: act && { ...act, who: mood.who } };
  }
  const order = ORDER.exec(text) ?? (/(?<!\w)(?:please|pls)(?!\w)/i.test(text) ? start : null);
  if (order !== null && mood === undefined) {
    const asked = { who: "reader", denied: false } as const;
    const act = actIn(text, { mood: asked, begins: 0, ends: order[0].length });
    if (act !== undefined) return { mood: asked, act: { ...act, who: "reader" } };
  }
  const listed = LIST.exec(text);
  if (open !== undefined && open.marks.length === 0 && listed !== null && !DONE.test(text))
    return { mood, act: { ...open, marks: listed[1]?.match(PATHS) ?? [] } };
  return { mood, act: nominalIn(text) };
}
