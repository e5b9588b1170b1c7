// Owns which recorded wording means what: one row of wordings.jsonl per wording, with its vendor, source, status and body.
import { readFileSync } from "node:fs";
import { z } from "zod";

/** What a wording can mean by itself; other kinds of failure are told by status or by the network. */
export const MEANINGS = [
  "refused",
  "quota",
  "context length",
  "unknown model",
  "auth",
  "overloaded",
  "rate limit",
  "bad call",
  "bad request",
] as const;
export type Meaning = (typeof MEANINGS)[number];

const row = z.strictObject({
  kind: z.enum(MEANINGS),
  vendor: z.string(),
  /** The public report that shows it or its kind; "unchecked" where a vendor is known to word it so and no report was found. */
  source: z.string(),
  status: z.number().int(),
  /** Goes before every code: the text says more than its code. */
  first: z.literal(true).optional(),
  /** A code, type or reason that means this whatever the HTTP status, in lower case. */
  code: z.string().optional(),
  /** A regular expression for the text. A row without code and expression is known by another row's. */
  says: z.string().optional(),
  body: z.json(),
});
export type Wording = z.infer<typeof row>;

/** Every recorded wording, in the file's order. */
export const WORDINGS: readonly Wording[] = readFileSync(
  new URL("./wordings.jsonl", import.meta.url),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => row.parse(JSON.parse(line)));

export type Sign = { readonly kind: Meaning; readonly says: RegExp };

const signs = (rows: readonly Wording[]): Sign[] =>
  rows.flatMap(({ kind, says }) =>
    says === undefined ? [] : [{ kind, says: new RegExp(says, "is") }],
  );

/** Texts that overrule codes. */
export const FIRST: readonly Sign[] = signs(WORDINGS.filter(({ first }) => first === true));
/** Other texts. */
export const SIGNS: readonly Sign[] = signs(WORDINGS.filter(({ first }) => first !== true));
/** Codes and what they mean. */
export const CODES: ReadonlyMap<string, Meaning> = new Map(
  WORDINGS.flatMap(({ code, kind }) => (code === undefined ? [] : [[code, kind] as const])),
);
