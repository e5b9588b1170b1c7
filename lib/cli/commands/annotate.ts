// Owns the work of `annotate`: keeps what a person says, or lists what people said.
import type { AnnotationRow } from "../../../db/schema.ts";
import { UsageError } from "../../core/fault.ts";
import { cut } from "../../core/text.ts";
import { wholeNumber } from "../args.ts";
import { type ANNOTATE_FLAGS, listsOnly } from "../flags/annotate.ts";
import type { CommandContext } from "../step.ts";

/** Does the work; returns 0, as an annotation is not a unit. */
export async function run({
  args,
  words,
  out,
  ledger: open,
}: CommandContext<typeof ANNOTATE_FLAGS>): Promise<number> {
  const [attempt_key, ...more] = words;
  if (more.length > 0) throw new UsageError("annotate one attempt at a time");
  const { asker } = await import("../../control/say.ts");
  const { name, measure, label, note, by = asker() } = args;
  const message = wholeNumber("--message", args.message, 1);
  const remove = wholeNumber("--remove", args.remove, 1);
  const ledger = await open();
  const show = (row: AnnotationRow) => out.emit(out.json ? row : shortRow(row));
  if (listsOnly(args) === "read") {
    if ([message, measure].some((one) => one !== undefined))
      throw new UsageError("give --label or --note: there is nothing to keep");
    const rows = ledger.annotations
      .all(await (await import("../../select/named-runs.ts")).listedRuns(ledger, name))
      .filter((row) => attempt_key === undefined || row.attempt_key === attempt_key);
    for (const { run: _, ...row } of rows) show(row);
    if (rows.length === 0) out.say("no annotations");
    return 0;
  }
  if (remove !== undefined) {
    if (!ledger.annotations.remove(remove, by))
      throw new UsageError(
        `${by} has no annotation ${remove}: annotate lists them, with who said them`,
      );
    out.say(`annotation ${remove} is removed`);
    return 0;
  }
  if (attempt_key === undefined) throw new UsageError("name the attempt: its key");
  const { annotate } = await import("../../labels/annotate.ts");
  show(annotate(ledger, { attempt_key, message, measure, label, note, by }));
  return 0;
}

const NOTE_SHOWN = 60;

/** For people: a note's beginning. */
function shortRow({ id, attempt_key, subject, measure, label, note, annotated_by }: AnnotationRow) {
  return {
    id,
    attempt_key,
    subject,
    measure,
    label,
    note: cut(note ?? "", NOTE_SHOWN),
    annotated_by,
  };
}
