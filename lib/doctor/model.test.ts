import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { UsageError } from "../core/fault.ts";
import type { Finding } from "../core/finding.ts";
import { PROVIDERS, withKeys } from "../model/provider/provider.fixture.ts";
import { type Script, WIRE_KEY } from "../model/wire/script.fixture.ts";
import { checkModel, type ModelLook } from "./model.ts";
import { findingsText } from "./text.ts";

type Body = Readonly<Record<string, unknown>>;
const signal = new AbortController().signal;
const CALLS: Script = () => ({
  tool_calls: [{ name: "bash", arguments: { command: "echo ready" } }],
});

async function look(fields: Pick<ModelLook, "model"> & Partial<ModelLook>) {
  using _keys = withKeys();
  const said: string[] = [];
  const found = await checkModel({ signal, say: (message) => said.push(message), ...fields });
  expect(JSON.stringify({ found, said })).not.toContain(WIRE_KEY);
  const of = (part: string) => found.find((finding) => finding.part === part);
  return { found, of, said };
}

/** Chat completions whose every request `answer` answers; `others` are other addresses with their JSON. */
async function lookAt(
  answer: (body: Body) => Response,
  others: Readonly<Record<string, unknown>> = {},
) {
  let questions = 0;
  await using server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/v1/chat/completions") {
        questions++;
        return answer(z.looseObject({}).parse(await request.json()));
      }
      const other = others[pathname];
      return other === undefined ? new Response("no", { status: 404 }) : Response.json(other);
    },
  });
  const base_url = `http://127.0.0.1:${server.port}/v1`;
  const looked = await look({ model: "local/qwen3", base_url });
  return { ...looked, questions };
}

const USAGE = { prompt_tokens: 90, completion_tokens: 9, total_tokens: 99 };
const about = { id: "c", model: "qwen3", created: 1 };
const stream = (...chunks: object[]) =>
  new Response(
    [...chunks.map((one) => JSON.stringify({ ...about, ...one })), "[DONE]"]
      .map((data) => `data: ${data}\n\n`)
      .join(""),
    { headers: { "content-type": "text/event-stream" } },
  );
const says = (content: string, usage?: object) =>
  stream(
    { choices: [{ index: 0, delta: { content }, finish_reason: "stop" }] },
    ...(usage === undefined ? [] : [{ choices: [], usage }]),
  );
const whole = (usage?: object) =>
  Response.json({
    ...about,
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
    ...(usage === undefined ? {} : { usage }),
  });

describe("a model that has everything", () => {
  test.each(PROVIDERS)("$model", async ({ model, server: start }) => {
    await using server = start(CALLS);
    const { found, of, said } = await look({ model, base_url: server.base_url });
    expect(found.map(({ part }) => part)).toEqual([
      "address",
      "answers",
      "tools",
      "streaming",
      "usage",
      "window",
      "price",
    ]);
    for (const part of ["address", "answers", "tools", "streaming", "usage"])
      expect(of(part)?.state).toBe("good");
    expect(server.refused).toEqual([]);
    expect(server.served.requests).toBeGreaterThan(0);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/one question.*(at most \$0\.0\d+|what it costs is unknown)$/);
  });

  test("costs cents, however dear it is", async () => {
    const [, { server: start }] = PROVIDERS;
    await using server = start(CALLS);
    const { said } = await look({ model: "openai/o1-pro", base_url: server.base_url });
    expect(Number(/\$([\d.]+)$/.exec(said[0] ?? "")?.[1])).toBeWithin(0.01, 0.2);
    expect(said[0]).toContain("with 41 tokens of answer");
  });
});

describe("a server that lacks something", () => {
  test("that calls no tool is told apart, with what it said", async () => {
    const { of, questions } = await lookAt(() => says("Sure! `echo ready`", USAGE));
    expect(of("tools")).toMatchObject({
      state: "poor",
      found: "answered without calling the tool",
      hint: expect.stringMatching(/tool_style: fenced.* It said: Sure! `echo ready`$/),
    });
    expect(questions).toBe(1);
  });

  test("that refuses tools is asked once more without", async () => {
    const message = "registry.ollama.ai/library/gemma:2b does not support tools";
    const { of, questions } = await lookAt(({ tools }) =>
      tools === undefined
        ? says("ready", USAGE)
        : Response.json({ error: { message, type: "api_error" } }, { status: 400 }),
    );
    expect(of("tools")).toMatchObject({ state: "poor", hint: expect.stringContaining(message) });
    expect(of("answers")?.state).toBe("good");
    expect(questions).toBe(2);
  });

  test("that tells no usage in streams is asked for a whole answer", async () => {
    const { of } = await lookAt(({ stream }) => (stream === true ? says("ready") : whole(USAGE)));
    expect(of("usage")).toMatchObject({ state: "poor", found: "reported, but not in streams" });
    const never = await lookAt(({ stream }) => (stream === true ? says("ready") : whole()));
    expect(never.of("usage")).toMatchObject({ state: "poor", found: "not reported" });
  });

  test("that does not stream cannot be used", async () => {
    const { of } = await lookAt(() => whole(USAGE));
    expect(of("streaming")?.state).toBe("missing");
    expect(of("usage")).toMatchObject({ found: "reported in whole answers" });
  });

  const REFUSALS: [name: string, status: number, body: unknown, found: string, words: string][] = [
    ["a key", 401, { error: { message: "bad key" } }, "no: auth (401)", "bad key"],
    ["its load", 503, { error: "loading model" }, "no: overloaded (503)", "loading model"],
    ["a name", 404, { detail: "no qwen3 here" }, "no: unknown model (404)", "no qwen3 here"],
  ];
  test.each(REFUSALS)(
    "that refuses %s is heard in its own words",
    async (_, status, body, found, words) => {
      const { of } = await lookAt(() => Response.json(body, { status }));
      expect(of("answers")).toMatchObject({
        state: "missing",
        found,
        hint: expect.stringContaining(words),
      });
    },
  );

  test("that is not there", async () => {
    const { of } = await look({ model: "local/x", base_url: "http://127.0.0.1:9/v1" });
    expect(of("answers")).toMatchObject({ state: "missing", found: "no: connection" });
  });
});

