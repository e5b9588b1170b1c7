// Owns reading a request of Anthropic's messages: blocks to turns, tools, and whether reasoning is to be shown.
import { z } from "zod";
import { asksFor, type Choice } from "../asks.ts";
import {
  arranged,
  callOfObject,
  content,
  object,
  read,
  type Typed,
  textIn,
  uniqueTools,
  unsupported,
} from "../read.ts";
import { Refusal, type WireRequest, type WireTurn } from "../wire.ts";

const schema = z.object({
  model: z.string(),
  system: content.optional(),
  messages: z.array(z.object({ role: z.enum(["user", "assistant", "system"]), content })).min(1),
  tools: z
    .array(z.looseObject({ name: z.string().optional(), type: z.string().nullish() }))
    .nullish(),
  stream: z.boolean().nullish(),
  thinking: z.looseObject({ type: z.string() }).nullish(),
  tool_choice: z.looseObject({ type: z.string(), name: z.string().optional() }).nullish(),
  output_config: z.looseObject({ format: z.unknown().optional() }).nullish(),
  output_format: z.unknown().optional(),
  stop_sequences: z.array(z.string()).nullish(),
});

const thinking = z.object({ signature: z.string().optional() });
const redacted = z.object({ data: z.string() });
const use = z.object({ id: z.string(), name: z.string(), input: z.unknown().optional() });
const result = z.object({
  tool_use_id: z.string(),
  content: content.optional(),
  is_error: z.boolean().nullish(),
});
const tool = z.object({
  name: z.string(),
  description: z.string().default(""),
  input_schema: object,
});

/** Throws Refusal for images, documents, and blocks that are not known. */
export function decode(body: unknown): WireRequest {
  const told = read(schema, body);
  const { messages, system, tools, tool_choice, output_config, output_format } = told;
  const turns: WireTurn[] = [
    ...(system === undefined ? [] : [{ role: "system" as const, content: plainText(system) }]),
    ...messages.flatMap(turnsOf),
  ];
  const format = read(
    z.looseObject({ schema: z.unknown().optional() }).nullish(),
    output_config?.format ?? output_format,
  );
  const asks = asksFor({
    json_schema: format?.schema,
    call: CHOICES[tool_choice?.type ?? "auto"] ?? "any",
    call_name: tool_choice?.name,
    stop: told.stop_sequences,
  });
  return {
    request: asks({ turns: arranged(turns), tools: uniqueTools((tools ?? []).flatMap(toolsOf)) }),
    stream: told.stream === true,
    model: told.model,
    forms: new Map(),
    reasoning:
      told.thinking !== undefined && told.thinking !== null && told.thinking.type !== "disabled",
    usage: true,
  };
}

const CHOICES: Readonly<Record<string, Choice["call"]>> = {
  auto: "auto",
  none: "none",
  any: "any",
  tool: "any",
};

/** Tools that Anthropic itself runs: nobody else can, so they are not on offer. */
const HOSTED = /^(web_search|web_fetch|code_execution|tool_search)_/;

function toolsOf(given: Readonly<Record<string, unknown>>) {
  const type = typeof given.type === "string" ? given.type : "custom";
  if (HOSTED.test(type)) return [];
  if (type !== "custom")
    throw new Refusal("bad request", `tools of type "${type}" are not supported by this gateway`);
  const { name, description, input_schema: parameters } = read(tool, given, "a tool");
  return [{ name, description, parameters }];
}

function plainText(given: z.infer<typeof content>): string {
  if (typeof given === "string") return given;
  return given
    .map((one) => {
      if (one.type !== "text") throw unsupported(one.type);
      return textIn(one);
    })
    .join("\n\n");
}

function turnsOf({ role, content: given }: z.infer<typeof schema>["messages"][number]): WireTurn[] {
  if (role === "system") return [{ role, content: plainText(given) }];
  if (role === "assistant")
    return [assistantTurn(typeof given === "string" ? [{ type: "text", text: given }] : given)];
  if (typeof given === "string") return [{ role, content: given }];
  return given.map((one): WireTurn => {
    if (one.type === "text") return { role, content: textIn(one) };
    if (one.type !== "tool_result") throw unsupported(one.type);
    const { tool_use_id, content: said = "", is_error } = read(result, one, "a tool result");
    const words = plainText(said);
    return {
      role: "tool",
      tool_call_id: tool_use_id,
      content: is_error === true ? asError(words) : words,
    };
  });
}

/** That a tool failed is said by its text alone elsewhere. */
function asError(words: string): string {
  return /error/i.test(words.slice(0, 100)) ? words : `Error: ${words}`;
}

function assistantTurn(blocks: readonly Typed[]): WireTurn {
  const texts: string[] = [];
  const tool_calls = blocks.flatMap((one) => {
    if (one.type === "text") texts.push(textIn(one));
    else if (one.type === "tool_use") {
      const { id, name, input } = read(use, one, "a tool call");
      return [callOfObject({ id, name, value: input })];
    } else if (one.type !== "thinking" && one.type !== "redacted_thinking")
      throw unsupported(one.type);
    return [];
  });
  return { role: "assistant", content: texts.join(""), tool_calls, seal: sealOf(blocks) };
}

function sealOf(blocks: readonly Typed[]): string | undefined {
  const seals = blocks.flatMap((one) => {
    if (one.type === "thinking") return [read(thinking, one, "a thinking block").signature ?? ""];
    return one.type === "redacted_thinking" ? [read(redacted, one, "a thinking block").data] : [];
  });
  return seals.find((seal) => seal !== "");
}
