// Owns reading a message's sentences one after the other: what "it" means, what a heading or a label says of its list. Pure.
import type { Act } from "./acts.ts";
import { type Clause, clausesOf } from "./clauses.ts";
import { type Heard, hears, listedFirst, PLAIN, REPORTED, type WhoseAct } from "./heard.ts";
import { type Below, belowLabel, DONE, LEFT_ALONE } from "./labels.ts";
import { type Line, MARK, PATH } from "./prose.ts";
import type { Who } from "./speakers.ts";

/** What one clause says of files; the marks of paths stand for what they name. */
export type Saying = WhoseAct & { readonly clause: string };

const PATHS = new RegExp(PATH, "g");
const ONLY_PATHS = new RegExp(`^(?:in |for )?(?:${PATH}(?:, | and |, and )?)+$`, "i");
const NO_OTHER =
  /(?:^|\s)(?:no other (?:files?|modules?|changes?)|nothing else|any other (?:files?|modules?)|anything else|everything else (?:untouched|unchanged|alone|as is|as it is)|other files?|only (?:these|those|that|this)|that's all)(?![\w-])/i;
/** A sentence without a path that is about files has one of these words. */
const LOOKS_BACK =
  /(?:^|[\s'(])(?:it|them|there|that|this|those|these|both|either|file|files|else|other)(?!\w)/i;
/** Clauses that "it" may look back over. */
const RECENT = 3;

/** What is said before a clause in its sentence, and around it. */
type Standing = Heard & {
  readonly open?: WhoseAct | undefined;
  /** The files that a heading or a label names, and whom that concerns. */
  readonly around: readonly string[];
  readonly everyone: boolean;
};
type Heading = Below & { readonly marks: readonly string[] };

export class Reading {
  readonly sayings: Saying[] = [];
  private readonly below = new Map<Line, Heading>();
  /** Paths of the last clause that names something, and how many clauses ago that was. */
  private named: readonly string[] = [];
  private age = 0;

  line(line: Line): void {
    const heading = line.parent === null ? undefined : this.below.get(line.parent);
    const before = this.sayings.length;
    for (const sentence of line.sentences) this.sentence(sentence, line, heading);
    if (heading?.kind !== undefined && this.sayings.length === before) this.bare(line, heading);
    if (heading !== undefined && line.heading && !this.below.has(line))
      this.below.set(line, heading);
  }

  /** A list below a heading may name files and no more. */
  private bare({ sentences }: Line, { mood, kind }: Below): void {
    const [first = ""] = sentences;
    const marks = listedFirst(first);
    if (marks.length === 0 || kind === undefined || DONE.test(sentences.join(" "))) return;
    const meant = LEFT_ALONE.test(sentences.join(" ")) ? "keep_off" : kind;
    this.sayings.push({ ...PLAIN, kind: meant, marks, who: mood.who, clause: first });
  }

  private sentence(sentence: string, line: Line, heading: Heading | undefined): void {
    const around = heading?.marks ?? [];
    const isBlank = !line.heading && around.length === 0 && !sentence.includes("\uE000");
    if (isBlank && !LOOKS_BACK.test(sentence)) {
      this.note(sentence);
      return;
    }
    let standing: Standing = { mood: heading?.mood, around, everyone: false };
    const clauses = clausesOf(sentence);
    for (const [at, clause] of clauses.entries()) {
      const isLast = at === clauses.length - 1;
      const isLabel = clauses[at + 1]?.connector === ":" || (line.heading && isLast);
      if (isLabel && REPORTED.test(clause.text)) return;
      const heard = hears(clause, standing);
      this.say(heard, clause.text, standing);
      this.note(clause.text);
      standing = after(standing, { heard, clause, isLabel });
      if (line.heading) this.heads(line, clause, standing);
    }
  }

  /** Keeps what an act is about: its own paths, those of before, or those around it. */
  private say({ act, mood }: Heard, clause: string, { around, everyone }: Standing): void {
    if (act === undefined) {
      if (mood !== undefined && NO_OTHER.test(clause)) this.nothingElse(mood.who);
      return;
    }
    const { who, kind, marks, pronoun } = act;
    const before =
      this.age < RECENT && (pronoun !== "several" || this.named.length > 1) ? this.named : [];
    const implied = kind === "touch" && (everyone || who === "sender") ? around : [];
    const meant = pronoun === null ? implied : before;
    if (marks.length > 0) this.sayings.push({ ...act, clause });
    else if (NO_OTHER.test(clause)) this.nothingElse(who);
    else if (meant.length > 0) this.sayings.push({ ...act, marks: meant, part: false, clause });
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

  private heads(line: Line, { text }: Clause, { open, mood }: Standing): void {
    const own = belowLabel(text);
    const marks = text.match(PATHS) ?? [];
    if (own !== undefined) this.below.set(line, { ...own, marks });
    else if (mood !== undefined)
      this.below.set(line, { mood: { ...mood, denied: false }, kind: open?.kind, marks: [] });
  }
}

type Passed = { readonly heard: Heard; readonly clause: Clause; readonly isLabel: boolean };

/** What stands for the next clause. A label says of whom the rest is, or which files it is about. */
function after(standing: Standing, { heard, clause: { text }, isLabel }: Passed): Standing {
  const label = isLabel ? belowLabel(text) : undefined;
  if (isLabel && ONLY_PATHS.test(text))
    return { ...standing, around: text.match(PATHS) ?? [], everyone: true };
  const { around, everyone } = standing;
  if (label === undefined) return { ...heard, open: heard.act, around, everyone };
  const { mood, kind } = label;
  const open: Act & { who: Who } = { ...PLAIN, kind: kind ?? "touch", who: mood.who };
  return { mood, subject: mood.who, open: kind === undefined ? undefined : open, around, everyone };
}
