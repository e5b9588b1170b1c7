import { afterAll, beforeAll, describe, expect } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { fuzzAsync } from "../../core/fuzz.fixture.ts";
import {
  chunked,
  cuts,
  floods,
  jsonLike,
  recordLike,
  texts,
} from "../../core/fuzz-inputs.fixture.ts";
import { temporaryFolder } from "../../core/testing.ts";
import { NO_USAGE } from "../model.ts";
import { readRecording, recordLines } from "../recording.ts";
import { anthropic } from "../wire/anthropic.fixture.ts";
import { chat } from "../wire/chat.fixture.ts";
import { google } from "../wire/google.fixture.ts";
import { responses } from "../wire/responses.fixture.ts";
import type { Ready } from "../wire/script.fixture.ts";
import type { Provider, RawAnswer } from "./contract.ts";
import { toPrompt } from "./prompt.ts";
import { PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider, ProviderError } from "./provider.ts";

const ANSWER: Ready = {
  id: "answer_1",
  model: "m",
  text: "Hello, ä.",
  reasoning: "thinking",
  signature: "signature-1-of-2",
  tool_calls: [{ id: "call_1", name: "bash", json: '{"command":"ls"}' }],
  stop_reason: "tool calls",
  usage: {
    ...NO_USAGE,
    input_tokens: 100,
    output_tokens: 20,
    cache_read_tokens: 5,
    reasoning_tokens: 3,
  },
  cost_usd: 0.01,
};
const PROTOCOLS = [anthropic, responses, google, chat, chat];
const NAMES =
  "type id model usage input_tokens output_tokens content delta text message error code status choices tool_calls function name arguments index finish_reason stop_reason prompt_tokens completion_tokens cost reasoning_details candidates parts functionCall args thoughtSignature usageMetadata promptTokenCount response output item item_id annotations".split(
    " ",
  );
const TOKENS = [
  ...NAMES.map((name) => `"${name}":`),
  "data: ",
  "event: ",
  "\n\n",
  "\n",
  "[DONE]",
  ": ping\n\n",
  "{",
  "}",
  "[",
  "]",
  ",",
  "null",
  "-5",
  "1.5",
  "1e300",
  '"x"',
  "data: {}\n\n",
  'data: {"error":{"message":"m","code":429}}\n\n',
];

const folder = temporaryFolder();
const real = globalThis.fetch;
let answer: () => Response = () => new Response();
beforeAll(() => {
  globalThis.fetch = Object.assign(async () => answer(), { preconnect: real.preconnect });
});
afterAll(() => {
  globalThis.fetch = real;
  folder[Symbol.dispose]();
});

