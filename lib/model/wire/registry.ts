// Owns the registry of wires that agents' programs are answered on.
import { decode as decodeMessages } from "./anthropic/decode.ts";
import * as messages from "./anthropic/encode.ts";
import * as messageEvents from "./anthropic/stream.ts";
import { decode as decodeChat } from "./chat/decode.ts";
import * as chat from "./chat/encode.ts";
import { decode as decodeContents, PATH } from "./google/decode.ts";
import * as contents from "./google/encode.ts";
import { openaiRefusal } from "./refusals.ts";
import { decode as decodeItems } from "./responses/decode.ts";
import { encode as encodeItems } from "./responses/encode.ts";
import * as itemEvents from "./responses/stream.ts";
import type { Route, Wire } from "./wire.ts";

export const WIRES: readonly Wire[] = [
  {
    name: "messages",
    route: at({ "/v1/messages": "answer", "/v1/messages/count_tokens": "count" }),
    decode: decodeMessages,
    encode: messages.encode,
    stream: messageEvents.stream,
    alive: messageEvents.ALIVE,
    count: (input_tokens) => ({ input_tokens }),
    refusal: messages.refusal,
    broken: messageEvents.broken,
  },
  {
    name: "responses",
    route: at({ "/v1/responses": "answer", "/v1/responses/input_tokens": "count" }),
    decode: decodeItems,
    encode: encodeItems,
    stream: itemEvents.stream,
    alive: itemEvents.ALIVE,
    count: (input_tokens) => ({ object: "response.input_tokens", input_tokens }),
    refusal: openaiRefusal,
    broken: itemEvents.broken,
  },
  {
    name: "chat",
    route: at({ "/v1/chat/completions": "answer" }),
    decode: decodeChat,
    encode: chat.encode,
    stream: chat.stream,
    alive: ": waiting\n\n",
    count: (prompt_tokens) => ({ prompt_tokens }),
    refusal: openaiRefusal,
    broken: chat.broken,
  },
  {
    name: "contents",
    route: (path) => {
      const method = PATH.exec(path)?.[2];
      if (method === undefined) return undefined;
      return method === "countTokens" ? "count" : "answer";
    },
    decode: decodeContents,
    encode: contents.encode,
    stream: contents.stream,
    alive: undefined,
    count: (totalTokens) => ({ totalTokens }),
    refusal: contents.refusal,
    broken: contents.broken,
  },
];

function at(routes: Readonly<Record<string, Route>>): Wire["route"] {
  const known = new Map(Object.entries(routes));
  return (path) => known.get(path);
}
