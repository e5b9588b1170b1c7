// Owns saying something about an attempt or a message: a person's label and note, checked and kept in the ledger.
import type { Ledger } from "../../db/ledger.ts";
import type { AnnotationRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { humanLabel } from "./human.ts";
import { CONVERSATION } from "./taxonomy.ts";

export type Saying = {
  readonly attempt_key: string;
  /** Number of a message; absent: the attempt. */
  readonly message?: number | undefined;
  /** What `label` answers, by its name or its flag's; absent: the label is the person's own. */
  readonly measure?: string | undefined;
  /** With a measure one of its labels, or null for none; else any short text. */
  readonly label?: string | null | undefined;
  readonly note?: string | undefined;
  readonly by: string;
};

const LONGEST = { label: 80, note: 10_000, by: 80 } as const;

/** Keeps it. Throws UsageError for what is not there, not known, too long, or says nothing. */
export function annotate(ledger: Ledger, saying: Saying): AnnotationRow {
  const { attempt_key, message, by } = saying;
  if (!ledger.attempts.has(attempt_key)) throw unknownAttempt(ledger, attempt_key);
  if (message !== undefined && !ledger.annotations.hasMessage(attempt_key, message))
    throw new UsageError(`${attempt_key} has no message ${message}`);
  const note = checkedText("note", saying.note);
  const annotated_by = oneLine("by", by) ?? "";
  if (annotated_by === "") throw new UsageError("say who says it");
  const subject = message === undefined ? CONVERSATION : String(message);
  const said = labelOf(saying, subject);
  if (said.measure === null && said.label === null && note === null)
    throw new UsageError("give a label or a note: there is nothing to keep");
  return ledger.annotations.put({ attempt_key, subject, ...said, note, annotated_by });
}

function labelOf({ attempt_key, measure, label }: Saying, subject: string) {
  if (measure === undefined) return { measure: null, label: oneLine("label", label ?? undefined) };
  if (label === undefined)
    throw new UsageError("--measure needs a label of it, or `none` where nothing is found");
  const checked = humanLabel({ attempt_key, measure, subject, label });
  return { measure: checked.measure, label: checked.label };
}

function unknownAttempt(ledger: Ledger, attempt_key: string): UsageError {
  if (ledger.work.leases().some(({ unit }) => unit === attempt_key))
    return new UsageError(`${attempt_key} is under way: annotate it when it is done`);
  return new UsageError(unknownName("attempt", attempt_key, ledger.attempts.keys({})));
}

function checkedText(name: keyof typeof LONGEST, text: string | undefined): string | null {
  const trimmed = text?.trim() ?? "";
  if (trimmed.length > LONGEST[name])
    throw new UsageError(`the ${name} has ${trimmed.length} characters: ${LONGEST[name]} at most`);
  return trimmed === "" ? null : trimmed.toWellFormed();
}

function oneLine(name: keyof typeof LONGEST, text: string | undefined): string | null {
  const checked = checkedText(name, text);
  if (checked !== null && /[\p{Cc}\u2028\u2029]/u.test(checked))
    throw new UsageError(`the ${name} must be one line`);
  return checked;
}
