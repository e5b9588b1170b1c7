// Owns the words for coupling and talking in a report: titles of their parts, and what each column of theirs means.
import type { Kind } from "../column-kind.ts";

/** Columns that only these parts have, with how each is written and what it means. */
export const MEASURE_COLUMNS = {
  patches: ["text", "whose: `gold` for the reference patches, `agents`"],
  merge: ["text", "which naive merge: of the reference patches (`gold`) or the run's own (`run`)"],
  trait: ["text", "what the patches of a pair have in common"],
  group: ["text", "which attempts with messages"],
  act: ["text", "what a message does; `other`: no rule holds"],
  has: ["count", "attempts with the trait"],
  hits: ["count", "of these: conflicts"],
  precision: ["rate", "hits / has: the conflict rate with the trait"],
  recall: ["rate", "hits / conflicts"],
  rate_without: ["rate", "conflict rate without the trait"],
  silent: ["count", "attempts without a message"],
  sends: ["count", "messages sent"],
  receives: ["count", "messages read"],
  actions: ["count", "commands run, messages sent without one, and messages read"],
  overhead: ["rate", "(sends + receives) / actions"],
  overhead_q1: ["rate", "its first quartile over attempts"],
  overhead_median: ["rate", "its median"],
  overhead_q3: ["rate", "its third quartile"],
  talk_steps: ["count", "steps in which a message was sent or read"],
  talk_tokens: ["count", "tokens of these steps"],
  talk_token_share: ["rate", "talk_tokens / tokens of all calls, summaries included"],
  talk_cost_usd: ["usd", "US dollars of these steps"],
  talk_cost_share: ["rate", "talk_cost_usd / cost of all calls"],
  per_message: ["number", "total / messages of the run"],
  plans: ["count", "messages labelled plan"],
  questions: ["count", "messages labelled question"],
  plan_question_ratio: ["number", "plans / questions"],
} as const satisfies Record<string, readonly [Kind, string]>;

/** The parts, by the names that a report gives them, with what a reader must know. */
export const MEASURE_PARTS = {
  coupling: {
    title: "What the coupling of patches says of conflicts",
    labels: ["run", "patches", "merge", "trait"],
    note: "precision is the conflict rate of the attempts with the trait, recall the share of conflicts that have it; same scope is by the text behind a hunk's second @@.",
    empty: "nothing is merged",
  },
  distances: {
    title: "How closely patches are coupled",
    labels: ["run", "patches", "measure"],
    note: "min_hunk_distance counts untouched lines between the nearest changes of a common file; unknown without one.",
    empty: "nothing is merged",
  },
  talk: {
    title: "What talking costs",
    labels: ["run"],
    note: "An action is a command, or a message sent or read. Tokens and cost are those of whole steps in which a message was sent or read; unknown attempts have no steps written down.",
    empty: "no run is coop",
  },
  conversations: {
    title: "Conversations",
    labels: ["run", "measure"],
    note: "Over attempts with a message; a text sent to several is one message. Unanswered: no reader wrote back after reading. Near-duplicate: shares four fifths of its words with an earlier message of its sender.",
    empty: "no message was sent",
  },
  acts: {
    title: "Speech acts",
    labels: ["run", "act"],
    note: "One label a message, by rules for English, the first that holds: question, answer, plan, update, acknowledgement.",
    empty: "no message was sent",
  },
  planning: {
    title: "Planning and conflicts",
    labels: ["run", "group"],
    note: "Attempts with a message. A first message that asks is a question by its label, and may hold a plan all the same.",
    empty: "no message was sent",
  },
} as const satisfies Record<
  string,
  { title: string; labels: readonly string[]; note: string; empty: string }
>;
