// Owns Google's Gemini API as a local server speaks it.
import { z } from "zod";
import type { ChatTurn, StopReason, ToolCall } from "../model.ts";
import { pieces, type Ready } from "./script.fixture.ts";
import { frame, type Protocol, parsed, Refused, type Told } from "./serve.fixture.ts";

const part = z.object({
  text: z.string().optional(),
  thought: z.boolean().optional(),
  thoughtSignature: z.string().optional(),
  functionCall: z
    .object({
      id: z.string().optional(),
      name: z.string(),
      args: z.record(z.string(), z.unknown()),
    })
    .optional(),
  functionResponse: z
    .object({
      id: z.string().optional(),
      name: z.string(),
      response: z.looseObject({ content: z.string() }),
    })
    .optional(),
});
const content = z.object({ role: z.enum(["user", "model"]), parts: z.array(part).min(1) });
const schema = z.object({
  contents: z.array(content).min(1),
  systemInstruction: z.object({ parts: z.array(z.object({ text: z.string() })) }).optional(),
  tools: z
    .array(z.object({ functionDeclarations: z.array(z.looseObject({ name: z.string() })) }))
    .default([]),
});
type Content = z.infer<typeof content>;

const MODEL = /^\/v1beta\/models\/([^:]+):(streamGenerateContent|generateContent)$/;

export const google: Protocol = {
  serves: (path) => MODEL.test(path),
  key: (headers) => headers.get("x-goog-api-key"),
  streams: (_, path) => path.endsWith("streamGenerateContent"),
  insists_on_signatures: true,
  read(body, { path }) {
    const { contents, systemInstruction, tools } = parsed(schema, body);
    if (contents[0]?.role !== "user") throw new Refused("contents: first must be the user's");
    checkCounts(contents);
    const system = systemInstruction?.parts ?? [];
    return {
      model: MODEL.exec(path)?.[1] ?? "",
      tools: tools.flatMap((one) => one.functionDeclarations.map(({ name }) => name)),
      turns: [
        ...system.map((one): ChatTurn => ({ role: "system", content: one.text })),
        ...contents.flatMap((one) => turnsOf(one)),
      ],
      signatures: contents.flatMap((one) => signaturesOf(one)),
    };
  },
  frames(answer) {
    const chunks = partsOf(answer, pieces).map((one) => [one]);
    const last = { ...candidate([]), finishReason: finishOf(answer) };
    const ends = { candidates: [last], usageMetadata: usageOf(answer), ...about(answer) };
    return [
      ...chunks.map((parts) => frame({ candidates: [candidate(parts)], ...about(answer) })),
      frame(ends),
    ];
  },
  overloaded: frame({
    error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" },
  }),
  whole: (answer) => ({
    candidates: [{ ...candidate(partsOf(answer, undivided)), finishReason: finishOf(answer) }],
    usageMetadata: usageOf(answer),
    ...about(answer),
  }),
  error: (status, message) => ({
    error: {
      code: status,
      message: status === 401 ? "API key not valid. Please pass a valid API key." : message,
      status: STATUS[status] ?? "INTERNAL",
    },
  }),
};

const STATUS: Record<number, string> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};
const FINISH: Record<StopReason, string> = {
  stop: "STOP",
  "tool calls": "STOP",
  length: "MAX_TOKENS",
  filtered: "SAFETY",
  other: "OTHER",
};

const candidate = (parts: readonly object[]) => ({ content: { role: "model", parts }, index: 0 });
const about = ({ id, model }: Ready) => ({ modelVersion: model, responseId: id });

/** Broken arguments cannot be said in this form: the service keeps such a call and tells the reason. */
const isBroken = ({ json }: { json: string }) => asObject(json) === undefined;
const finishOf = ({ tool_calls, stop_reason }: Ready) =>
  tool_calls.some(isBroken) ? "MALFORMED_FUNCTION_CALL" : FINISH[stop_reason];

const undivided = (text: string) => (text === "" ? [] : [text]);

function partsOf(
  { reasoning, signature, text, tool_calls }: Ready,
  divide: (text: string) => string[],
): object[] {
  const whole = tool_calls.filter((call) => !isBroken(call));
  return [
    ...divide(reasoning).map((piece) => ({ text: piece, thought: true })),
    ...divide(text).map((piece) => ({ text: piece })),
    ...whole.map(({ id, name, json }) => ({
      functionCall: { id, name, args: asObject(json) },
      ...(signature === "" ? {} : { thoughtSignature: signature }),
    })),
  ];
}

function asObject(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function usageOf({ usage }: Ready) {
  const promptTokenCount = usage.input_tokens + usage.cache_read_tokens;
  return {
    promptTokenCount,
    cachedContentTokenCount: usage.cache_read_tokens,
    candidatesTokenCount: usage.output_tokens - usage.reasoning_tokens,
    thoughtsTokenCount: usage.reasoning_tokens,
    totalTokenCount: promptTokenCount + usage.output_tokens,
  };
}

function checkCounts(contents: readonly Content[]): void {
  const count = (one: Content | undefined, field: "functionCall" | "functionResponse") =>
    one?.parts.filter((each) => each[field] !== undefined).length ?? 0;
  contents.forEach((one, index) => {
    if (count(one, "functionCall") !== count(contents[index + 1], "functionResponse"))
      throw new Refused(
        "the number of function response parts must equal the number of function call parts",
      );
  });
}

function turnsOf({ role, parts }: Content): ChatTurn[] {
  if (role === "model") {
    const said = parts.flatMap(({ text = "", thought }) => (thought ? [] : [text])).join("");
    const tool_calls = parts.flatMap(({ functionCall }): ToolCall[] =>
      functionCall
        ? [{ id: functionCall.id ?? "", name: functionCall.name, arguments: functionCall.args }]
        : [],
    );
    return [{ role: "assistant", content: said, tool_calls }];
  }
  return parts.flatMap(({ text, functionResponse }): ChatTurn[] => {
    if (functionResponse === undefined) return [{ role: "user", content: text ?? "" }];
    const { id = "", response } = functionResponse;
    return [{ role: "tool", tool_call_id: id, content: response.content }];
  });
}

function signaturesOf({ parts }: Content): Told["signatures"][number][] {
  return parts.flatMap(({ functionCall, thoughtSignature: signature }) =>
    signature === undefined ? [] : [{ call_id: functionCall?.id ?? "", signature }],
  );
}
