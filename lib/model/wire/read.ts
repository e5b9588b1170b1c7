// Owns what the decoders of all wires share: reading with a schema, refusing what cannot be served, arranging turns.
import { z } from "zod";
import type { Tool, ToolCall } from "../model.ts";
import { isTooDeep } from "../request.ts";
import { Refusal, type WireTurn } from "./wire.ts";

export const object = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "must be an object",
);

/** A part of a message, which its type tells how to read. Requests have thousands: they are looked at, not copied. */
export type Typed = Readonly<Record<string, unknown>> & { readonly type: string };
const isTyped = (value: unknown): value is Typed =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
export const typed = z.custom<Typed>(isTyped, "must be an object with a type");
/** What a message says: a text, or parts. */
export const content = z.custom<string | Typed[]>(
  (value) => typeof value === "string" || (Array.isArray(value) && value.every(isTyped)),
  "must be a text, or a list of objects with a type",
);
const textField = z.object({ text: z.string() });

/** The text of a part that is one. */
export function textIn(part: Typed): string {
  return typeof part.text === "string" ? part.text : read(textField, part, "a text").text;
}

/** The value in the schema's form. Throws Refusal that names the place. */
export function read<T>(schema: z.ZodType<T>, value: unknown, place = "the request"): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? "" : ` at ${issue.path.join(".")}`;
  throw new Refusal(
    "bad request",
    `${place} is malformed${where}: ${issue?.message ?? "unreadable"}`,
  );
}

const PICTURES = /image|inline_?data|file_?data|picture/i;
const DOCUMENTS = /document|file|pdf/i;
const SOUND = /audio|video/i;

/** The refusal of a part of a message that only a provider's own wire could carry. Nothing of a request is left out unsaid. */
export function unsupported(kind: string): Refusal {
  const [what] = [
    PICTURES.test(kind) ? "images are" : "",
    SOUND.test(kind) ? "audio and video are" : "",
    DOCUMENTS.test(kind) ? "documents are" : "",
    `content of type "${kind.slice(0, 60)}" is`,
  ].filter((words) => words !== "");
  return new Refusal(
    "bad request",
    `${what} not supported by this gateway (${kind.slice(0, 60)}): send text`,
  );
}

/** Wires whose calls carry an object say a malformed call's text in this field. */
const MALFORMED = "malformed_arguments";

/** A call's arguments as an object, also where the model wrote none. */
export function objectOf({ arguments: given, malformed }: ToolCall): object {
  return malformed === undefined ? given : { [MALFORMED]: malformed };
}

/** The reverse of {@link objectOf}. */
export function callOfObject(call: { id: string; name: string; value: unknown }): ToolCall {
  const { id, name } = call;
  const value = call.value ?? {};
  if (typeof value !== "object" || Array.isArray(value))
    return { id, name, arguments: {}, malformed: JSON.stringify(value) };
  const { [MALFORMED]: malformed, ...rest }: Record<string, unknown> = { ...value };
  if (typeof malformed === "string" && Object.keys(rest).length === 0)
    return { id, name, arguments: {}, malformed };
  return { id, name, arguments: { ...value } };
}

/** A call whose arguments are JSON text; text that is none stays as it is written. */
export function callOfText({
  id,
  name,
  json,
}: {
  id: string;
  name: string;
  json: string;
}): ToolCall {
  if (json.trim() === "") return { id, name, arguments: {} };
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value) && !isTooDeep(value))
      return { id, name, arguments: { ...value } };
  } catch {
    // Told as it was written, below.
  }
  return { id, name, arguments: {}, malformed: json };
}

/** The reverse of {@link callOfText}. */
export function textOf({ arguments: given, malformed }: ToolCall): string {
  return malformed ?? JSON.stringify(given);
}

/** Of a tool that says nothing of them. */
export const NO_PARAMETERS = { type: "object", properties: {} } as const;

/** Tools of these names, each once: the later one of two. */
export function uniqueTools(tools: readonly Tool[]): Tool[] {
  return [...new Map(tools.map((tool) => [tool.name, tool])).values()];
}

/**
 * System texts of the beginning as one turn; later ones are the user's, since strict servers take a system turn first only.
 * Turns that say nothing are left out.
 */
export function arranged(turns: readonly WireTurn[]): WireTurn[] {
  const said = turns.filter(
    (turn) => turn.role === "tool" || turn.role === "assistant" || turn.content.trim() !== "",
  );
  const first = said.findIndex(({ role }) => role !== "system");
  const begin = first === -1 ? said.length : first;
  const system = said.slice(0, begin).map(({ content }) => content);
  const rest = said
    .slice(begin)
    .map((turn): WireTurn => (turn.role === "system" ? { ...turn, role: "user" } : turn));
  return [
    ...(system.length === 0 ? [] : [{ role: "system" as const, content: system.join("\n\n") }]),
    ...rest,
  ];
}
