// Owns reading labels that people gave: a CSV file or JSON lines, checked against the known labels.
import { readFileSync } from "node:fs";
import { z } from "zod";
import type { LabelFinding } from "../../db/labels.ts";
import { errorMessage, UsageError } from "../core/fault.ts";
import { parseAttemptKey } from "../core/keys.ts";
import { unknownName } from "../core/nearest.ts";
import { csvRecords } from "./csv.ts";
import { CONVERSATION, labelsOf, measureOf, NO_LABEL } from "./taxonomy.ts";

export type HumanLabel = Pick<LabelFinding, "attempt_key" | "measure" | "subject" | "label">;

const FIELDS = ["attempt_key", "measure", "subject", "label"] as const;
const row = z.object({
  attempt_key: z.string(),
  measure: z.string(),
  subject: z.union([z.string(), z.int()]).optional(),
  label: z.string().nullable(),
});

/**
 * Labels of a file with `attempt_key`, `measure`, `subject` (a message's number; `-` or nothing for the conversation)
 * and `label` (nothing, `none` or `no label` for no label); other fields are not read. Throws UsageError naming the
 * line of what is wrong, unknown measures and labels with the nearest, and things that are labelled twice. What `annotate` lists is such a file: its notes and people's own labels, which have null for a
 * measure, are passed over.
 */
export function readHumanLabels(path: string): HumanLabel[] {
  const text = textOf(path);
  const seen = new Map<string, number>();
  return recordsOf(path, text)
    .filter(isOfMeasure)
    .map(({ line, value }) => {
      const at = `${path}:${line}`;
      const label = atPlace(at, () => humanLabel(value));
      const name = `${label.attempt_key} ${label.measure} ${label.subject}`;
      const before = seen.get(name);
      if (before !== undefined) throw new UsageError(`${at}: already labelled in line ${before}`);
      seen.set(name, line);
      return label;
    });
}

const own = z.looseObject({ measure: z.null() });
const isOfMeasure = ({ value }: Entry) => !own.safeParse(value).success;

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    const why = errorMessage(error);
    throw new UsageError(`${path} cannot be read: ${why}`);
  }
}

type Entry = { readonly line: number; readonly value: unknown };

function recordsOf(path: string, text: string): Entry[] {
  if (text.trimStart().startsWith("{")) return jsonRecords(path, text);
  const [heads, ...records] = csvRecords(text);
  const missing = FIELDS.find((name) => name !== "subject" && !heads?.cells.includes(name));
  if (heads === undefined || missing !== undefined)
    throw new UsageError(`${path}: the first line must name the columns ${FIELDS.join(", ")}`);
  return records.map(({ line, cells }) => {
    const named = heads.cells.map((name, at) => [name, cells[at] ?? ""]);
    return { line, value: Object.fromEntries(named) };
  });
}

function jsonRecords(path: string, text: string): Entry[] {
  return text.split("\n").flatMap((content, index): Entry[] => {
    if (content.trim() === "") return [];
    try {
      return [{ line: index + 1, value: JSON.parse(content) }];
    } catch {
      throw new UsageError(`${path}:${index + 1}: this line is not JSON`);
    }
  });
}

/** A label as a person gave it. Throws UsageError: see {@link readHumanLabels}. */
export function humanLabel(value: unknown): HumanLabel {
  const parsed = row.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UsageError(`${issue?.path.join(".") || "the line"}: ${issue?.message}`);
  }
  const { attempt_key, label } = parsed.data;
  parseAttemptKey(attempt_key);
  const measure = measureOf(parsed.data.measure.trim());
  const subject = String(parsed.data.subject ?? "").trim() || CONVERSATION;
  const isMessage = /^\d+$/.test(subject);
  if (isMessage !== (measure === "speech act") || !(isMessage || subject === CONVERSATION))
    throw new UsageError(
      measure === "speech act"
        ? `subject "${subject}" must be the number of a message`
        : `subject "${subject}" must be ${CONVERSATION}, the whole conversation`,
    );
  const word = label?.trim() ?? "";
  if (["", "none", NO_LABEL].includes(word)) return { attempt_key, measure, subject, label: null };
  if (!labelsOf(measure).includes(word))
    throw new UsageError(unknownName("label", word, [...labelsOf(measure), NO_LABEL]));
  return { attempt_key, measure, subject, label: word };
}

function atPlace<T>(at: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${at}: ${error.message}`) : error;
  }
}
