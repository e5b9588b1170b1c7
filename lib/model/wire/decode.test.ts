import { describe, expect, test } from "bun:test";
import { WIRES } from "./registry.ts";

const wire = (name: string) => WIRES.find((one) => one.name === name) ?? WIRES[0];
const decoded = (name: string, body: unknown) => {
  const path = name === "contents" ? "/v1beta/models/m:streamGenerateContent?alt=sse" : "/v1/any";
  const read = wire(name)?.decode(body, new URL(path, "http://port"));
  if (read === undefined) throw new Error(`no wire ${name}`);
  return read;
};

const messages = (content: unknown, more = {}) => ({
  model: "m",
  messages: [{ role: "user", content }],
  ...more,
});
const items = (...input: object[]) => ({ model: "m", input });
const contents = (...parts: object[]) => ({ contents: [{ role: "user", parts }] });
const image = { type: "base64", media_type: "image/png", data: "AAAA" };
const result = (content: unknown) => ({ type: "tool_result", tool_use_id: "c1", content });

describe("S2: what is not text is refused in clear", () => {
  const REFUSED: [wire: string, body: object, words: string][] = [
    [
      "messages",
      messages([
        { type: "text", text: "see" },
        { type: "image", source: image },
      ]),
      "images are not supported",
    ],
    [
      "messages",
      messages([result([{ type: "image", source: image }])]),
      "images are not supported",
    ],
    ["messages", messages([{ type: "document", source: image }]), "documents are not supported"],
    ["messages", messages([{ type: "hologram" }]), '"hologram" is not supported'],
    [
      "messages",
      messages("x", { tools: [{ type: "bash_20250124", name: "bash" }] }),
      'tools of type "bash_20250124"',
    ],
    ["messages", messages("x", { stop_sequences: ["END"] }), "stop sequences"],
    [
      "responses",
      items({ role: "user", content: [{ type: "input_image", image_url: "data:" }] }),
      "images are not supported",
    ],
    [
      "responses",
      items({ type: "function_call_output", call_id: "c", output: [{ type: "input_image" }] }),
      "images are not supported",
    ],
    [
      "responses",
      items({ role: "user", content: [{ type: "input_file", file_id: "f" }] }),
      "not supported",
    ],
    [
      "responses",
      items({ type: "web_search_call", id: "w" }),
      '"web_search_call" is not supported',
    ],
    ["responses", { ...items(), previous_response_id: "resp_1" }, "keeps no responses"],
    ["responses", { ...items(), tools: [{ type: "local_shell" }] }, 'tools of type "local_shell"'],
    [
      "chat",
      messages([{ type: "image_url", image_url: { url: "data:" } }]),
      "images are not supported",
    ],
    [
      "chat",
      messages([{ type: "input_audio", input_audio: {} }]),
      "audio and video are not supported",
    ],
    ["chat", messages("x", { stop: "END" }), "stop sequences"],
    ["chat", messages("x", { n: 2 }), "several answers"],
    ["chat", messages("x", { functions: [{ name: "f" }] }), "use tools"],
    [
      "chat",
      { model: "m", messages: [{ role: "function", name: "f", content: "" }] },
      'role "function"',
    ],
    [
      "contents",
      contents({ text: "see" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }),
      "images are not supported",
    ],
    ["contents", contents({ inline_data: { mime_type: "image/png" } }), "images are not supported"],
    ["contents", contents({ fileData: { fileUri: "gs://x" } }), "not supported"],
    [
      "contents",
      contents({ functionResponse: { name: "f", response: {}, parts: [{ inlineData: {} }] } }),
      "images are not supported",
    ],
    ["contents", contents({ executableCode: {} }), '"executableCode" is not supported'],
  ];
  test.each(REFUSED)("%s %j", (name, body, words) => {
    expect(() => decoded(name, body)).toThrow(words);
    try {
      decoded(name, body);
    } catch (error) {
      expect(error).toMatchObject({ kind: "bad request" });
    }
    // In the wire's own form, with the status that no client repeats.
    expect(wire(name)?.refusal("bad request", words).status).toBe(400);
  });
});

describe("what words can ask for is asked for in words", () => {
  const schema = { type: "object", properties: { title: { type: "string" } } };
  const CASES: [wire: string, more: object, words: RegExp][] = [
    [
      "messages",
      { output_config: { format: { type: "json_schema", schema } } },
      /JSON schema: .*title/,
    ],
    ["messages", { tool_choice: { type: "tool", name: "bash" } }, /call of the tool bash/],
    [
      "chat",
      { response_format: { type: "json_schema", json_schema: { name: "t", schema } } },
      /JSON schema: .*title/,
    ],
    ["chat", { response_format: { type: "json_object" } }, /one JSON value/],
    ["chat", { tool_choice: "required" }, /call of one of the tools/],
  ];
  test.each(CASES)("%s %j", (name, more, words) => {
    const { request } = decoded(name, messages("x", more));
    expect(request.turns.at(-1)).toMatchObject({
      role: "user",
      content: expect.stringMatching(words),
    });
  });

  test("contents: a schema in Google's own form", () => {
    const generationConfig = {
      responseMimeType: "application/json",
      responseSchema: { type: "OBJECT", properties: { type: { type: "STRING" } } },
    };
    const { request } = decoded("contents", { ...contents({ text: "x" }), generationConfig });
    expect(request.turns.at(-1)?.content).toContain(
      '{"type":"object","properties":{"type":{"type":"string"}}}',
    );
  });

  test("no tool is on offer where none may be called", () => {
    const tools = [{ type: "function", function: { name: "bash" } }];
    expect(decoded("chat", messages("x", { tools, tool_choice: "none" })).request.tools).toEqual(
      [],
    );
  });
});

describe("contents", () => {
  test("results without ids are those of the calls of their names, in order", () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } });
    const response = (name: string, output: string) => ({
      functionResponse: { name, response: { output } },
    });
    const { request } = decoded("contents", {
      systemInstruction: { parts: [{ text: "Be good." }] },
      contents: [
        { role: "user", parts: [{ text: "go" }] },
        {
          role: "model",
          parts: [
            { text: "hm", thought: true },
            { ...call("a"), thoughtSignature: "seal_1" },
            call("b"),
            call("a"),
          ],
        },
        { role: "user", parts: [response("b", "B"), response("a", "A1"), response("a", "A2")] },
      ],
    });
    const turn = request.turns[2];
    if (turn?.role !== "assistant") throw new Error("no assistant");
    const [a1, b, a2] = turn.tool_calls.map(({ id }) => id);
    expect(turn).toMatchObject({ content: "", seal: "seal_1" });
    expect(request.turns.slice(3)).toEqual([
      { role: "tool", tool_call_id: b ?? "", content: "B" },
      { role: "tool", tool_call_id: a1 ?? "", content: "A1" },
      { role: "tool", tool_call_id: a2 ?? "", content: "A2" },
    ]);
  });
});
