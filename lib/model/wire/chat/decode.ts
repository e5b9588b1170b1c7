// Owns reading a request of the chat completions wire.
import { z } from "zod";
import { asksFor, type Choice } from "../asks.ts";
import { plainCall, plainTool } from "../plain.ts";
import {
  arranged,
  callOfText,
  content,
  NO_PARAMETERS,
  object,
  read,
  textIn,
  typed,
  uniqueTools,
  unsupported,
} from "../read.ts";
import { Refusal, type WireRequest, type WireTurn } from "../wire.ts";

const call = z.looseObject({
  id: z.string(),
  function: z.object({ name: z.string(), arguments: z.string() }).optional(),
  custom: z.object({ name: z.string(), input: z.string() }).optional(),
});
const named = z.object({ name: z.string() });
const message = z.looseObject({
  role: z.string(),
  content: content.nullish(),
  tool_calls: z.array(call).nullish(),
  tool_call_id: z.string().nullish(),
});
type Message = z.infer<typeof message>;
const schema = z.object({
  model: z.string(),
  messages: z.array(message).min(1),
  tools: z.array(typed).nullish(),
  functions: z.array(z.unknown()).nullish(),
  tool_choice: z
    .union([z.string(), z.looseObject({ function: named.optional(), custom: named.optional() })])
    .nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  response_format: z
    .looseObject({
      type: z.string(),
      json_schema: z.looseObject({ schema: z.unknown().optional() }).optional(),
    })
    .nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  n: z.number().nullish(),
});
const functionTool = z.object({
  function: z.object({
    name: z.string(),
    description: z.string().nullish(),
    parameters: object.nullish(),
  }),
});
const text = z.string();
/** Called with plain text, of a grammar where it has one. */
const customTool = z.object({
  custom: z.object({
    name: text,
    description: text.nullish(),
    format: z
      .looseObject({
        grammar: z.object({ definition: text, syntax: text.optional() }).optional(),
      })
      .nullish(),
  }),
});
const refusalPart = z.object({ refusal: z.string() });

/** Throws Refusal for images, sound, files, and parts that are not known. */
export function decode(body: unknown): WireRequest {
  const told = read(schema, body);
  if ((told.functions ?? []).length > 0)
    throw new Refusal("bad request", "functions are not supported by this gateway: use tools");
  const asks = asksFor({
    json_schema: jsonSchema(told.response_format ?? undefined),
    ...choiceOf(told.tool_choice ?? "auto"),
    stop: [told.stop ?? []].flat(),
    answers: told.n,
  });
  const tools = uniqueTools((told.tools ?? []).map(toolOf));
  return {
    request: asks({ turns: arranged(told.messages.map(turnOf)), tools }),
    stream: told.stream === true,
    model: told.model,
    forms: new Map(
      (told.tools ?? []).filter(isCustom).map((given) => {
        const { name } = read(customTool, given, "a tool").custom;
        return [name, { name, plain: true }];
      }),
    ),
    reasoning: true,
    usage: told.stream_options?.include_usage === true,
  };
}

function jsonSchema(format: z.infer<typeof schema>["response_format"]): unknown {
  if (format === undefined || format === null || format.type === "text") return undefined;
  return format.json_schema?.schema ?? true;
}

function choiceOf(given: NonNullable<z.infer<typeof schema>["tool_choice"]>): Choice {
  if (typeof given !== "string")
    return { call: "any", call_name: (given.function ?? given.custom)?.name };
  return { call: given === "none" ? "none" : given === "required" ? "any" : "auto" };
}

const isCustom = ({ type }: Readonly<Record<string, unknown>>) => type === "custom";

function toolOf(given: Readonly<Record<string, unknown>>) {
  if (isCustom(given)) {
    const { name, description, format } = read(customTool, given, "a tool").custom;
    return plainTool({ name, description, grammar: format?.grammar });
  }
  if (given.type !== "function")
    throw new Refusal(
      "bad request",
      `tools of type "${String(given.type).slice(0, 60)}" are not supported by this gateway`,
    );
  const { name, description, parameters } = read(functionTool, given, "a tool").function;
  return { name, description: description ?? "", parameters: parameters ?? NO_PARAMETERS };
}

const SYSTEM: ReadonlySet<string> = new Set(["system", "developer"]);

function turnOf(given: Message): WireTurn {
  const { role, content: said, tool_calls, tool_call_id } = given;
  if (SYSTEM.has(role)) return { role: "system", content: plainText(said, "\n\n") };
  if (role === "user") return { role, content: plainText(said, "\n\n") };
  if (role === "assistant")
    return { role, content: plainText(said, ""), tool_calls: (tool_calls ?? []).map(callOf) };
  if (role === "tool" && typeof tool_call_id === "string")
    return { role, tool_call_id, content: plainText(said, "\n\n") };
  throw new Refusal(
    "bad request",
    `a message of role "${role.slice(0, 60)}" is malformed or not supported by this gateway`,
  );
}

function callOf({ id, function: called, custom }: z.infer<typeof call>) {
  if (custom !== undefined) return plainCall(id, custom.name, custom.input);
  if (called === undefined) throw unsupported("tool call");
  return callOfText({ id, name: called.name, json: called.arguments });
}

function plainText(given: Message["content"], between: string): string {
  if (given === null || given === undefined || typeof given === "string") return given ?? "";
  const texts = given.map((one) => {
    if (one.type === "text") return textIn(one);
    if (one.type === "refusal") return read(refusalPart, one, "a refusal").refusal;
    throw unsupported(one.type);
  });
  return texts.join(between);
}
