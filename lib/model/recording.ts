// Owns the form of recorded calls: JSON lines that hold every request whole, each as what it adds to the one before.
import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorMessage, Fault } from "../core/fault.ts";
import { CALL_PURPOSES, CALL_SOURCES } from "../core/vocabulary.ts";
import type { ChatTurn, ModelOptions, StopReason, Tool } from "./model.ts";
import { type SealedRequest, sealRequest, sharedTurns } from "./request.ts";

const text = z.string();
const count = z.number().int().nonnegative();
/** Kept as they came: a schema that copies would lose keys such as `__proto__`, and with them the hash. */
const object = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "must be an object",
);
const toolCall = z.object({
  id: text,
  name: text,
  arguments: object,
  malformed: text.exactOptional(),
});
const turn = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "user"]), content: text }),
  z.object({
    role: z.literal("assistant"),
    content: text,
    tool_calls: z.array(toolCall),
    opaque: z.unknown().exactOptional(),
  }),
  z.object({ role: z.literal("tool"), tool_call_id: text, content: text }),
]);
const requestPart = z.object({
  sha256: text,
  /** Leading turns taken over from the request before, and those that follow them. */
  keep: count,
  add: z.array(turn),
  /** Only when they are not those of the request before. */
  tools: z.array(z.object({ name: text, description: text, parameters: object })).exactOptional(),
  purpose: z.enum(CALL_PURPOSES),
  /** In the first line only. */
  options: z
    .object({
      temperature: z.number().exactOptional(),
      top_p: z.number().exactOptional(),
      seed: z.number().exactOptional(),
      max_output_tokens: z.number().exactOptional(),
      reasoning_effort: z.enum(["none", "minimal", "low", "medium", "high"]).exactOptional(),
    })
    .exactOptional(),
});
const STOP_REASONS = [
  "stop",
  "tool calls",
  "length",
  "filtered",
  "other",
] as const satisfies readonly StopReason[];
const tokens = count.default(0);

/** What came back for a request. Lines made by hand may leave out all but `answer`. */
export const answered = z.object({
  answer: z.object({
    text: text.default(""),
    tool_calls: z.array(toolCall.extend({ id: text.optional() })).default([]),
    stop_reason: z.enum(STOP_REASONS).optional(),
    opaque: z.unknown().exactOptional(),
  }),
  usage: z
    .object({
      input_tokens: tokens,
      output_tokens: tokens,
      cache_read_tokens: tokens,
      cache_write_tokens: tokens,
      reasoning_tokens: tokens,
    })
    .prefault({}),
  /** False where the server told no tokens. */
  usage_known: z.literal(false).exactOptional(),
  /** What the agent was told the call cost; null when the price was unknown. */
  cost_usd: z.number().nonnegative().nullable().default(0),
  latency_ms: z.number().nonnegative().default(0),
  retries: count.default(0),
  source: z.enum(CALL_SOURCES).default("provider"),
  response_model: text.nullable().default(null),
});
const line = answered.extend({ request: requestPart.exactOptional() });

type AnsweredLine = z.infer<typeof answered>;
type FullAnswer = Omit<AnsweredLine["answer"], "tool_calls" | "stop_reason"> & {
  readonly tool_calls: readonly z.infer<typeof toolCall>[];
  readonly stop_reason: StopReason;
};
/** An answer with its usage, its price in US dollars, and who gave it. */
export type Answered = Readonly<Omit<AnsweredLine, "answer">> & { readonly answer: FullAnswer };
/** One call as it is recorded; lines made by hand have no request. */
export type RecordedCall = Answered & { readonly request: SealedRequest | undefined };

/** One JSON line per call, each request as its difference from the one before. */
export function recordLines(calls: readonly RecordedCall[]): string {
  let previous: SealedRequest | undefined;
  const lines = calls.map(({ request, ...rest }) => {
    const part = request === undefined ? {} : { request: difference(request, previous) };
    previous = request ?? previous;
    return `${JSON.stringify({ ...part, ...rest })}\n`;
  });
  return lines.join("");
}

/** The names an agent's recording may have: as it is written now, and as it was before that. */
export const RECORDING_FILES = ["calls.jsonl.zst", "calls.jsonl"] as const;

