// Owns what kind of failure a provider's words are: codes first, then recorded texts, then the general rules, then the status.
import type { Said } from "./envelope.ts";
import type { FailureKind } from "./error.ts";
import { CODES, FIRST, MEANINGS, type Meaning, SIGNS } from "./wordings.ts";

const BY_STATUS: Readonly<Record<number, FailureKind>> = {
  401: "auth",
  402: "quota",
  403: "auth",
  404: "unknown model",
  405: "unknown model",
  407: "auth",
  408: "server",
  409: "server",
  410: "unknown model",
  413: "context length",
  424: "server",
  425: "server",
  429: "rate limit",
  451: "auth",
  460: "server",
  498: "overloaded",
  499: "server",
  503: "overloaded",
  511: "auth",
  529: "overloaded",
};
/** Of errors in mid-stream that come without a status. */
const BY_CODE: readonly (readonly [FailureKind, RegExp])[] = [
  ["overloaded", /overloaded|unavailable|capacity|slow_down/],
  ["rate limit", /rate_?limit|resource_exhausted|too_many_requests|throttl/],
  ["auth", /unauthenticated|unauthori[sz]ed|permission_denied/],
  ["server", /internal|server_error|api_error|timeout/],
  ["bad request", /invalid|not_found|unsupported|bad_?request/],
];

/** Codes of no recorded row. */
const CODE_RULES: readonly (readonly [Meaning, RegExp])[] = [
  [
    "refused",
    /content_?(filter|policy|moderation)|moderation|safety|guardrail|sensitive|prohibited/,
  ],
  [
    "quota",
    /insufficient_?\w*(quota|balance|credit|fund)|billing|arrear|out_of_credit|payment_required|budget|overdue/,
  ],
  [
    "context length",
    /(context|prompt|input|token)\w*(exceed|overflow|too_?(long|large|many))|exceed\w*context/,
  ],
  ["unknown model", /(model|deployment)_?not_?(found|exist)|(unknown|invalid)_?model/],
  [
    "auth",
    /unauthenticated|unrecognized_?client|(invalid|expired)_?(api_?key|token)|(auth\w*|login)_?fail/,
  ],
  ["rate limit", /rate_?limit|throttl|too_?many_?requests/],
];

/** The kind of what was said. Codes count whatever the status is, since gateways hand on other servers' bodies. */
export function kindOf(said: Said): FailureKind {
  const text = said.texts.join("\n");
  const first = FIRST.find(({ says }) => says.test(text));
  if (first !== undefined) return first.kind;
  const meanings = [...said.codes].map(meaningOfCode);
  const coded = MEANINGS.find((kind) => meanings.includes(kind));
  const meant = coded === "rate limit" || coded === undefined ? meaningOf(said, text) : coded;
  return meant ?? coded ?? (isPassing(said, text) ? "server" : byStatus(said));
}

const PASSING =
  /(unexpected|internal) (server |system )?error|(try|retry)( your request| it)? (again )?later|temporar(y|ily) (failure|error|unavailable)/i;

/** Whether a refusal says of itself that the same request may succeed: the status is then a gateway's mistake. */
function isPassing({ status }: Said, text: string): boolean {
  return status !== null && byStatusOnly(status) === "bad request" && PASSING.test(text);
}

function meaningOfCode(code: string): Meaning | undefined {
  return CODES.get(code) ?? CODE_RULES.find(([, rule]) => rule.test(code))?.[0];
}

/** What the text means where this status leaves it open: a failing server's page says nothing of the request. */
function meaningOf({ status, form, codes }: Said, text: string): Meaning | undefined {
  if (form === "html") return undefined;
  const limited = status === 429 || isRate(text) || codes.has("resource_exhausted");
  const open = possible(status, limited);
  const sign = MEANINGS.find(
    (kind) => open.has(kind) && SIGNS.some((one) => one.kind === kind && one.says.test(text)),
  );
  if (sign !== undefined) return sign;
  if (isRate(text) && (status === null || status < 500)) return "rate limit";
  return !limited && open.has("context length") && isTooLong(text) ? "context length" : undefined;
}

function possible(status: number | null, limited: boolean): ReadonlySet<Meaning> {
  if (status === 401) return new Set(["quota", "auth"]);
  if (status === 402) return new Set();
  if (status === 403) return new Set(["refused", "quota", "unknown model", "auth"]);
  if (limited && status === 429) return new Set(["quota", "overloaded", "rate limit"]);
  if (limited) return new Set(["quota", "rate limit"]);
  if (status !== null && status >= 500) return new Set(["context length", "quota", "overloaded"]);
  return new Set(MEANINGS);
}

const RATE =
  /rate[ -]?limit|too many (requests|concurrent)|(requests?|tokens?) per (second|minute|min|hour|day)\b|\b[rt]p[mds]\b|throttl|(try again|retry) (in|after) \d|concurrency limit/i;

function isRate(text: string): boolean {
  return RATE.test(text);
}

const PROMPT =
  /\b(prompt|inputs?|context|conversation|messages?|history|sequence|request)\b|上下文|输入/i;
const MEASURE =
  /\b(context|tokens?|windows?|length|size|characters?|bytes|n ctx|max \w*len\w*)\b|长度|上下文/i;
const EXCESS =
  /too (long|large|big|many)|exceed|longer than|larger than|greater than|more than|overflow|over the|beyond|does ?n[o']t fit|do not fit|cannot fit|surpass|\b(is|are) full\b|only supports? up to|(must|should) (be|have) (less|fewer|shorter|at most|no more|<=)|\d[\d,.]*\w? *>=? *(the |model )?(max|limit|context|\d)|超过|超出|过长|超长/i;
/** These name prompt and excess in one. */
const TOO_LONG =
  /\b(prompt|inputs?|conversation|context|messages?)( (text|content|size|length|tokens?))* (is|are|was) (too long|(longer|larger) than\b.{0,60}\b(max|limit|support))/i;
/** A wish for too long an answer is an option's fault, unless the prompt is named as well. */
const ANSWER = /max (completion |output |new )?tokens|output tokens|completion tokens/i;
const NAMED =
  /\b(prompt|inputs?( length| tokens?)?|messages|conversation|context (length|window|size|limit) (is|of|was|has)|your request)\b/i;

/** Words of no recorded row that say that the prompt is larger than the model takes. */
function isTooLong(text: string): boolean {
  // Names of fields, such as `prompt_tokens`, are words too.
  return text
    .replace(/[_`'"]/g, " ")
    .split(/\n|(?<=[.!?。]) /)
    .some(
      (sentence) =>
        TOO_LONG.test(sentence) ||
        (PROMPT.test(sentence) &&
          MEASURE.test(sentence) &&
          EXCESS.test(sentence) &&
          (!ANSWER.test(sentence) || NAMED.test(sentence))),
    );
}

function byStatus({ status, codes }: Said): FailureKind {
  if (status !== null) return byStatusOnly(status);
  const all = [...codes].join("\n");
  return BY_CODE.find(([, pattern]) => pattern.test(all))?.[0] ?? "server";
}

function byStatusOnly(status: number): FailureKind {
  return BY_STATUS[status] ?? (status >= 500 ? "server" : "bad request");
}
