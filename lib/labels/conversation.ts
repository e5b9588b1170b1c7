// Owns what is counted in one conversation: turns, speech acts, unanswered questions, near-duplicates, mentions. Pure.
import { type Mentions, mentionsIn } from "./mentions.ts";
import { holdsPlan, type SpeechAct, speechAct } from "./speech-acts.ts";

/** A message as one recipient got it, in the order of the mailbox; what was not recorded is null. */
export type Said = {
  readonly sender: string;
  readonly recipient: string;
  readonly content: string;
  readonly sent_at: string | null;
  readonly sent_step: number | null;
  readonly read_at: string | null;
  readonly read_step: number | null;
};
/** One message, said to one or to several. */
export type Labelled = {
  readonly sender: string;
  /** How many recipients it went to at once. */
  readonly copies: number;
  readonly act: SpeechAct;
  /** A question that none of its readers replied to after reading it. */
  readonly unanswered: boolean;
  /** Nearly the same as an earlier message of its sender. */
  readonly repeats: boolean;
  readonly mentions: Mentions;
};
/** Counts of one attempt's conversation, at least one message long. */
export type Conversation = {
  readonly messages: readonly Labelled[];
  /** Whether the first message holds a plan, even after a question. */
  readonly begins_with_plan: boolean;
  /** Runs of messages by one sender. */
  readonly turns: number;
  readonly first_sent_at: string | null;
  /** Model call in which the first message was sent, from 1. */
  readonly first_sent_step: number | null;
};

/** From this share of common words up, two messages are near-duplicates. */
export const NEAR_DUPLICATE = 0.8;
/** Distinct words that a message must have to be compared: two short thanks are not a repetition. */
const FEWEST_WORDS = 5;
/** A message is compared with this many messages before it, if they are from its sender. */
const WINDOW = 200;

/**
 * Labels and counts per conversation. The same text sent to several partners at once is one message. A question is open
 * from when it was read (by its step, else by its time; by order alone if reads were not recorded) until the reader
 * writes back anything but a question. Near-duplicates: Jaccard's coefficient of the two messages' sets of words, at
 * least {@link NEAR_DUPLICATE}. Source: Broder 1997, "On the resemblance and containment of documents", with shingles
 * of one word, as messages are short; the threshold is ours.
 */
export function conversationOf(said: readonly Said[]): Conversation {
  const messages = gathered(said);
  const order = messages.some(({ copies }) => copies.some(hasReading)) ? "read" : "sent";
  const open: Open[] = [];
  const labelled = messages.map((message): Labelled & { readonly open: Open } => {
    const { sender, content } = message;
    const heard = open.filter((question) => replies(message, question, order));
    for (const question of heard) question.replied = true;
    const waiting = heard.filter(({ answered }) => !answered);
    const act = speechAct(content, { question_open: waiting.length > 0 });
    if (act !== "question") for (const question of waiting) question.answered = true;
    const asked = { message, replied: false, answered: false };
    if (act === "question") open.push(asked);
    const repeats = repeatsEarlier(message, messages);
    const mentions = mentionsIn(content);
    const copies = message.copies.length;
    return { sender, copies, act, unanswered: false, repeats, mentions, open: asked };
  });
  return {
    messages: labelled.map(({ open: { replied }, ...one }) => ({
      ...one,
      unanswered: one.act === "question" && !replied,
    })),
    begins_with_plan: holdsPlan(messages[0]?.content ?? ""),
    turns: messages.filter(({ sender }, at) => sender !== messages[at - 1]?.sender).length,
    first_sent_at: said[0]?.sent_at ?? null,
    // 0 marks a message from a program that counts no steps.
    first_sent_step: said[0]?.sent_step || null,
  };
}

type Message = {
  readonly at: number;
  readonly sender: string;
  readonly content: string;
  readonly copies: readonly Said[];
  readonly words: ReadonlySet<string>;
};
type Open = { readonly message: Message; replied: boolean; answered: boolean };

/** One message for the copies that several recipients got of it. */
function gathered(said: readonly Said[]): Message[] {
  const groups: Said[][] = [];
  for (const one of said) {
    const last = groups.at(-1);
    if (last !== undefined && isCopy(one, last)) last.push(one);
    else groups.push([one]);
  }
  return groups.flatMap((copies, at) => {
    const [first] = copies;
    if (first === undefined) return [];
    const { sender, content } = first;
    return [{ at, sender, content, copies, words: wordsOf(content) }];
  });
}

function isCopy(one: Said, copies: readonly Said[]): boolean {
  const [first] = copies;
  return (
    first?.sender === one.sender &&
    first.content === one.content &&
    first.sent_step === one.sent_step &&
    copies.every(({ recipient }) => recipient !== one.recipient)
  );
}

function hasReading({ read_at, read_step }: Said): boolean {
  return read_at !== null || read_step !== null;
}

/** Whether the message goes back to the one who asked, from one who had read the question. */
function replies({ sender, copies }: Message, { message: asked }: Open, order: "read" | "sent") {
  const back = copies.find(({ recipient }) => recipient === asked.sender);
  const heard = asked.copies.find(({ recipient }) => recipient === sender);
  return back !== undefined && heard !== undefined && isReply(back, heard, order);
}

type Reading = Pick<Said, "sent_at" | "sent_step" | "read_at" | "read_step">;

/** Whether a later message of a message's reader was written after reading: by steps, else by times; by order alone where reading was not recorded. */
export function isReply(back: Reading, heard: Reading, order: "read" | "sent"): boolean {
  if (order === "sent") return true;
  if (heard.read_step !== null && back.sent_step) return back.sent_step >= heard.read_step;
  if (heard.read_at === null) return false;
  return back.sent_at === null || back.sent_at >= heard.read_at;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu));
}

function repeatsEarlier(message: Message, all: readonly Message[]): boolean {
  if (message.words.size < FEWEST_WORDS) return false;
  return all
    .slice(Math.max(0, message.at - WINDOW), message.at)
    .some(({ sender, words }) => sender === message.sender && isNear(message.words, words));
}

function isNear(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  const [least, most] = [Math.min(one.size, other.size), Math.max(one.size, other.size)];
  // The coefficient is at most the ratio of the sizes.
  if (least < FEWEST_WORDS || least / most < NEAR_DUPLICATE) return false;
  const common = one.intersection(other).size;
  return common / (one.size + other.size - common) >= NEAR_DUPLICATE;
}
