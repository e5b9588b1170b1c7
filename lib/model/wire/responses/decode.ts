// Owns reading a request of OpenAI's responses: items to turns, and the tools that are called in forms of their own.
import { z } from "zod";
import { asksFor, type Choice } from "../asks.ts";
import { plainCall } from "../plain.ts";
import { arranged, callOfText, content, read, textIn, uniqueTools, unsupported } from "../read.ts";
import { Refusal, type WireRequest, type WireTurn } from "../wire.ts";
import { flatName, toolsOf } from "./tools.ts";

const item = z.looseObject({ type: z.string().optional() });
const choice = z.union([
  z.string(),
  z.looseObject({ type: z.string(), name: z.string().optional() }),
]);
const schema = z.object({
  model: z.string(),
  instructions: z.string().nullish(),
  input: z.union([z.string(), z.array(item)]),
  previous_response_id: z.string().nullish(),
  conversation: z.unknown().optional(),
  prompt: z.unknown().optional(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  tool_choice: choice.nullish(),
  stream: z.boolean().nullish(),
  include: z.array(z.string()).nullish(),
  reasoning: z.looseObject({ summary: z.string().nullish() }).nullish(),
  text: z
    .looseObject({
      format: z.looseObject({ type: z.string(), schema: z.unknown().optional() }).nullish(),
    })
    .nullish(),
});

const message = z.object({ role: z.enum(["system", "developer", "user", "assistant"]), content });
const refusalPart = z.object({ refusal: z.string() });
const namespace = z.string().nullish();
const call = z.object({ call_id: z.string(), name: z.string(), arguments: z.string(), namespace });
const custom = z.object({ call_id: z.string(), name: z.string(), input: z.string(), namespace });
const output = z.object({ call_id: z.string(), output: content });
const reasoning = z.object({ encrypted_content: z.string().nullish() });

/** Throws Refusal for images, files, items that are not known, and whatever a server that keeps conversations is needed for. */
export function decode(body: unknown): WireRequest {
  const told = read(schema, body);
  if (
    [told.previous_response_id, told.conversation, told.prompt].some(
      (kept) => kept !== undefined && kept !== null,
    )
  )
    throw new Refusal(
      "bad request",
      "this gateway keeps no responses: send the whole conversation as input",
    );
  const items =
    typeof told.input === "string" ? [{ role: "user", content: told.input }] : told.input;
  const instructions = told.instructions ?? "";
  const turns: WireTurn[] = [{ role: "system", content: instructions }, ...items.map(turnOf)];
  const { tools, forms } = toolsOf(told.tools ?? []);
  const { format } = told.text ?? {};
  const asks = asksFor({
    json_schema: jsonSchema(format ?? undefined),
    ...choiceOf(told.tool_choice ?? "auto"),
  });
  return {
    request: asks({ turns: arranged(turns), tools: uniqueTools(tools) }),
    stream: told.stream === true,
    model: told.model,
    forms,
    reasoning: (told.include ?? []).includes("reasoning.encrypted_content"),
    usage: true,
  };
}

function jsonSchema(
  format: { readonly type: string; readonly schema?: unknown } | undefined,
): unknown {
  if (format === undefined || format.type === "text") return undefined;
  return format.schema ?? true;
}

export function choiceOf(given: z.infer<typeof choice>): Choice {
  if (typeof given !== "string") return { call: "any", call_name: given.name };
  return { call: given === "none" ? "none" : given === "required" ? "any" : "auto" };
}

type Reader = (given: unknown) => WireTurn;
const ITEMS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["message", messageTurn],
  [
    "function_call",
    (given) => {
      const {
        call_id: id,
        name,
        arguments: json,
        namespace: inside,
      } = read(call, given, "a function call");
      return callTurn(callOfText({ id, name: flatName(name, inside ?? undefined), json }));
    },
  ],
  [
    "custom_tool_call",
    (given) => {
      const { call_id: id, name, input, namespace: inside } = read(custom, given, "a tool call");
      return callTurn(plainCall(id, flatName(name, inside ?? undefined), input));
    },
  ],
  ["function_call_output", resultTurn],
  ["custom_tool_call_output", resultTurn],
  [
    "reasoning",
    (given) => {
      const { encrypted_content } = read(reasoning, given, "a reasoning item");
      return {
        role: "assistant",
        content: "",
        tool_calls: [],
        seal: encrypted_content ?? undefined,
      };
    },
  ],
]);

function turnOf(given: z.infer<typeof item>): WireTurn {
  const type = given.type ?? "message";
  const reader = ITEMS.get(type);
  if (reader === undefined) throw unsupported(type);
  return reader(given);
}

function callTurn(one: ReturnType<typeof callOfText>): WireTurn {
  return { role: "assistant", content: "", tool_calls: [one] };
}

function messageTurn(given: unknown): WireTurn {
  const { role, content: said } = read(message, given, "a message");
  const text = plainText(said, role === "assistant" ? "" : "\n\n");
  if (role === "assistant") return { role, content: text, tool_calls: [] };
  return { role: role === "user" ? "user" : "system", content: text };
}

function resultTurn(given: unknown): WireTurn {
  const { call_id, output: said } = read(output, given, "a tool's output");
  return { role: "tool", tool_call_id: call_id, content: plainText(said, "\n\n") };
}

const TEXTS: ReadonlySet<string> = new Set(["input_text", "output_text", "text", "summary_text"]);

function plainText(given: z.infer<typeof content>, between: string): string {
  if (typeof given === "string") return given;
  const texts = given.map((one) => {
    if (TEXTS.has(one.type)) return textIn(one);
    if (one.type === "refusal") return read(refusalPart, one, "a refusal").refusal;
    throw unsupported(one.type);
  });
  return texts.join(between);
}
