// Owns the prompt that a model is asked with: the templates filled with a conversation, and the part that the ledger keeps.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Judged, MessageRow } from "../../db/schema.ts";
import { fill } from "../agent/templates.ts";
import { sha256 } from "../core/files.ts";
import { redactDeep } from "../core/redact.ts";
import { plural } from "../core/text.ts";
import { meaningsOf, NO_EVIDENCE, TAXONOMY } from "./taxonomy.ts";

/** A message as it is judged; its number is the ledger's `seq`. */
export type Message = Pick<
  MessageRow,
  "seq" | "sender" | "recipient" | "content" | "sent_step" | "read_step"
>;

export type Prompt = {
  readonly system: string;
  readonly user: string;
  /** Both as one text, with the conversation's hash in place of the messages, which the ledger has anyway. */
  readonly stored: string;
  /** SHA-256 of both without any conversation: the same text is the same prompt. */
  readonly sha256: string;
};

const texts = new Map<string, string>();

/** The text of `prompts/<name>.mustache`, without the newline at its end. */
function template(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const path = join(import.meta.dir, "prompts", `${name}.mustache`);
  const text = readFileSync(path, "utf8").replace(/\n$/, "");
  texts.set(name, text);
  return text;
}

/**
 * What is asked about a conversation. Secrets are redacted before anything is hashed, as the gateway would do later: so
 * the prompt that is stored is the one that was sent.
 */
export function promptOf(measure: Judged, messages: readonly Message[]): Prompt {
  const clean = redactDeep(messages.map(plain));
  const code = sha256(JSON.stringify(clean));
  const words = (conversation: string) => {
    const { flag, quotes } = TAXONOMY[measure];
    const view = { labels: meaningsOf(measure), quotes, no_evidence: NO_EVIDENCE, conversation };
    return fill(template(flag), view);
  };
  const system = fill(template("system"), {});
  const count = plural(messages.length, "message");
  return {
    system,
    user: words(conversationText(clean, code.slice(0, 16))),
    stored: `${system}\n\n${words(`(conversation of ${count}, SHA-256 ${code})`)}`,
    sha256: sha256(`${system}\n\n${words("")}`),
  };
}

/** What a model is told if its answer could not be read. */
export function againText(problem: string): string {
  return fill(template("again"), { problem });
}

function plain({ seq, sender, recipient, content, sent_step, read_step }: Message): Message {
  return { seq, sender, recipient, content, sent_step, read_step };
}

/** Names are quoted as JSON has it, so that they stay on their line; `code` depends on all messages, so none can hold it. */
function conversationText(messages: readonly Message[], code: string): string {
  const view = messages.map(({ seq, sender, recipient, content, ...steps }) => ({
    ...{ number: seq, content },
    sender: JSON.stringify(sender),
    recipient: JSON.stringify(recipient),
    sent_step: stepText(steps.sent_step),
    read_step: stepText(steps.read_step),
  }));
  return fill(template("conversation"), { code, messages: view });
}

/** As text, because a template takes the number 0 for nothing. */
function stepText(step: number | null): string {
  return step === null ? "" : String(step);
}
