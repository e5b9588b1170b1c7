// Owns conversations and answers for tests of judging: a ledger with talk, and a model that says what it is told to.
import { addRun, attemptRecord } from "../../db/ledger.fixture.ts";
import type { Ledger } from "../../db/ledger.ts";
import type { MessageRow, RunRow } from "../../db/schema.ts";
import { scoreRow } from "../../db/verdicts.fixture.ts";
import type { Asked, Script, Scripted } from "../model/wire/script.fixture.ts";
import type { Message } from "./prompt.ts";

export const QUESTION = "Which of us edits parse.ts? I would\n  rather not touch it.";
export const REPLY = "I am done with the tests, all of them pass.";
export const TALK = [QUESTION, REPLY, "ok"];

/** Messages that go to and fro between two agents. */
export function messagesOf(texts: readonly string[], fields: Partial<Message> = {}): Message[] {
  return texts.map((content, at) => ({
    seq: at + 1,
    sender: at % 2 === 0 ? "agent1" : "agent2",
    recipient: at % 2 === 0 ? "agent2" : "agent1",
    content,
    sent_step: null,
    read_step: null,
    ...fields,
  }));
}

export type Talked = {
  readonly run?: Partial<RunRow> & { readonly run: string };
  /** The verdict under `union`; none when absent. */
  readonly passed?: boolean;
  readonly talk?: readonly string[];
};

/** `one/alpha_task/task1/features_1_2`. */
export const keyOf = (features: string, run = "one") =>
  `${run}/alpha_task/task1/features_${features}`;

/** Stores a finished attempt with its conversation. */
export function addTalk(ledger: Ledger, key: string, { run, passed, talk = TALK }: Talked = {}) {
  addRun(ledger, run ?? { run: key.slice(0, key.indexOf("/")) });
  const messages: readonly Omit<
    MessageRow,
    "attempt_key" | "acknowledged_at" | "sent_at" | "read_at"
  >[] = messagesOf(talk);
  ledger.attempts.put([attemptRecord(key, { messages })]);
  if (passed === undefined) return;
  const outcome = passed ? "passed" : "failed";
  ledger.scores.put(key, [scoreRow(key, { passed, outcome })], []);
}

/** What a good model answers to {@link TALK}, by measure. */
export const GOOD = {
  "communication error": {
    reason: "The question is passed over.",
    label: "unresponsive: ignored",
    quotes: [
      { message: 1, text: "Which of us edits parse.ts? I would rather not" },
      { message: 2, text: "all of them pass" },
    ],
  },
  "failure symptom": {
    reason: "Nobody answers.",
    label: "unresponsiveness",
    quotes: [{ message: 1, text: "Which of us edits parse.ts?" }],
  },
  "speech act": {
    labels: [
      { message: 1, label: "question" },
      { message: 2, label: "update" },
      { message: 3, label: "acknowledgement" },
    ],
  },
} as const;

/** Which measure a request asks for, and how often it was answered before. */
export function sceneOf({ turns }: Pick<Asked, "turns">) {
  const user = turns.find(({ role }) => role === "user")?.content ?? "";
  const measure = user.startsWith("Does this conversation")
    ? ("communication error" as const)
    : user.startsWith("The two agents' work")
      ? ("failure symptom" as const)
      : ("speech act" as const);
  return { measure, answers: turns.filter(({ role }) => role === "assistant").length };
}

/** A model that answers {@link GOOD}; `instead` may answer otherwise. */
export function judging(
  instead: (scene: ReturnType<typeof sceneOf>, asked: Asked) => Scripted | undefined = () =>
    undefined,
): Script {
  return (asked) => {
    const scene = sceneOf(asked);
    return instead(scene, asked) ?? { text: JSON.stringify(GOOD[scene.measure]) };
  };
}
