import { describe, expect, test } from "bun:test";
import { statSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import type { ChatTurn } from "../model.ts";
import { WIRE_NAMES } from "../wire/wire.ts";
import { answerOf, heldPort, WORDINGS } from "./held.fixture.ts";

describe.each(WIRE_NAMES)("S4: a token on %s", (wire) => {
  const { path, body } = WORDINGS[wire];

  test("is taken in each place where programs put it, and no other one is", async () => {
    await using world = await heldPort();
    const { token } = world.admission;
    const [short, query = ""] = path(false).split("?");
    const ask = async (place: string, given: string) => {
      const url = `http://port${short}?${place === "key" ? `key=${given}` : query}`;
      const headers: Record<string, string> =
        place === "key" ? {} : { [place]: place === "authorization" ? `Bearer ${given}` : given };
      const text = `${place} ${given === token}`;
      return await world.fetch(url, { method: "POST", headers, body: JSON.stringify(body(text)) });
    };
    let calls = 0;
    for (const place of ["authorization", "x-api-key", "x-goog-api-key", "key"]) {
      const asked = ask(place, token);
      (await world.next(++calls)).resolve(answerOf({ text: "Yes." }));
      expect((await asked).status).toBe(200);
      const refused = await ask(place, `${token.slice(0, -1)}?`);
      expect(refused.status).toBe(401);
      expect(await refused.json()).toMatchObject({
        error: { message: expect.stringContaining("token") },
      });
    }
    expect((await ask("x-other", token)).status).toBe(401);
  });

  test("does not reach the model, nor what is stored", async () => {
    await using world = await heldPort();
    const asked = world.post(path(false), body(`TOKEN=${world.admission.token}`));
    const { request, resolve } = await world.next(1);
    expect(request.turns).toEqual([{ role: "user", content: "TOKEN=[token]" }]);
    resolve(answerOf());
    await asked;
  });
});

const ERROR_FORMS = {
  messages: { type: "error", error: { type: "authentication_error", message: expect.any(String) } },
  responses: { error: { type: "invalid_request_error", code: "invalid_api_key" } },
  chat: { error: { type: "invalid_request_error", code: "invalid_api_key" } },
  contents: { error: { code: 401, status: "UNAUTHENTICATED" } },
};
test.each(WIRE_NAMES)("S4: %s says in its own form that a token is unknown", async (wire) => {
  await using world = await heldPort();
  const { path, body } = WORDINGS[wire];
  const refused = await world.post(path(true), body("x"), { token: "another" });
  expect(refused.status).toBe(401);
  expect(await refused.json()).toMatchObject(ERROR_FORMS[wire]);
  expect(world.held).toHaveLength(0);
});

describe("besides answers", () => {
  test("HEAD / needs no token and says nothing", async () => {
    await using world = await heldPort();
    const { status } = await world.fetch("http://port/", { method: "HEAD" });
    expect(status).toBe(200);
  });

  test.each([
    ["/v1/messages/count_tokens", WORDINGS.messages.body("x".repeat(400)), "input_tokens"],
    ["/v1beta/models/m:countTokens", WORDINGS.contents.body("x".repeat(400)), "totalTokens"],
    [
      "/v1beta/models/m:countTokens",
      { generateContentRequest: WORDINGS.contents.body("x".repeat(400)) },
      "totalTokens",
    ],
    ["/v1/responses/input_tokens", WORDINGS.responses.body("x".repeat(400)), "input_tokens"],
  ])("%s is an estimate that nobody is asked for", async (path, body, field) => {
    await using world = await heldPort();
    const counted = (await (await world.post(path, body)).json()) as Record<string, unknown>;
    expect(counted[field]).toBeGreaterThan(100);
    expect(counted[field]).toBeLessThan(200);
    expect(world.held).toHaveLength(0);
  });

  test.each([
    ["/v1/models", { object: "list", data: [{ id: "anthropic/some", object: "model" }] }],
    ["/v1/models/claude-x", { id: "claude-x", type: "model" }],
    ["/v1beta/models", { models: [{ name: "models/anthropic/some" }] }],
    ["/v1beta/models/gemini-x", { name: "models/gemini-x" }],
  ])("GET %s", async (path, expected) => {
    await using world = await heldPort();
    const listed = await world.post(path, "", { method: "GET", body: null });
    expect(await listed.json()).toMatchObject(expected);
  });

  test("a websocket is refused with 426, another method with 405, another path with 404", async () => {
    await using world = await heldPort();
    const status = async (path: string, init: object) =>
      (await world.post(path, "", { body: null, ...init })).status;
    const upgrade = { upgrade: "websocket", connection: "upgrade" };
    expect(await status("/v1/responses", { method: "GET", headers: upgrade })).toBe(426);
    expect(await status("/v1/responses", { method: "GET" })).toBe(405);
    expect(await status("/v1/embeddings", { method: "POST" })).toBe(404);
    expect(await status("/", { method: "POST" })).toBe(404);
  });

  test("the socket lies in a folder that is its user's alone", async () => {
    await using world = await heldPort();
    expect(statSync(dirname(world.port.socket)).mode & 0o077).toBe(0);
  });
});

describe("what the model is asked", () => {
  test("holds neither the device's id nor the program's own model, and keeps the user's text", async () => {
    await using world = await heldPort();
    const asked = world.post("/v1/messages", {
      ...WORDINGS.messages.body("Author: me <me@example.org>"),
      metadata: { user_id: "device-4711", email: "who@example.org" },
      system: [
        { type: "text", text: "One." },
        { type: "text", text: "Two." },
      ],
    });
    const { request, resolve } = await world.next(1);
    const turns: ChatTurn[] = [
      { role: "system", content: "One.\n\nTwo." },
      { role: "user", content: "Author: me <me@example.org>" },
    ];
    expect(request).toEqual({ turns, tools: [], purpose: "step" });
    resolve(answerOf());
    await asked;
    expect(world.exchanges).toMatchObject([{ wire: "messages", asked_model: "claude-x" }]);
  });

  test("ids of calls that wires or other answers have no room for come back as the model gave them", async () => {
    await using world = await heldPort();
    const call = { id: "functions.bash:0", name: "bash", arguments: { command: "ls" } };
    const question = WORDINGS.chat.body("go", { tools: ["bash"] });
    const told: { choices: { message: { tool_calls: { id: string }[] } }[] }[] = [];
    let turns: object[] = [{ role: "user", content: "go" }];
    for (const n of [1, 2, 3]) {
      const asked = world.post("/v1/chat/completions", { ...question, messages: turns });
      (await world.next(n)).resolve(answerOf({ tool_calls: [call], stop_reason: "tool calls" }));
      const answer = (await (await asked).json()) as (typeof told)[number];
      told.push(answer);
      const message = answer.choices[0]?.message;
      turns = [
        ...turns,
        message ?? {},
        { role: "tool", tool_call_id: message?.tool_calls[0]?.id, content: `${n}` },
      ];
    }
    const ids = told.map(({ choices }) => choices[0]?.message.tool_calls[0]?.id ?? "");
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[\w-]{1,64}$/);
    const called = { role: "assistant", content: "", tool_calls: [call] } as const;
    const result = (content: string) => ({ role: "tool", tool_call_id: call.id, content }) as const;
    expect(world.held[2]?.request.turns.slice(1)).toEqual([
      called,
      result("1"),
      called,
      result("2"),
    ]);
  });
});

