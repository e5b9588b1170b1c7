import { describe, expect, test } from "bun:test";
import { WIRES } from "./registry.ts";

const wire = (name: string) => WIRES.find((one) => one.name === name) ?? WIRES[0];
const decoded = (name: string, body: unknown) => {
  const path = name === "contents" ? "/v1beta/models/m:streamGenerateContent?alt=sse" : "/v1/any";
  const read = wire(name)?.decode(body, new URL(path, "http://port"));
  if (read === undefined) throw new Error(`no wire ${name}`);
  return read;
};

const items = (...input: object[]) => ({ model: "m", input });

describe("responses", () => {
  const team = {
    type: "namespace",
    name: "mcp__team",
    description: "the team",
    tools: [
      {
        type: "function",
        name: "tandem_send",
        description: "Sends.",
        parameters: { type: "object", properties: {} },
      },
    ],
  };
  const patch = {
    type: "custom",
    name: "apply_patch",
    description: "Edits.",
    format: { type: "grammar", syntax: "lark", definition: "start: x" },
  };
  const body = {
    ...items(
      { type: "message", role: "developer", content: [{ type: "input_text", text: "Be good." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "Build." }] },
      { type: "reasoning", summary: [], encrypted_content: "seal_1" },
      {
        type: "function_call",
        call_id: "c1",
        name: "tandem_send",
        namespace: "mcp__team",
        arguments: '{"to":"agent2"}',
      },
      { type: "custom_tool_call", call_id: "c2", name: "apply_patch", input: "*** Begin Patch" },
      { type: "function_call_output", call_id: "c1", output: "sent" },
      {
        type: "custom_tool_call_output",
        call_id: "c2",
        output: [{ type: "input_text", text: "done" }],
      },
    ),
    tools: [team, patch, { type: "web_search" }, { type: "function", name: "shell" }],
    instructions: "You code.",
    stream: true,
    include: ["reasoning.encrypted_content"],
  };
  const said = {
    id: "1",
    text: "Now.",
    reasoning: "Hm.",
    seal: "seal_2",
    tool_calls: [
      { id: "c3", name: "mcp__team__tandem_send", arguments: { to: "agent2" } },
      { id: "c4", name: "apply_patch", arguments: { input: "*** End Patch" } },
      { id: "c5", name: "shell", arguments: {}, malformed: "{" },
    ],
    stop_reason: "tool calls" as const,
    usage: null,
  };

  test("namespaces and tools with plain text are functions to the model", () => {
    const { request } = decoded("responses", body);
    expect(request.tools.map(({ name }) => name)).toEqual([
      "mcp__team__tandem_send",
      "apply_patch",
      "shell",
    ]);
    expect(request.tools[1]).toMatchObject({
      description: expect.stringContaining("start: x"),
      parameters: { required: ["input"] },
    });
    expect(request.turns).toMatchObject([
      { role: "system", content: "You code.\n\nBe good." },
      { role: "user", content: "Build." },
      { role: "assistant", seal: "seal_1" },
      {
        role: "assistant",
        tool_calls: [{ id: "c1", name: "mcp__team__tandem_send", arguments: { to: "agent2" } }],
      },
      {
        role: "assistant",
        tool_calls: [{ id: "c2", name: "apply_patch", arguments: { input: "*** Begin Patch" } }],
      },
      { role: "tool", tool_call_id: "c1", content: "sent" },
      { role: "tool", tool_call_id: "c2", content: "done" },
    ]);
  });

  test("calls go out in the form in which their tools came", () => {
    const asked = decoded("responses", body);
    expect(wire("responses")?.encode(said, asked)).toMatchObject({
      output: [
        {
          type: "reasoning",
          summary: [{ type: "summary_text", text: "Hm." }],
          encrypted_content: "seal_2",
        },
        { type: "message", content: [{ type: "output_text", text: "Now." }] },
        {
          type: "function_call",
          call_id: "c3",
          name: "tandem_send",
          namespace: "mcp__team",
          arguments: '{"to":"agent2"}',
        },
        { type: "custom_tool_call", call_id: "c4", name: "apply_patch", input: "*** End Patch" },
        { type: "function_call", call_id: "c5", name: "shell", arguments: "{" },
      ],
    });
    const events = [...(wire("responses")?.stream(said, asked) ?? [])].map(
      (text) => /^event: (.*)$/m.exec(text)?.[1],
    );
    expect(events.slice(0, 2)).toEqual(["response.created", "response.in_progress"]);
    expect(events).toContain("response.custom_tool_call_input.delta");
    expect(events.at(-1)).toBe("response.completed");
  });

  test("long names inside a namespace are short enough for a model, and stay apart", () => {
    const long = (name: string) => ({ type: "function", name: `${"x".repeat(60)}${name}` });
    const tools = [{ type: "namespace", name: "team", tools: [long("a"), long("b")] }];
    const { request } = decoded("responses", { ...items({ role: "user", content: "x" }), tools });
    expect(new Set(request.tools.map(({ name }) => name)).size).toBe(2);
    for (const { name } of request.tools) expect(name.length).toBeLessThanOrEqual(64);
  });
});

