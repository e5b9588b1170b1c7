// Owns an answer in the form of Google's generateContent, whole and as chunks.
import type { StopReason } from "../../model.ts";
import { objectOf } from "../read.ts";
import { type RefusalForm, type RefusalKind, type Said, sse, type WireRequest } from "../wire.ts";

const FINISH: Record<StopReason, string> = {
  stop: "STOP",
  "tool calls": "STOP",
  length: "MAX_TOKENS",
  filtered: "SAFETY",
  other: "OTHER",
};

/** Thoughts, text, calls; the seal stands with the first call, or with the text where there is none. */
function partsOf({ text, reasoning, seal, tool_calls }: Said, asked: WireRequest): object[] {
  const signed = seal === undefined ? {} : { thoughtSignature: seal };
  const calls = tool_calls.map((call, index) => ({
    functionCall: { id: call.id, name: call.name, args: objectOf(call) },
    ...(index === 0 ? signed : {}),
  }));
  const isSigned = calls.length === 0 && seal !== undefined;
  return [
    ...(reasoning === "" || !asked.reasoning ? [] : [{ text: reasoning, thought: true }]),
    ...(text === "" && !isSigned ? [] : [{ text, ...(isSigned ? signed : {}) }]),
    ...calls,
  ];
}

export function encode(said: Said, asked: WireRequest): object {
  return {
    candidates: [{ ...candidate(partsOf(said, asked)), ...endOf(said) }],
    ...lastOf(said, asked),
  };
}

export function* stream(said: Said, asked: WireRequest): Iterable<string> {
  const about = aboutOf(said, asked);
  for (const part of partsOf(said, asked)) yield sse({ candidates: [candidate([part])], ...about });
  yield sse({ candidates: [{ ...candidate([]), ...endOf(said) }], ...lastOf(said, asked) });
}

function candidate(parts: readonly object[]) {
  return { content: { role: "model", parts }, index: 0 };
}

function endOf({ stop_reason }: Said) {
  return { finishReason: FINISH[stop_reason] };
}

function aboutOf({ id }: Said, { model }: WireRequest) {
  return { modelVersion: model, responseId: id };
}

function lastOf(said: Said, asked: WireRequest): object {
  const { usage } = said;
  if (usage === null) return aboutOf(said, asked);
  const promptTokenCount = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  const usageMetadata = {
    promptTokenCount,
    cachedContentTokenCount: usage.cache_read_tokens,
    candidatesTokenCount: usage.output_tokens - usage.reasoning_tokens,
    thoughtsTokenCount: usage.reasoning_tokens,
    totalTokenCount: promptTokenCount + usage.output_tokens,
  };
  return { usageMetadata, ...aboutOf(said, asked) };
}

const ERRORS: Record<RefusalKind, readonly [code: number, status: string]> = {
  "bad request": [400, "INVALID_ARGUMENT"],
  "context too long": [400, "INVALID_ARGUMENT"],
  unauthorized: [401, "UNAUTHENTICATED"],
  over: [403, "PERMISSION_DENIED"],
  "not found": [404, "NOT_FOUND"],
  "too large": [413, "INVALID_ARGUMENT"],
  "try again": [503, "UNAVAILABLE"],
};

export function refusal(kind: RefusalKind, message: string): RefusalForm {
  const [code, status] = ERRORS[kind];
  return { status: code, body: { error: { code, message, status } } };
}

export function broken(kind: RefusalKind, message: string): string {
  return sse(refusal(kind, message).body);
}
