// Owns the registry of wires that agents' programs are answered on.
import { decode as decodeMessages } from "./anthropic/decode.ts";
import * as messages from "./anthropic/encode.ts";
import * as messageEvents from "./anthropic/stream.ts";
import type { Wire } from "./wire.ts";

const MESSAGES: Wire = {
  name: "messages",
  route: (path) =>
    (({ "/v1/messages": "answer", "/v1/messages/count_tokens": "count" }) as const)[path],
  decode: decodeMessages,
  encode: messages.encode,
  stream: messageEvents.stream,
  alive: messageEvents.ALIVE,
  count: (input_tokens) => ({ input_tokens }),
  refusal: messages.refusal,
  broken: messageEvents.broken,
};

export const WIRES: readonly Wire[] = [MESSAGES];
