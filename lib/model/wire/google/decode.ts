// Owns reading a request of Google's generateContent: parts to turns, and calls that may have no ids.
import { z } from "zod";
import { asksFor, type Choice } from "../asks.ts";
import {
  arranged,
  callOfObject,
  NO_PARAMETERS,
  object,
  read,
  uniqueTools,
  unsupported,
} from "../read.ts";
import { Refusal, type WireRequest, type WireTurn } from "../wire.ts";
import { parametersOf } from "./schema.ts";

const part = z.looseObject({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z
    .looseObject({ id: z.string().nullish(), name: z.string(), args: z.unknown().optional() })
    .optional(),
  functionResponse: z
    .looseObject({
      id: z.string().nullish(),
      name: z.string(),
      response: z.unknown().optional(),
      parts: z.array(z.unknown()).nullish(),
    })
    .optional(),
});
type Part = z.infer<typeof part>;
const content = z.object({ role: z.string().optional(), parts: z.array(part).default([]) });
const system = z.union([z.string(), z.object({ parts: z.union([z.array(part), part]) })]);
const schema = z.object({
  contents: z.union([z.array(content).min(1), content.transform((one) => [one])]),
  systemInstruction: system.optional(),
  system_instruction: system.optional(),
  tools: z.array(object).nullish(),
  toolConfig: z
    .looseObject({
      functionCallingConfig: z
        .looseObject({
          mode: z.string().optional(),
          allowedFunctionNames: z.array(z.string()).optional(),
        })
        .optional(),
    })
    .optional(),
  generationConfig: z
    .looseObject({
      candidateCount: z.number().nullish(),
      stopSequences: z.array(z.string()).nullish(),
      responseMimeType: z.string().optional(),
      responseSchema: object.optional(),
      responseJsonSchema: z.unknown().optional(),
      thinkingConfig: z.looseObject({ includeThoughts: z.boolean().optional() }).optional(),
    })
    .optional(),
});
type Told = z.infer<typeof schema>;
const declarations = z.array(
  z.looseObject({
    name: z.string(),
    description: z.string().default(""),
    parameters: object.optional(),
    parametersJsonSchema: object.optional(),
  }),
);
const counted = z.looseObject({ generateContentRequest: object.optional() });

export const PATH =
  /^\/v1(?:beta)?\/models\/([^:/]+):(streamGenerateContent|generateContent|countTokens)$/;

/** Throws Refusal for images and other data, and for parts that are not known. */
export function decode(body: unknown, url: URL): WireRequest {
  const [, model = "", method] = PATH.exec(url.pathname) ?? [];
  const stream = method === "streamGenerateContent";
  if (stream && url.searchParams.get("alt") !== "sse")
    throw new Refusal("bad request", "this gateway streams server-sent events only: add ?alt=sse");
  const { generateContentRequest } = read(counted, body);
  const told = read(schema, generateContentRequest ?? body);
  const config: NonNullable<Told["generationConfig"]> = told.generationConfig ?? {};
  const asks = asksFor({
    json_schema: jsonSchema(config),
    ...choiceOf(told),
    stop: config.stopSequences,
    answers: config.candidateCount,
  });
  const turns = [...systemTurns(told), ...turnsOf(told.contents)];
  return {
    request: asks({
      turns: arranged(turns),
      tools: uniqueTools((told.tools ?? []).flatMap(toolsOf)),
    }),
    stream,
    model: decodeURIComponent(model),
    forms: new Map(),
    reasoning: config.thinkingConfig?.includeThoughts === true,
    usage: true,
  };
}

function jsonSchema(config: NonNullable<Told["generationConfig"]>): unknown {
  if (config.responseMimeType !== "application/json") return undefined;
  const { responseJsonSchema, responseSchema } = config;
  return responseJsonSchema ?? (responseSchema === undefined ? true : parametersOf(responseSchema));
}

function choiceOf({ toolConfig }: Told): Choice {
  const { mode = "AUTO", allowedFunctionNames = [] } = toolConfig?.functionCallingConfig ?? {};
  const [call_name] = allowedFunctionNames.length === 1 ? allowedFunctionNames : [];
  return { call: mode === "NONE" ? "none" : mode === "ANY" ? "any" : "auto", call_name };
}

/** Tools that Google itself runs (its search and the like) declare no functions: nobody else can run them, so they are not on offer. */
function toolsOf(given: Readonly<Record<string, unknown>>) {
  const functions = given.functionDeclarations ?? given.function_declarations ?? [];
  return read(declarations, functions, "a tool").map((one) => ({
    name: one.name,
    description: one.description,
    parameters: one.parametersJsonSchema ?? parametersOf(one.parameters ?? NO_PARAMETERS),
  }));
}

function systemTurns({ systemInstruction, system_instruction }: Told): WireTurn[] {
  const given = systemInstruction ?? system_instruction;
  if (given === undefined) return [];
  const parts = typeof given === "string" ? [{ text: given }] : [given.parts].flat();
  return [{ role: "system", content: parts.map(textIn).join("\n\n") }];
}

function textIn(one: Part): string {
  if (one.text === undefined) throw unsupported(kindOf(one));
  return one.text;
}

/** The field that says what a part is. */
function kindOf(one: Part): string {
  return (
    Object.keys(one).find((key) => key !== "thoughtSignature" && key !== "thought") ?? "nothing"
  );
}

/** Calls in the order in which they wait for results; a result without an id is that of the first call of its name. */
type Open = { readonly id: string; readonly name: string }[];

function turnsOf(contents: z.infer<typeof schema>["contents"]): WireTurn[] {
  let open: Open = [];
  return contents.flatMap(({ role, parts }, at) => {
    if (role !== "model") return parts.map((one) => userTurn(one, open));
    const turn = modelTurn(parts, at);
    open = turn.tool_calls.map(({ id, name }) => ({ id, name }));
    return [turn];
  });
}

function modelTurn(parts: readonly Part[], at: number) {
  const texts: string[] = [];
  const tool_calls = parts.flatMap((one, index) => {
    const { functionCall: call, text, thought } = one;
    if (call !== undefined) {
      const id = call.id ?? `call_of_turn_${at + 1}_${index + 1}`;
      return [callOfObject({ id, name: call.name, value: call.args })];
    }
    if (text === undefined && one.thoughtSignature === undefined) throw unsupported(kindOf(one));
    if (thought !== true) texts.push(text ?? "");
    return [];
  });
  const seal = parts.find((one) => one.thoughtSignature !== undefined)?.thoughtSignature;
  return { role: "assistant" as const, content: texts.join(""), tool_calls, seal };
}

function userTurn(one: Part, open: Open): WireTurn {
  const { functionResponse: result } = one;
  if (result === undefined) return { role: "user", content: textIn(one) };
  if ((result.parts ?? []).length > 0) throw unsupported("inlineData");
  const at = open.findIndex(({ id, name }) =>
    result.id ? id === result.id : name === result.name,
  );
  const [call] = at === -1 ? [] : open.splice(at, 1);
  return {
    role: "tool",
    tool_call_id: result.id ?? call?.id ?? "unknown",
    content: resultText(result.response),
  };
}

/** A result is an object; one with a text alone is that text. */
function resultText(response: unknown): string {
  const fields = typeof response === "object" && response !== null ? Object.entries(response) : [];
  const [[name, value] = []] = fields;
  if (fields.length === 1 && typeof value === "string" && TEXT_FIELDS.has(name ?? "")) return value;
  return JSON.stringify(response ?? {});
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["output", "content", "result", "error"]);
