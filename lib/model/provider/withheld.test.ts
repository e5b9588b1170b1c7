import { describe, expect, test } from "bun:test";
import { never, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider } from "./provider.ts";

describe("A14: Gemini's ways to withhold an answer", () => {
  const usageMetadata = { promptTokenCount: 9, totalTokenCount: 9 };
  const WITHHELD: object[] = [
    { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata },
    { candidates: [{ finishReason: "SAFETY", index: 0, safetyRatings: [] }], usageMetadata },
    { candidates: [{ content: {}, finishReason: "PROHIBITED_CONTENT" }], usageMetadata },
    { candidates: [{ content: {}, finishReason: "RECITATION" }], usageMetadata },
  ];
  test.each(WITHHELD)("%j is an answer whose tokens are known", async (event) => {
    using _keys = withKeys();
    const body = `data: ${JSON.stringify(event)}\n\n`;
    const headers = { "content-type": "text/event-stream" };
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => new Response(body, { headers }),
    });
    await using _server = { [Symbol.asyncDispose]: () => server.stop(true) };
    const base_url = `http://127.0.0.1:${server.port}/v1beta`;
    const spec = { model: "gemini/gemini-2.5-pro", base_url, options: {}, timeout_ms: 20_000 };
    const answer = await (await openProvider(spec)).call(QUESTION, never);
    expect(answer).toMatchObject({
      stop_reason: "filtered",
      usage: { input_tokens: 9, output_tokens: 0 },
    });
  });
});
