// Owns speech acts by rules in the form of labels, so that they can be compared with a model's.
import type { Ledger } from "../../db/ledger.ts";
import type { ReferenceLabel } from "./agreement.ts";
import { conversationOf } from "./conversation.ts";

/**
 * The rules' label of every message of these attempts. Attempts in which one message went to several partners are left
 * out: the rules treat its copies as one message, the ledger numbers each.
 */
export function ruleLabels(ledger: Ledger, keys: Iterable<string>): ReferenceLabel[] {
  return [...keys].flatMap((attempt_key) => {
    const said = ledger.imported.messages(attempt_key);
    const { messages } = conversationOf(said);
    if (messages.length !== said.length) return [];
    return said.map(({ seq }, at) => ({
      attempt_key,
      measure: "speech act" as const,
      subject: String(seq),
      label: messages[at]?.act ?? null,
    }));
  });
}