describe("bad requests", () => {
  test.each([
    ["no JSON", "{", "not JSON"],
    ["nested without end", `${"[".repeat(5000)}${"]".repeat(5000)}`, "nested too deeply"],
    ["a list", "[]", "malformed"],
    ["nothing", "", "not JSON"],
    ["no messages", JSON.stringify({ model: "m", messages: [] }), "malformed at messages"],
  ])("%s", async (_what, body, words) => {
    await using world = await heldPort();
    const refused = await world.post("/v1/messages", body);
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain(words);
  });

  test("a compressed body, and one that is too large", async () => {
    await using world = await heldPort();
    const packed = await world.post("/v1/messages", "{}", {
      headers: { "content-encoding": "zstd" },
    });
    expect(packed.status).toBe(400);
    // Only its head is sent: the size is told there.
    const head = `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-api-key: ${world.admission.token}\r\ncontent-length: ${65 * 2 ** 20}\r\n\r\n`;
    expect(await raw(world.port.socket, head)).toContain("413");
  });

  test("garbage, and headers without end, end their own connection alone", async () => {
    await using world = await heldPort();
    expect(await raw(world.port.socket, "\0garbage\r\n\r\n\r\n")).not.toContain("200");
    expect(
      await raw(world.port.socket, `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(2e6)}\r\n\r\n`),
    ).not.toContain("200");
    expect(await raw(world.port.socket, "GET /%zz%00 HTTP/1.1\r\nhost: [\r\n\r\n")).not.toContain(
      "200",
    );
    expect((await world.fetch("http://port/", { method: "HEAD" })).status).toBe(200);
  });

  test("more at once than one agent needs is for later", async () => {
    await using world = await heldPort();
    const head = (n: number) =>
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\nx-n: ${n}\r\nx-api-key: ${world.admission.token}\r\ncontent-length: ${60 * 2 ** 20}\r\n\r\n{`;
    const slow = await Promise.all(
      [1, 2, 3, 4].map(async (n) => {
        const socket = connect(world.port.socket);
        await new Promise((written) => socket.write(head(n), written));
        return socket;
      }),
    );
    // What came before is read by the time that later questions are answered.
    for (let n = 0; n < 2; n++) await world.fetch("http://port/", { method: "HEAD" });
    const { status } = await world.post(
      "/v1/messages",
      WORDINGS.messages.body("y".repeat(2 ** 24)),
    );
    expect(status).toBe(529);
    for (const socket of slow) socket.destroy();
  });
});

/** What a server says to these bytes before it closes, or soon. */
async function raw(path: string, bytes: string): Promise<string> {
  const socket = connect(path);
  let told = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("data", (data) => {
    told += data;
    resolve();
  });
  socket.on("close", () => resolve());
  socket.on("error", () => resolve());
  socket.write(bytes);
  await promise;
  socket.destroy();
  return told;
}