describe.each(PROVIDERS.map(({ model }, at) => ({ model, protocol: PROTOCOLS[at] ?? chat })))(
  "$model",
  ({ model, protocol }) => {
    using _keys = withKeys();
    const opened = openProvider({
      model,
      base_url: "http://127.0.0.1:9/v1",
      options: {},
      timeout_ms: 20_000,
    });
    const frames = protocol.frames(ANSWER);
    const plain = protocol.frames({
      ...ANSWER,
      reasoning: "",
      signature: "",
      tool_calls: [],
      stop_reason: "stop",
    });
    const seeds = [
      frames.join(""),
      plain.join(""),
      [...frames.slice(0, 3), protocol.overloaded].join(""),
    ];
    const stream = texts({ seeds, tokens: [...TOKENS, ...frames] });

    fuzzAsync(
      "a stream of any words is an answer or an error",
      { runs: 1_000, input: fc.tuple(stream, cuts) },
      async ([body, sizes]) => {
        answer = () =>
          new Response(streamOf(Buffer.from(body), sizes), {
            headers: { "content-type": "text/event-stream" },
          });
        await assertAnswer(await opened);
      },
    );

    const numbers = fc.constantFrom(
      "-5",
      "1.5",
      "1e300",
      "null",
      "0",
      "99999999999999999999",
      '"7"',
      "{}",
    );
    const counts = fc.tuple(numbers, numbers, fc.nat(6));
    fuzzAsync(
      "counts that are none are not passed on",
      { runs: 400, input: counts },
      async ([one, two, skip]) => {
        let seen = 0;
        const body = frames
          .join("")
          .replace(/(_tokens|TokenCount|cost|cached_tokens)":[\d.]+/g, (found, word) =>
            seen++ % 7 < skip ? found : `${word}":${seen % 2 ? one : two}`,
          );
        answer = () => new Response(body, { headers: { "content-type": "text/event-stream" } });
        await assertAnswer(await opened);
      },
    );

    const status = fc.constantFrom(
      200,
      400,
      401,
      402,
      403,
      404,
      408,
      413,
      418,
      429,
      500,
      503,
      529,
      599,
    );
    const words = fc.oneof(
      texts({
        seeds: [
          JSON.stringify(protocol.error(429, "slow down")),
          '{"error":{"details":[{"retryDelay":"34s"}]}}',
          "<html>no</html>",
        ],
        tokens: TOKENS,
      }),
      recordLike(NAMES).map((error) => JSON.stringify({ error })),
      jsonLike(NAMES).map((value) => JSON.stringify(value)),
    );
    const after = fc.constantFrom(
      "",
      "1",
      "1.5",
      "-1",
      "soon",
      "9".repeat(400),
      "Wed, 21 Oct 2015 07:28:00 GMT",
      "99999-99-99",
      "+275760-09-13T00:00:00Z",
    );
    const type = fc.constantFrom("application/json", "text/event-stream", "text/html", "");
    fuzzAsync(
      "a refusal of any words is one error",
      { runs: 700, input: fc.tuple(status, words, after, type) },
      async ([status, body, wait, type]) => {
        const headers = {
          "retry-after": wait,
          "content-type": type,
          ...(wait === "1" ? { "retry-after-ms": "9e9" } : {}),
        };
        answer = () => new Response(body, { status, headers });
        await assertAnswer(await opened);
      },
    );

    fuzzAsync(
      "floods end",
      {
        runs: 12,
        input: floods([
          ...TOKENS,
          "data: [",
          "data: \n",
          "data:    ",
          '{"a":',
          'retryDelay": ',
          "input token count",
        ]),
      },
      async (body) => {
        for (const status of [200, 400]) {
          answer = () =>
            new Response(body, { status, headers: { "content-type": "text/event-stream" } });
          await assertAnswer(await opened);
        }
      },
    );

    fuzzAsync(
      "arguments of any depth come back",
      { runs: 20, input: fc.integer({ min: 0, max: 6_000 }) },
      async (depth) => {
        const json = `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`;
        const calls = [{ id: "call_1", name: "bash", json }];
        answer = () =>
          new Response(protocol.frames({ ...ANSWER, tool_calls: calls }).join(""), {
            headers: { "content-type": "text/event-stream" },
          });
        await assertAnswer(await opened);
      },
    );
  },
);

function streamOf(bytes: Buffer, sizes: readonly number[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunked(
        bytes,
        sizes.map((size) => size * 20),
      ))
        controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function assertAnswer(provider: Provider): Promise<void> {
  const signal = new AbortController().signal;
  const given = await provider.call(QUESTION, signal).catch((error: unknown) => error);
  if (given instanceof ProviderError) assertError(given);
  else if (given instanceof Error) throw given;
  else assertSense(given as RawAnswer, provider);
}

function assertError({ message, retry_after_ms }: ProviderError): void {
  expect({ lines: message.split("\n").length, is_long: message.length > 800 }).toEqual({
    lines: 1,
    is_long: false,
  });
  expect(retry_after_ms === null || retry_after_ms >= 0).toBe(true);
}

/** It can be recorded and read again, and goes back to its provider. */
function assertSense(raw: RawAnswer, provider: Provider): void {
  const { text, tool_calls, stop_reason, opaque, response_model, cost_usd = null } = raw;
  const usage = raw.usage ?? NO_USAGE;
  expect(Object.values(usage).filter((count) => !Number.isSafeInteger(count) || count < 0)).toEqual(
    [],
  );
  expect(cost_usd === null || (cost_usd >= 0 && Number.isFinite(cost_usd))).toBe(true);
  const answer = { text, tool_calls, stop_reason, ...(opaque === undefined ? {} : { opaque }) };
  const line = recordLines([
    {
      request: undefined,
      answer,
      usage,
      cost_usd,
      latency_ms: 1,
      retries: 0,
      source: "provider",
      response_model,
    },
  ]);
  const path = join(folder.path, "calls.jsonl");
  writeFileSync(path, line);
  expect(recordLines(readRecording(path))).toBe(line);
  toPrompt(
    [{ role: "assistant", content: text, tool_calls, ...(opaque === undefined ? {} : { opaque }) }],
    `${provider.provider_id}/${provider.model_id}`,
  );
}
