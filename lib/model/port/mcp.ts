// Owns the tools over the Model Context Protocol: one endpoint, JSON answers, no streams and no sessions (streamable HTTP allows it).
import { z } from "zod";
import pkg from "../../../package.json" with { type: "json" };
import { Refusal } from "../wire/wire.ts";
import { textBody } from "./body.ts";
import type { Session } from "./session.ts";
import { toolText } from "./tools.ts";

/** Versions of the protocol whose tools are the same; what is asked for is echoed, and the last one offered otherwise. */
const VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const NEWEST = "2025-11-25";

const message = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.looseObject({}).optional(),
});
const initialize = z.looseObject({ protocolVersion: z.string().optional() });
const call = z.looseObject({
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()).default({}),
});

/** JSON-RPC 2.0, section 5.1. */
const CODES = { parse: -32700, request: -32600, method: -32601, params: -32602 } as const;
type Id = string | number | null;

class RpcError extends Error {
  readonly code: number;

  constructor(code: keyof typeof CODES, message: string) {
    super(message);
    this.code = CODES[code];
  }
}

type Asked = { readonly request: Request; readonly session: Session };

export async function mcp({ request, session }: Asked): Promise<Response> {
  let id: Id = null;
  try {
    const one = await messageIn(request, session);
    if (one.id === undefined || one.method === undefined)
      return new Response(null, { status: 202 });
    id = one.id;
    const result = await answer(one.method, { params: one.params ?? {}, request, session });
    return Response.json({ jsonrpc: "2.0", id, result });
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    const status = id === null ? 400 : 200;
    const { code, message: words } = error;
    return Response.json({ jsonrpc: "2.0", id, error: { code, message: words } }, { status });
  }
}

async function messageIn(request: Request, session: Session): Promise<z.infer<typeof message>> {
  const value = jsonIn(await textBody(request, session));
  if (Array.isArray(value))
    throw new RpcError("request", "batches are not supported: send one message");
  const parsed = message.safeParse(value);
  if (!parsed.success) throw new RpcError("request", "this is not a JSON-RPC 2.0 message");
  return parsed.data;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RpcError("parse", "the body is not JSON");
  }
}

type Params = Asked & { readonly params: unknown };

async function answer(method: string, { params, request, session }: Params): Promise<object> {
  switch (method) {
    case "initialize": {
      const { protocolVersion = NEWEST } = read(initialize, params);
      return {
        protocolVersion: VERSIONS.includes(protocolVersion) ? protocolVersion : NEWEST,
        capabilities: { tools: {} },
        serverInfo: { name: pkg.name, version: pkg.version },
      };
    }
    case "ping":
      return {};
    case "tools/list":
      return {
        tools: session.tools.map(({ name, description, parameters: inputSchema }) => ({
          name,
          description,
          inputSchema,
        })),
      };
    case "tools/call":
      return await callTool(read(call, params), { request, session });
    default:
      throw new RpcError("method", `there is no method ${method.slice(0, 100)}`);
  }
}

/** What a tool says, also where it fails, is for the model; only an unknown tool is the client's error. */
async function callTool(
  { name, arguments: args }: z.infer<typeof call>,
  { request, session }: Asked,
): Promise<object> {
  try {
    const text = await toolText({ name, args, session, signal: request.signal });
    return { content: [{ type: "text", text }], isError: false };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.kind === "not found") throw new RpcError("params", error.message);
    return { content: [{ type: "text", text: error.message }], isError: true };
  }
}

function read<T>(schema: z.ZodType<T>, params: unknown): T {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new RpcError("params", z.prettifyError(parsed.error).replaceAll("\n", " "));
}
