import { describe, expect, test } from "bun:test";
import { NO_USAGE } from "../model.ts";
import { type ScriptedAnswer, WIRE_KEY } from "./script.fixture.ts";
import type { WireServer } from "./serve.fixture.ts";
import { anthropicServer, googleServer, openaiServer } from "./servers.fixture.ts";

const USAGE = { ...NO_USAGE, input_tokens: 10, output_tokens: 5, cache_read_tokens: 2 };
const ANSWER: ScriptedAnswer = {
  text: "hi",
  tool_calls: [{ id: "c1", name: "bash", arguments: { command: "ls" } }],
  usage: USAGE,
};
const user = { role: "user", content: [{ type: "text", text: "x" }] };
const call = { type: "tool_use", id: "c1", name: "bash", input: {} };
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "y" });
const messages = (...list: object[]) => ({ model: "m", max_tokens: 9, messages: list });
const chat = (...list: object[]) => ({ model: "m", messages: list });
const input = (...list: object[]) => ({ model: "m", store: false, input: list });
const contents = (...list: object[]) => ({ contents: list });
const gemini = (role: string, ...parts: object[]) => ({ role, parts });
const functionCall = { functionCall: { id: "c1", name: "bash", args: {} } };

const SERVICES = {
  messages: {
    start: anthropicServer,
    path: "/messages",
    key: { "x-api-key": WIRE_KEY, "anthropic-version": "2023-06-01" },
  },
  responses: {
    start: openaiServer,
    path: "/responses",
    key: { authorization: `Bearer ${WIRE_KEY}` },
  },
  chat: {
    start: openaiServer,
    path: "/chat/completions",
    key: { authorization: `Bearer ${WIRE_KEY}` },
  },
  gemini: {
    start: googleServer,
    path: "/models/m:generateContent",
    key: { "x-goog-api-key": WIRE_KEY },
  },
} as const;
type Service = keyof typeof SERVICES;

async function post(
  server: WireServer,
  service: Service,
  { body, key }: { body: unknown; key?: object },
) {
  const headers = { "content-type": "application/json", ...(key ?? SERVICES[service].key) };
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(server.base_url + SERVICES[service].path, {
    method: "POST",
    headers,
    body: text,
  });
  return { status: response.status, text: await response.text() };
}

describe("what a service would refuse", () => {
  const CASES: [service: Service, body: unknown, words: string][] = [
    ["messages", messages(), "messages"],
    ["messages", messages({ role: "assistant", content: [call] }), "first must be the user's"],
    ["messages", messages(user, user), "alternate"],
    ["messages", messages({ role: "user", content: [{ type: "text", text: " " }] }), "text"],
    [
      "messages",
      messages(user, { role: "assistant", content: [call] }, user),
      "without results: c1",
    ],
    [
      "messages",
      messages(
        user,
        { role: "assistant", content: [call] },
        { role: "user", content: [result("c2")] },
      ),
      '\\"c2\\" answers no call',
    ],
    [
      "messages",
      messages(
        user,
        { role: "assistant", content: [{ type: "thinking", thinking: "", signature: "forged" }] },
        user,
      ),
      "invalid signature",
    ],
    ["messages", { messages: [user], model: "m" }, "max_tokens"],
    ["chat", chat({ role: "tool", tool_call_id: "c1", content: "" }), "answers no call"],
    [
      "chat",
      chat(
        { role: "user", content: "x" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "bash", arguments: "{}" } }],
        },
      ),
      "without results",
    ],
    ["responses", { model: "m", input: [{ role: "user", content: "x" }] }, "store"],
    [
      "responses",
      input({ type: "function_call_output", call_id: "c1", output: "" }),
      "answers no call",
    ],
    [
      "responses",
      input(
        { role: "user", content: "x" },
        { type: "function_call", call_id: "c1", name: "bash", arguments: "{}" },
      ),
      "without results",
    ],
    ["gemini", contents(gemini("model", { text: "x" })), "first must be the user's"],
    [
      "gemini",
      contents(
        gemini("user", { text: "x" }),
        gemini("model", functionCall),
        gemini("user", { text: "y" }),
      ),
      "number of function response parts",
    ],
    ["gemini", contents({ role: "assistant", parts: [{ text: "x" }] }), "role"],
    ["chat", [], "no JSON object"],
  ];
  test.each(CASES)("%s %j", async (service, body, words) => {
    await using server = SERVICES[service].start(() => ANSWER);
    const { status, text } = await post(server, service, { body });
    expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining(words) });
    expect(server.refused).toHaveLength(1);
    expect(server.served).toEqual({ requests: 1, answers: 0, usage: NO_USAGE });
  });
});

const GOOD: Record<Service, unknown> = {
  messages: messages(user),
  responses: input({ role: "user", content: "x" }),
  chat: chat({ role: "user", content: "x" }),
  gemini: contents(gemini("user", { text: "x" })),
};
const services = Object.keys(SERVICES).filter((name): name is Service => name in SERVICES);

describe.each(services)("%s", (service) => {
  test("wants the key", async () => {
    await using server = SERVICES[service].start(() => ANSWER);
    const { status } = await post(server, service, { body: GOOD[service], key: {} });
    expect(status).toBe(401);
  });

  test("answers whole when no stream is asked for, and counts", async () => {
    await using server = SERVICES[service].start(() => ANSWER);
    const { status, text } = await post(server, service, { body: GOOD[service] });
    expect(status).toBe(200);
    for (const part of ["hi", "bash", "c1", "ls"]) expect(text).toContain(part);
    expect(server.served).toEqual({ requests: 1, answers: 1, usage: USAGE });
    expect(server.asked[0]).toMatchObject({
      n: 1,
      hint: "x",
      turns: [{ role: "user", content: "x" }],
    });
  });

  test("fails as the script says", async () => {
    const headers = { "retry-after": "2" };
    await using server = SERVICES[service].start(() => ({ status: 429, headers }));
    const { status, text } = await post(server, service, { body: GOOD[service] });
    expect({ status, text }).toEqual({ status: 429, text: expect.stringContaining("scripted") });
    expect(server.refused).toEqual([]);
  });
});

test("a server that does not remember counts all the same", async () => {
  const numbers: number[] = [];
  const script = ({ n }: { n: number }) => {
    numbers.push(n);
    return ANSWER;
  };
  await using server = anthropicServer(script, { remember: false });
  for (const _ of [1, 2]) await post(server, "messages", { body: GOOD.messages });
  expect(numbers).toEqual([1, 2]);
  expect(server.asked).toEqual([]);
  expect(server.served.answers).toBe(2);
});
