// Owns reading what a provider says of a failure, in whatever form it says it: status, codes for programs, text for people.

export type Said = {
  /** HTTP's status of a failure, or the one that the body names. */
  readonly status: number | null;
  /** Types, codes and reasons for programs, in lower case. */
  readonly codes: ReadonlySet<string>;
  /** Sentences for people, outermost first, no one twice. */
  readonly texts: readonly string[];
  readonly form: "json" | "text" | "html";
};

type Found = { readonly codes: Set<string>; readonly texts: Set<string>; statuses: number[] };

const TEXTS =
  /^(message|msg|error_message|error_msg|errormessage|status_msg|faultstring|detail|details|title|raw|error_description|description|error|errors)$/i;
const CODES =
  /^(code|type|__type|status|status_code|error_code|errorcode|error_type|reason|error)$/i;
const STATUSES =
  /^(code|status|statuscode|status_code|http_code|http_status|http_status_code|raw_status_code)$/i;
/** Where more of the failure may be; a request that is repeated in an answer is not among them. */
const DEEPER =
  /^(error|errors|detail|details|metadata|raw|innererror|inner_error|cause|data|response|body|incomplete_details|base_resp|fault|x_groq|choices)$/i;
const MOST_LEVELS = 20;
const LONGEST_TEXT = 4_000;

/** Everything that a body of any form says; `status` is HTTP's, where it is one of a failure. */
export function saidIn(body: string, status: number | null): Said {
  const found: Found = { codes: new Set(), texts: new Set(), statuses: [] };
  const value = jsonIn(body);
  const form = value !== undefined ? "json" : isHtml(body) ? "html" : "text";
  if (form === "html") addText(found, pageText(body));
  else collect(found, value ?? body, MOST_LEVELS);
  const failing = status !== null && status >= 400 ? status : undefined;
  return {
    status: failing ?? found.statuses[0] ?? null,
    codes: found.codes,
    texts: [...found.texts],
    form,
  };
}

/** Whether a JSON value is a provider's report of a failure and not a piece of an answer. */
export function isFailure(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every(isFailure);
  if (!isObject(value)) return false;
  if (isFilled(value.error) || value.type === "error" || value.object === "error") return true;
  if (PARTS.some((key) => hasError(value[key]))) return true;
  if (Array.isArray(value.choices) && value.choices.some(hasError)) return true;
  if (value.type === "response.failed" || isFilled(value.fault)) return true;
  // MiniMax reports a failure next to empty choices, and 0 next to every answer.
  if (isObject(value.base_resp) && Number(value.base_resp.status_code ?? 0) !== 0) return true;
  if (isAnswer(value)) return false;
  const said = ["message", "msg"].some((key) => typeof value[key] === "string");
  return said || isFilled(value.detail) || isFilled(value.errors) || "error_code" in value;
}

/** Whether a JSON value is an answer or a piece of one, in any of the families' forms. */
export function isAnswer(value: unknown): boolean {
  const fields = ["choices", "output", "content", "candidates", "delta"];
  if (Array.isArray(value)) return value.length > 0 && value.every(isAnswer);
  return isObject(value) && fields.some((key) => key in value);
}

/** Of an answer or its pieces, what may hold an error beside its own fields. */
const PARTS = ["response", "x_groq"];

function hasError(part: unknown): boolean {
  return isObject(part) && isFilled(part.error);
}

export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function collect(found: Found, value: unknown, levels: number): void {
  if (levels === 0) return;
  if (typeof value === "string") collectText(found, value, levels);
  if (Array.isArray(value)) for (const item of value) collect(found, item, levels - 1);
  if (isObject(value)) collectFields(found, value, levels);
}

function collectFields(found: Found, value: Record<string, unknown>, levels: number): void {
  for (const [key, field] of Object.entries(value)) {
    if (STATUSES.test(key)) addStatus(found, field);
    if (CODES.test(key)) addCode(found, field);
    const isText = typeof field === "string" && TEXTS.test(key);
    if (isText || (typeof field === "object" && DEEPER.test(key)))
      collect(found, field, levels - 1);
  }
}

/** A text may hold another body, as it came or in a sentence around it. */
function collectText(found: Found, text: string, levels: number): void {
  const whole = jsonIn(text);
  const isBody = isObject(whole) || Array.isArray(whole);
  if (!isBody) addText(found, isHtml(text) ? pageText(text) : text);
  const body = isBody ? whole : bodyWithin(text);
  if (body !== undefined) collect(found, body, levels - 1);
}

function bodyWithin(text: string): unknown {
  const [from, until] = [text.indexOf("{"), text.lastIndexOf("}")];
  if (from < 0 || until < from) return undefined;
  const held = text.slice(from, until + 1);
  return jsonIn(held) ?? jsonIn(held.replaceAll('\\"', '"'));
}

function addText({ texts }: Found, text: string): void {
  const trimmed = text.slice(0, LONGEST_TEXT).trim();
  if (trimmed !== "") texts.add(trimmed);
}

function addCode({ codes }: Found, code: unknown): void {
  const text = typeof code === "number" ? String(code) : code;
  if (typeof text === "string" && text.length <= 80 && !isStatus(text))
    codes.add(text.trim().toLowerCase().replaceAll(" ", "_"));
}

function addStatus({ statuses }: Found, status: unknown): void {
  if (isStatus(status)) statuses.push(Number(status));
}

function isStatus(value: unknown): boolean {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 400 && number < 600;
}

function isFilled(value: unknown): boolean {
  return value !== null && value !== undefined && value !== "" && value !== false;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|center|p|h1|div)\b/i.test(text);
}

/** What a page shows at its top, without its markup. */
function pageText(page: string): string {
  const title = /<title[^<>]*>([^<]{1,300})/i.exec(page)?.[1] ?? "";
  const start = page.slice(0, LONGEST_TEXT).replace(/<(script|style)[\s\S]*?(<\/\1>|$)/gi, " ");
  const shown = start
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return `a page of HTML: ${title.trim() || shown.slice(0, 200)}`;
}