/** The bytes of {@link RECORDING_FILES}' first form: lines are much alike, and shrink to a quarter and less. */
export function packRecording(lines: string): Uint8Array {
  return Bun.zstdCompressSync(Buffer.from(lines));
}

/**
 * The calls of a recording, compressed or not, every request whole again. Throws Fault `bad_file` that names path and
 * line: no JSON, a wrong field, more turns kept than there were, or a request that is not the one its hash names.
 */
export function readRecording(path: string): RecordedCall[] {
  const calls: RecordedCall[] = [];
  let previous: SealedRequest | undefined;
  for (const [index, content] of recordingText(path).split("\n").entries()) {
    if (content.trim() === "") continue;
    const place = { path, line_number: index + 1 };
    const { request: part, ...rest } = parsedLine(content, place);
    const request = part === undefined ? undefined : restored(part, previous, place);
    previous = request ?? previous;
    calls.push({ ...filledIn(rest, place.line_number), request });
  }
  return calls;
}

function recordingText(path: string): string {
  const bytes = readFileSync(path);
  if (!path.endsWith(".zst")) return bytes.toString("utf8");
  try {
    return Buffer.from(Bun.zstdDecompressSync(bytes)).toString("utf8");
  } catch (cause) {
    throw new Fault("bad_file", `${path} is damaged`, {
      hint: "restore it from an archive, or record it again",
      cause,
    });
  }
}

/** Fills in what lines made by hand leave out: the ids of tool calls, and why the model stopped. */
export function filledIn(line: AnsweredLine, line_number: number): Answered {
  // The id first, as in recorded lines: a replay writes the same bytes.
  const tool_calls = line.answer.tool_calls.map(({ id, ...call }, position) => ({
    id: id ?? `call_${line_number}_${position + 1}`,
    ...call,
  }));
  const stop_reason = line.answer.stop_reason ?? (tool_calls.length > 0 ? "tool calls" : "stop");
  return { ...line, answer: { ...line.answer, tool_calls, stop_reason } };
}

type Place = { readonly path: string; readonly line_number: number };
type Part = Omit<z.infer<typeof requestPart>, "add" | "tools" | "options"> & {
  readonly add: readonly ChatTurn[];
  readonly tools?: readonly Tool[];
  readonly options?: ModelOptions;
};

function difference(request: SealedRequest, previous: SealedRequest | undefined): Part {
  const keep = previous === undefined ? 0 : sharedTurns(request, previous);
  const { sha256, purpose, options } = request;
  const add = request.turns.slice(keep).map((sealed) => sealed.turn);
  const sameTools = previous !== undefined && Bun.deepEquals(previous.tools, request.tools, true);
  const tools = sameTools ? {} : { tools: request.tools };
  return { sha256, keep, add, ...tools, purpose, ...(previous === undefined ? { options } : {}) };
}

function restored(part: Part, previous: SealedRequest | undefined, place: Place): SealedRequest {
  const before = previous?.turns ?? [];
  if (part.keep > before.length)
    throw badLine(place, `request.keep is ${part.keep}, but the request before has fewer turns`);
  const turns = [...before.slice(0, part.keep).map((sealed) => sealed.turn), ...part.add];
  const tools = part.tools ?? previous?.tools ?? [];
  const options = part.options ?? previous?.options ?? {};
  const request = sealRequest({ turns, tools, purpose: part.purpose }, options, previous);
  if (request.sha256 === part.sha256) return request;
  throw badLine(place, `the request is not the one that its sha256 ${part.sha256} names`);
}

function parsedLine(content: string, place: Place): z.infer<typeof line> {
  const parsed = line.safeParse(parseJson(content, place));
  if (parsed.success) return parsed.data;
  throw badLine(place, z.prettifyError(parsed.error));
}

function parseJson(content: string, place: Place): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    throw badLine(place, errorMessage(error));
  }
}

function badLine({ path, line_number }: Place, problem: string): Fault {
  return new Fault("bad_file", `${path}:${line_number}: ${problem.replaceAll("\n", " ")}`, {
    hint: "repair the recording or record it again",
  });
}
