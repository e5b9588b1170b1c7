import { describe, expect, test } from "bun:test";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { PortTool } from "./contract.ts";
import { heldPort } from "./held.fixture.ts";
import { socketFetch, tcpTo } from "./port.fixture.ts";
import { TOOL_MS } from "./tools.ts";

const send: PortTool = {
  name: "tandem_send",
  description: "Sends a message.",
  parameters: {
    type: "object",
    properties: { to: { type: "string" }, text: { type: "string" }, times: { type: "integer" } },
    required: ["to", "text"],
  },
  async call(args) {
    if (args.to === "nobody") throw new Error("there is no agent nobody: there is agent2");
    return JSON.stringify(args);
  },
};
/** Waits for mail, and says that none came when it must end. */
const wait: PortTool = {
  name: "tandem_wait",
  description: "Waits for a message.",
  parameters: { type: "object", properties: {} },
  call: (_, signal) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("nothing came"))),
};
const deaf: PortTool = { ...wait, name: "deaf", call: () => new Promise(() => undefined) };
const tools = [send, wait, deaf];

async function connected(session = { tools }) {
  const stack = new AsyncDisposableStack();
  const world = stack.use(await heldPort(session));
  const headers = { authorization: `Bearer ${world.admission.token}` };
  const transport = (url: string, more = {}) =>
    new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers }, ...more });
  const client = new Client({ name: "test", version: "1" });
  return {
    world,
    client,
    /** Through a forwarder, as from a sandbox, or at the socket itself. */
    async connect(way: "forwarded" | "direct") {
      const url = way === "forwarded" ? stack.use(tcpTo(world.port.socket)).url : "http://port";
      const more = way === "direct" ? { fetch: socketFetch(world.port.socket) } : {};
      // The SDK's own types do not agree under exact optional properties.
      const line = transport(url, more) as unknown as Parameters<Client["connect"]>[0];
      await client.connect(line);
      stack.defer(() => client.close());
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe("S2: the protocol's own client", () => {
  test.each(["forwarded", "direct"] as const)("lists and calls the tools, %s", async (way) => {
    await using place = await connected();
    await place.connect(way);
    const { client } = place;
    expect(client.getServerVersion()).toMatchObject({ name: "tandem" });
    const listed = await client.listTools();
    expect(listed.tools).toMatchObject(
      tools.map(({ name, parameters }) => ({ name, inputSchema: parameters })),
    );
    const args = { to: "agent2", text: "héllo" };
    expect(await client.callTool({ name: "tandem_send", arguments: args })).toMatchObject({
      content: [{ type: "text", text: JSON.stringify(args) }],
      isError: false,
    });
    expect(
      await client.callTool({ name: "tandem_send", arguments: { to: "nobody" } }),
    ).toMatchObject({
      content: [{ type: "text", text: "there is no agent nobody: there is agent2" }],
      isError: true,
    });
    await expect(client.callTool({ name: "other" })).rejects.toThrow(
      "there are tandem_send, tandem_wait, deaf",
    );
    expect(await client.ping()).toEqual({});
  });

  test("a tool that waits answers before the client gives up, by itself or not", async () => {
    await using place = await connected();
    await place.connect("direct");
    expect(TOOL_MS).toBeLessThan(60_000);
    const waiting = place.client.callTool({ name: "tandem_wait" });
    await place.world.clock.pass(TOOL_MS);
    expect(await waiting).toMatchObject({ content: [{ text: "nothing came" }], isError: false });
    const silent = place.client.callTool({ name: "deaf" });
    await place.world.clock.pass(TOOL_MS);
    await place.world.clock.pass(2_000);
    expect(await silent).toMatchObject({
      content: [{ text: expect.stringContaining("call it again") }],
      isError: true,
    });
  });
});

describe("the endpoint", () => {
  const rpc = (method: string, more: object = {}) => ({ jsonrpc: "2.0", id: 1, method, ...more });
  const CASES: [what: string, body: unknown, status: number, expected: object | undefined][] = [
    [
      "echoes a version that it knows",
      rpc("initialize", { params: { protocolVersion: "2025-06-18" } }),
      200,
      { result: { protocolVersion: "2025-06-18", capabilities: { tools: {} } } },
    ],
    [
      "offers its own for another",
      rpc("initialize", { params: { protocolVersion: "1999-01-01" } }),
      200,
      { result: { protocolVersion: "2025-11-25" } },
    ],
    [
      "takes a notification",
      { jsonrpc: "2.0", method: "notifications/initialized" },
      202,
      undefined,
    ],
    ["takes an answer", { jsonrpc: "2.0", id: 5, result: {} }, 202, undefined],
    ["has no other methods", rpc("resources/list"), 200, { id: 1, error: { code: -32601 } }],
    ["wants a tool's name", rpc("tools/call", { params: {} }), 200, { error: { code: -32602 } }],
    ["refuses batches", [rpc("ping")], 400, { id: null, error: { code: -32600 } }],
    ["refuses what is no message", { id: 1, method: "ping" }, 400, { error: { code: -32600 } }],
    ["refuses what is not JSON", "{", 400, { error: { code: -32700 } }],
  ];
  test.each(CASES)("%s", async (_what, body, status, expected) => {
    await using world = await heldPort({ tools });
    const response = await world.post("/mcp", body);
    expect(response.status).toBe(status);
    if (expected === undefined) expect(await response.text()).toBe("");
    else expect((await response.json()) as object).toMatchObject(expected);
  });

  test("has no stream to GET, and wants the token", async () => {
    await using world = await heldPort({ tools });
    const got = await world.post("/mcp", "", { method: "GET", body: null });
    expect([got.status, got.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await world.post("/mcp", rpc("ping"), { token: "other" })).status).toBe(401);
  });

  test("lists nothing where messaging is off", async () => {
    await using world = await heldPort();
    expect(await (await world.post("/mcp", rpc("tools/list"))).json()).toMatchObject({
      result: { tools: [] },
    });
  });
});

describe("tools as shell commands", () => {
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const CASES: [body: string, headers: object, status: number, text: string][] = [
    ["to=agent2&text=a%20b%26c&times=2", form, 200, '{"to":"agent2","text":"a b&c","times":2}\n'],
    ['{"to":"agent2","text":"x"}', {}, 200, '{"to":"agent2","text":"x"}\n'],
    ["", form, 200, "{}\n"],
    ["to=nobody", form, 400, "there is no agent nobody: there is agent2\n"],
    ["[1]", {}, 400, "the body is not a JSON object\n"],
  ];
  test.each(CASES)("%j %j", async (body, headers, status, text) => {
    await using world = await heldPort({ tools });
    const told = await world.post("/tools/tandem_send", body, { headers: { ...headers } });
    expect([told.status, await told.text()]).toEqual([status, text]);
    expect(told.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });

  test("an unknown one is told with those that are there", async () => {
    await using world = await heldPort({ tools });
    const told = await world.post("/tools/x", "", { headers: form });
    expect([told.status, await told.text()]).toEqual([
      404,
      "there is no tool x: there are tandem_send, tandem_wait, deaf\n",
    ]);
  });
});
