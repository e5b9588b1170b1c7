// Owns an answer as the events of OpenAI's responses.
import { openaiRefusal } from "../refusals.ts";
import { type RefusalKind, type Said, sse, type WireRequest } from "../wire.ts";
import { encode, headOf, type Item, itemsOf } from "./encode.ts";

type Event = { readonly type: string; readonly [field: string]: unknown };

/** An event, not a comment: some programs count silence between events. */
export const ALIVE = sse({ type: "keepalive", sequence_number: 0 }, "keepalive");

export function* stream(said: Said, asked: WireRequest): Iterable<string> {
  let sequence_number = 0;
  for (const event of eventsOf(said, asked))
    yield sse({ ...event, sequence_number: sequence_number++ }, event.type);
}

export function broken(kind: RefusalKind, message: string): string {
  const { code, message: words } = openaiRefusal(kind, message).body.error;
  const error = { code: code ?? CODES[kind] ?? "invalid_prompt", message: words };
  const response = {
    id: `resp_${crypto.randomUUID()}`,
    object: "response",
    status: "failed",
    error,
    output: [],
  };
  return sse({ type: "response.failed", sequence_number: 0, response }, "response.failed");
}

/** In mid-stream there is no status to tell what may be asked again. */
const CODES: Partial<Record<RefusalKind, string>> = { "try again": "rate_limit_exceeded" };

function* eventsOf(said: Said, asked: WireRequest): Iterable<Event> {
  const response = headOf(said, asked);
  yield { type: "response.created", response };
  yield { type: "response.in_progress", response };
  for (const [output_index, item] of itemsOf(said, asked).entries()) {
    const blank = {
      ...item,
      ...BLANK.get(item.type),
      ...(item.type === "reasoning" ? {} : { status: "in_progress" }),
    };
    yield { type: "response.output_item.added", output_index, item: blank };
    yield* middleOf(item, { item_id: item.id, output_index });
    yield { type: "response.output_item.done", output_index, item };
  }
  const whole = encode(said, asked);
  yield { type: `response.${whole.status}`, response: whole };
}

const BLANK: ReadonlyMap<string, object> = new Map<string, object>([
  ["message", { content: [] }],
  ["reasoning", { summary: [], encrypted_content: "" }],
  ["function_call", { arguments: "" }],
  ["custom_tool_call", { input: "" }],
]);

function* middleOf(item: Item, at: object): Iterable<Event> {
  if (item.type === "message") yield* messageEvents(item, { ...at, content_index: 0 });
  else if (item.type === "reasoning") yield* summaryEvents(item, { ...at, summary_index: 0 });
  else if (item.type === "function_call") {
    const type = "response.function_call_arguments";
    yield { type: `${type}.delta`, ...at, delta: item.arguments };
    yield { type: `${type}.done`, ...at, name: item.name, arguments: item.arguments };
  } else {
    const type = "response.custom_tool_call_input";
    yield { type: `${type}.delta`, ...at, delta: item.input };
    yield { type: `${type}.done`, ...at, input: item.input };
  }
}

function* messageEvents(item: Item, at: object): Iterable<Event> {
  const [part] = partsOf(item.content);
  const text = part?.text;
  yield { type: "response.content_part.added", ...at, part: { ...part, text: "" } };
  yield { type: "response.output_text.delta", ...at, delta: text, logprobs: [] };
  yield { type: "response.output_text.done", ...at, text, logprobs: [] };
  yield { type: "response.content_part.done", ...at, part };
}

function* summaryEvents(item: Item, at: object): Iterable<Event> {
  const [part] = partsOf(item.summary);
  if (part === undefined) return;
  yield { type: "response.reasoning_summary_part.added", ...at, part: { ...part, text: "" } };
  yield { type: "response.reasoning_summary_text.delta", ...at, delta: part.text };
  yield { type: "response.reasoning_summary_text.done", ...at, text: part.text };
  yield { type: "response.reasoning_summary_part.done", ...at, part };
}

function partsOf(value: unknown): { readonly text: string }[] {
  return Array.isArray(value) ? value : [];
}
