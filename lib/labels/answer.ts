// Owns reading a model's answer: strictly in the form that was asked for, and labels only if their evidence holds.
import { z } from "zod";
import type { GivenLabel } from "../../db/labels.ts";
import type { Judged } from "../core/vocabulary.ts";
import { CONVERSATION, labelsOf, NO_EVIDENCE, TAXONOMY } from "./taxonomy.ts";
import { checkQuotes } from "./verify.ts";

type Said = { readonly seq: number; readonly content: string };
/** The labels of an answer, or what is wrong with its form, in brief. */
export type Reading =
  | { readonly given: readonly GivenLabel[]; readonly problem?: undefined }
  | { readonly given?: undefined; readonly problem: string };

/**
 * Reads an answer: one JSON object, a code fence around it allowed, with these fields and no others. A label whose
 * quotes do not occur, or are too few, becomes no label, and the reason precedes the answer's text.
 */
export function readAnswer(measure: Judged, text: string, messages: readonly Said[]): Reading {
  const json = parsed(text);
  if (json === undefined) return { problem: "it is not one JSON object alone" };
  return measure === "speech act"
    ? readActs(json, messages)
    : readVerdict(measure, { json, text, messages });
}

const FENCE = /^```(?:json)?\s*\n([\s\S]*)\n\s*```$/;

function parsed(text: string): unknown {
  const bare = text.trim();
  try {
    return JSON.parse(FENCE.exec(bare)?.[1] ?? bare);
  } catch {
    return undefined;
  }
}

const quote = z.strictObject({ message: z.int(), text: z.string() });
const verdict = (measure: Judged) =>
  z.strictObject({
    reason: z.string(),
    label: z.enum(labelsOf(measure)).nullable(),
    quotes: z.array(quote),
  });
const acts = z.strictObject({
  labels: z.array(z.strictObject({ message: z.int(), label: z.enum(labelsOf("speech act")) })),
});

type Answered = {
  readonly json: unknown;
  readonly text: string;
  readonly messages: readonly Said[];
};

function readVerdict(measure: Judged, { json, text, messages }: Answered): Reading {
  const read = verdict(measure).safeParse(json);
  if (!read.success) return { problem: problemOf(read.error) };
  const { label, quotes } = read.data;
  if (label === null && measure === "failure symptom")
    return { problem: `label: must be one of the labels, "${NO_EVIDENCE}" among them` };
  if (label === null || label === NO_EVIDENCE)
    return readingOf({ label, quotes: [], answer: text });
  const { found, missing } = checkQuotes(quotes, messages);
  const dropped = whyDropped({ needed: TAXONOMY[measure].quotes, found: found.length, missing });
  if (dropped !== undefined)
    return readingOf({
      label: null,
      quotes: [],
      answer: `dropped "${label}": ${dropped}\n\n${text}`,
    });
  return readingOf({ label, quotes: found.map((one) => one.text), answer: text });
}

function readingOf(one: Omit<GivenLabel, "subject">): Reading {
  return { given: [{ subject: CONVERSATION, ...one }] };
}

/** One quote that occurs nowhere is enough: a model that makes up evidence is not trusted. */
function whyDropped(proof: { needed: number; found: number; missing: readonly string[] }) {
  const [first] = proof.missing;
  if (first !== undefined) return `no message has the quote ${JSON.stringify(first)}`;
  if (proof.found >= proof.needed) return undefined;
  return `it rests on ${proof.found} different quotes, and needs ${proof.needed}`;
}

function readActs(json: unknown, messages: readonly Said[]): Reading {
  const read = acts.safeParse(json);
  if (!read.success) return { problem: problemOf(read.error) };
  const labelled = Map.groupBy(read.data.labels, ({ message }) => message);
  const wrong =
    messages.find(({ seq }) => labelled.get(seq)?.length !== 1)?.seq ??
    [...labelled.keys()].find((number) => !messages.some(({ seq }) => seq === number));
  if (wrong !== undefined) {
    const times = labelled.get(wrong)?.length ?? 0;
    const told = messages.some(({ seq }) => seq === wrong) ? `has ${times} labels` : "is not there";
    return { problem: `labels: message ${wrong} ${told}, and every message needs one` };
  }
  return {
    given: read.data.labels.map(({ message, label }) => {
      const answer = JSON.stringify({ message, label });
      return { subject: String(message), label, quotes: [], answer };
    }),
  };
}

function problemOf({ issues: [issue] }: z.ZodError): string {
  return `${issue?.path.join(".") || "the object"}: ${issue?.message ?? "has the wrong form"}`;
}
