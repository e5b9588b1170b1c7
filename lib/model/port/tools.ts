// Owns calling an agent's tools, and the same tools as plain requests for shell commands.
import { z } from "zod";
import { Refusal } from "../wire/wire.ts";
import { textBody } from "./body.ts";
import type { PortTool } from "./contract.ts";
import { messageOf } from "./refused.ts";
import type { Session } from "./session.ts";
import { within } from "./within.ts";

/** Longest time that a tool may take, milliseconds: clients of MCP give up after 60 seconds. */
export const TOOL_MS = 50_000;
/** What a tool has to answer by itself once its signal says so, milliseconds. */
const GRACE_MS = 2_000;

type Call = {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly session: Session;
  /** Of the client that asks. */
  readonly signal: AbortSignal;
};

/** What the tool says. Throws Refusal: `not found` for an unknown tool, `bad request` with the tool's words where it fails. */
export async function toolText({ name, args, session, signal }: Call): Promise<string> {
  const tool = session.tools.find((one) => one.name === name);
  if (tool === undefined) throw new Refusal("not found", unknownTool(name, session.tools));
  const enough = new AbortController();
  const ends = AbortSignal.any([signal, session.signal, enough.signal]);
  const { clock } = session;
  const told = calledSafely(tool, args, ends);
  const limits = { clock, signal: session.signal };
  const soon = await within(told, { ...limits, ms: TOOL_MS });
  if (soon !== undefined) return textOf(soon);
  enough.abort(new Error(`${name} may take ${TOOL_MS / 1000} seconds`));
  const late = await within(told, { ...limits, ms: GRACE_MS });
  return textOf(
    late ?? { failed: `${name} gave no answer within ${TOOL_MS / 1000} seconds: call it again` },
  );
}

type Told = { readonly text: string } | { readonly failed: string };

/** A tool that fails after nobody waits for it any more must not fail the process. */
async function calledSafely(
  tool: PortTool,
  args: Call["args"],
  signal: AbortSignal,
): Promise<Told> {
  try {
    return { text: await tool.call(args, signal) };
  } catch (error) {
    return { failed: messageOf(error) };
  }
}

function textOf(told: Told): string {
  if ("text" in told) return told.text;
  throw new Refusal("bad request", told.failed);
}

function unknownTool(name: string, tools: readonly PortTool[]): string {
  const known = tools.map((tool) => tool.name).join(", ");
  return `there is no tool ${name.slice(0, 100)}${known === "" ? "" : `: there are ${known}`}`;
}

type Asked = { readonly request: Request; readonly url: URL; readonly session: Session };

/** `POST /tools/NAME` with a form or a JSON object: the answer, or what went wrong, as one plain text. */
export async function callTool({ request, url, session }: Asked): Promise<Response> {
  const name = decodeURIComponent(url.pathname.slice("/tools/".length));
  const { signal } = request;
  try {
    const tool = session.tools.find((one) => one.name === name);
    const args = argsOf(await textBody(request, session), {
      type: request.headers.get("content-type") ?? "",
      tool,
    });
    return plain(200, await toolText({ name, args, session, signal }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return plain(error.kind === "not found" ? 404 : 400, error.message);
  }
}

function plain(status: number, text: string): Response {
  const headers = { "content-type": "text/plain; charset=utf-8" };
  return new Response(text.endsWith("\n") ? text : `${text}\n`, { status, headers });
}

type Given = { readonly type: string; readonly tool: PortTool | undefined };

function argsOf(body: string, { type, tool }: Given): Record<string, unknown> {
  if (body.trim() === "") return {};
  if (type.includes("json")) return jsonArgs(body);
  const fields = new URLSearchParams(body);
  return Object.fromEntries(
    [...new Set(fields.keys())].map((key) => [
      key,
      valueOfField(fields.getAll(key), typeOf(tool, key)),
    ]),
  );
}

const jsonObject = z.record(z.string(), z.unknown());

function jsonArgs(body: string): Record<string, unknown> {
  try {
    return jsonObject.parse(JSON.parse(body));
  } catch {
    throw new Refusal("bad request", "the body is not a JSON object");
  }
}

const schema = z.looseObject({
  properties: z.record(z.string(), z.looseObject({ type: z.unknown() })).default({}),
});

function typeOf(tool: PortTool | undefined, field: string): unknown {
  const parsed = schema.safeParse(tool?.parameters);
  return parsed.success ? parsed.data.properties[field]?.type : undefined;
}

/** Forms know texts only; the tool's schema tells what they stand for. */
function valueOfField(texts: readonly string[], type: unknown): unknown {
  const [text = ""] = texts;
  if (type === "array") return texts;
  if ((type === "number" || type === "integer") && text.trim() !== "") return Number(text);
  if (type === "boolean" && ["true", "false"].includes(text)) return text === "true";
  return text;
}
