import { describe, expect, test } from "bun:test";
import { never, PROVIDERS, QUESTION, withKeys } from "./provider.fixture.ts";
import { openProvider, ProviderError } from "./provider.ts";
import { WORDINGS, type Wording } from "./wordings.ts";

const textOf = ({ body }: Wording) => (typeof body === "string" ? body : JSON.stringify(body));
const ROWS = new Map(WORDINGS.map((row, at) => [String(at), row]));
const sent = (text: string, status: number, type: string) =>
  new Response(text, { status, headers: { "content-type": type } });
const SSE = "text/event-stream";
const DATA = (row: Wording) => `data: ${JSON.stringify(row.body)}\n\n`;

/** How a server can send a failure. */
const WAYS: Record<string, (row: Wording) => Response> = {
  "a failing status": (row) => sent(textOf(row), row.status, "application/json"),
  "status 200 with the failure as its body": (row) => sent(textOf(row), 200, "application/json"),
  "status 200 that says it is a stream": (row) => sent(textOf(row), 200, SSE),
  "an event of a stream": (row) => sent(`: hello\n\n${DATA(row)}`, 200, SSE),
  "an event called error": (row) => sent(`event: error\n${DATA(row)}data: [DONE]\n\n`, 200, SSE),
};

/** A server of one's own that gives `answer` for the model's row, for one scope. */
function rawServer(answer: (row: Wording) => Response) {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const text = `${request.url} ${await request.text()}`;
      const row = ROWS.get(/row-(\d+)/.exec(text)?.[1] ?? "");
      return row === undefined ? new Response("no row", { status: 500 }) : answer(row);
    },
  });
  const base_url = `http://127.0.0.1:${server.port}/v1`;
  return { base_url, [Symbol.asyncDispose]: () => server.stop(true) };
}

describe.each(PROVIDERS.map(({ model }) => model))("A3, A4, A6, A14, A17, A22: %s", (model) => {
  const prefix = model.slice(0, model.indexOf("/"));
  test.each(Object.entries(WAYS))("%s", async (way, answer) => {
    using _keys = withKeys();
    await using server = rawServer(answer);
    const wrong: string[] = [];
    for (const [at, row] of ROWS) {
      if (typeof row.body === "string" && way !== "a failing status") continue;
      const spec = { model: `${prefix}/row-${at}`, base_url: server.base_url, options: {} };
      const provider = await openProvider({ ...spec, timeout_ms: 20_000 });
      const kind = await provider
        .call(QUESTION, never)
        .then(({ stop_reason }) => stop_reason, kindThrown);
      if (!kindsOf(row, way).includes(kind)) wrong.push(`${kind}: ${row.vendor}: ${textOf(row)}`);
    }
    expect(wrong).toEqual([]);
  });
});

function kindThrown(error: unknown): string {
  return error instanceof ProviderError ? error.kind : String(error);
}

/** Without a status of a failure, a request that is simply wrong may pass for the server's trouble. */
function kindsOf({ kind }: Wording, way: string): string[] {
  if (kind === "refused") return ["filtered"];
  if (kind === "bad call") return ["other"];
  return kind === "bad request" && way !== "a failing status" ? [kind, "server"] : [kind];
}