describe("the window", () => {
  const show = { model_info: { "qwen3.context_length": 40_960, "qwen3.block_count": 28 } };
  const ps = (context_length: number) => ({
    models: [
      { name: "other:latest", context_length: 1 },
      { name: "qwen3:latest", model: "qwen3:latest", context_length },
    ],
  });
  const entry = (fields: object) => ({
    object: "list",
    data: [{ id: "x" }, { id: "qwen3", ...fields }],
  });
  const TOLD: [
    name: string,
    others: Record<string, unknown>,
    state: Finding["state"],
    found: string,
  ][] = [
    [
      "llama.cpp's slot",
      {
        "/props": { default_generation_settings: { n_ctx: 8192 } },
        "/v1/models": entry({ meta: { n_ctx_train: 32_768 } }),
      },
      "poor",
      "8,192 tokens (llama.cpp's /props); the model: 32,768",
    ],
    [
      "Ollama's as loaded",
      { "/api/ps": ps(4096), "/api/show": show },
      "poor",
      "4,096 tokens (Ollama's /api/ps); the model: 40,960",
    ],
    [
      "Ollama's, not loaded",
      { "/api/ps": { models: [] }, "/api/show": show },
      "poor",
      "40,960 tokens (the model's; the server does not report its own; Ollama's /api/show)",
    ],
    [
      "vLLM's and SGLang's",
      { "/v1/models": entry({ max_model_len: 131_072 }) },
      "good",
      "131,072 tokens (/models)",
    ],
    [
      "OpenRouter's form",
      { "/v1/models": entry({ context_length: 64_000, top_provider: { context_length: 32_000 } }) },
      "good",
      "32,000 tokens (/models)",
    ],
    [
      "Groq's form",
      { "/v1/models": entry({ context_window: 131_072 }) },
      "good",
      "131,072 tokens (/models)",
    ],
    [
      "Mistral's form",
      { "/v1/models": entry({ max_context_length: 32_768 }) },
      "good",
      "32,768 tokens (/models)",
    ],
    [
      "LM Studio's as loaded",
      { "/api/v0/models/qwen3": { loaded_context_length: 4096, max_context_length: 32_768 } },
      "poor",
      "4,096 tokens (LM Studio's /api/v0/models); the model: 32,768",
    ],
    ["TGI's", { "/info": { max_total_tokens: 30_000 } }, "good", "30,000 tokens (/info)"],
    ["nobody's", { "/v1/models": entry({}), "/props": "odd" }, "poor", "not reported"],
  ];
  test.each(TOLD)("%s", async (_, others, state, found) => {
    const { of } = await lookAt(() => says("ready", USAGE), others);
    expect(of("window")).toMatchObject({ state, found });
  });

  test("of a listed model stands in the price table, and its price", async () => {
    const [{ server: start }] = PROVIDERS;
    await using server = start(CALLS);
    const { of } = await look({ model: "anthropic/claude-sonnet-4-5", base_url: server.base_url });
    expect(of("window")).toMatchObject({
      state: "good",
      found: expect.stringContaining("(price table)"),
    });
    expect(of("price")).toMatchObject({
      state: "good",
      found: expect.stringContaining("$3.00 in, $15.00 out"),
    });
  });
});

test("a recording is nobody to ask, and a key that is missing is said before anything is asked", async () => {
  const said: string[] = [];
  const rest = { signal, say: (message: string) => void said.push(message) };
  await expect(checkModel({ model: "replay/demo", ...rest })).rejects.toThrow(UsageError);
  await expect(checkModel({ model: "local/x", ...rest })).rejects.toThrow("--base-url");
  expect(said).toEqual([]);
});

test("on a terminal of 80 columns nothing that is to be done is cut", async () => {
  const { found } = await lookAt(() =>
    Response.json({ error: "it is ".repeat(30) }, { status: 401 }),
  );
  const text = findingsText(found, { width: 80 });
  for (const line of text.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
  for (const { hint = "" } of found) expect(text.replace(/\s+/g, " ")).toContain(hint.trim());
});
