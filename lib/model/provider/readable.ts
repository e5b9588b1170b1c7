// Owns what of a stream's events is handed to an adapter: what it can read, and no event that its protocol bids to skip.

const NUMBER = /^\s*-?\d+(\.\d+)?\s*$/;

/**
 * Chat completions. Servers put pings and their own notices between the chunks, leave `choices` out of those that tell
 * usage only, and write arguments as objects and counts as text.
 */
export function readableChat(): (event: unknown) => unknown {
  return (event) => {
    if (!isObject(event)) return undefined;
    const { choices, usage } = event;
    if (!Array.isArray(choices))
      return isObject(usage) ? { ...event, ...counts(usage), choices: [] } : undefined;
    return { ...event, ...counts(usage), choices: choices.map(readableChoice) };
  };
}

function counts(usage: unknown): { usage?: unknown } {
  return isObject(usage) ? { usage: numbers(usage) } : {};
}

function numbers(value: unknown): unknown {
  if (typeof value === "string") return NUMBER.test(value) ? Number(value) : value;
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, numbers(one)]));
}

function readableChoice(choice: unknown): unknown {
  if (!isObject(choice) || !isObject(choice.delta)) return choice;
  const { tool_calls } = choice.delta;
  if (!Array.isArray(tool_calls)) return choice;
  return { ...choice, delta: { ...choice.delta, tool_calls: tool_calls.map(readableCall) } };
}

function readableCall(call: unknown): unknown {
  if (!isObject(call) || !isObject(call.function)) return call;
  const { arguments: given } = call.function;
  if (!isObject(given)) return call;
  return { ...call, function: { ...call.function, arguments: JSON.stringify(given) } };
}

const EVENTS = new Set([
  ...["message_start", "message_delta", "message_stop", "ping", "error"],
  ...["content_block_start", "content_block_delta", "content_block_stop"],
]);
const BLOCKS = new Set(["text", "thinking", "redacted_thinking", "tool_use"]);
const DELTAS = new Set(["text_delta", "thinking_delta", "signature_delta", "input_json_delta"]);
const NO_COUNTS = { input_tokens: 0, output_tokens: 0 };

/**
 * Anthropic's messages: new kinds of events, blocks and deltas may come at any time, and a client leaves them out
 * (source: Anthropic, "Streaming messages", on versioning). A block that is left out takes its deltas with it.
 */
export function readableMessages(): (event: unknown) => unknown {
  const skipped = new Set<unknown>();
  return (event) => {
    if (!isObject(event) || !EVENTS.has(String(event.type))) return undefined;
    const type = String(event.type);
    const { index, content_block, delta, message } = event;
    if (type === "message_start" && isObject(message) && !isObject(message.usage))
      return { ...event, message: { ...message, usage: NO_COUNTS } };
    if (type === "content_block_start" && isObject(content_block)) {
      if (BLOCKS.has(String(content_block.type))) skipped.delete(index);
      else skipped.add(index);
    }
    if (type.startsWith("content_block_") && skipped.has(index)) return undefined;
    const isNew =
      type === "content_block_delta" && isObject(delta) && !DELTAS.has(String(delta.type));
    return isNew ? undefined : event;
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