describe("chat", () => {
  const patch = {
    name: "apply_patch",
    description: "Edits.",
    format: { type: "grammar", grammar: { syntax: "lark", definition: "start: x" } },
  };
  const custom = { id: "c1", type: "custom", custom: { name: "apply_patch", input: "*** Begin" } };
  const asked = decoded("chat", {
    model: "m",
    messages: [
      { role: "user", content: "Build." },
      { role: "assistant", content: null, tool_calls: [custom] },
      { role: "tool", tool_call_id: "c1", content: "done" },
    ],
    tools: [
      { type: "custom", custom: patch },
      { type: "custom", custom: { name: "note", format: { type: "text" } } },
      { type: "function", function: { name: "shell" } },
    ],
    tool_choice: { type: "custom", custom: { name: "apply_patch" } },
  });

  test("tools with plain text are functions to the model", () => {
    const { tools, turns } = asked.request;
    expect(tools.map(({ name, description }) => [name, description])).toEqual([
      ["apply_patch", "Edits.\n\nThe input is plain text of this grammar (lark):\nstart: x"],
      ["note", ""],
      ["shell", ""],
    ]);
    expect(tools[0]?.parameters).toMatchObject({ required: ["input"] });
    expect(turns[1]).toMatchObject({
      tool_calls: [{ id: "c1", name: "apply_patch", arguments: { input: "*** Begin" } }],
    });
    expect(turns.at(-1)?.content).toContain("the tool apply_patch");
  });

  test("calls go out in the form in which their tools came, whole and streamed", () => {
    const calls = [
      { id: "c2", name: "apply_patch", arguments: { input: "*** End" } },
      { id: "c3", name: "note", arguments: {}, malformed: "no JSON" },
      { id: "c4", name: "shell", arguments: { command: "ls" } },
    ];
    const answer = {
      ...{ id: "1", text: "", reasoning: "", seal: undefined, usage: null },
      ...{ tool_calls: calls, stop_reason: "tool calls" as const },
    };
    const told = [
      { id: "c2", type: "custom", custom: { name: "apply_patch", input: "*** End" } },
      { id: "c3", type: "custom", custom: { name: "note", input: "no JSON" } },
      { id: "c4", type: "function", function: { name: "shell", arguments: '{"command":"ls"}' } },
    ];
    expect(wire("chat")?.encode(answer, asked)).toMatchObject({
      choices: [{ message: { tool_calls: told }, finish_reason: "tool_calls" }],
    });
    const events = [...(wire("chat")?.stream(answer, asked) ?? [])].join("");
    for (const call of told) expect(events).toContain(JSON.stringify(call).slice(1));
  });
});
