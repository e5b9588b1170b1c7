// Owns which of the port's services a request is for, and who asks.
import { WIRES } from "../wire/registry.ts";
import { Refusal, type Wire } from "../wire/wire.ts";
import { answerOn } from "./answer.ts";
import { mcp } from "./mcp.ts";
import { listModels } from "./models.ts";
import { refused } from "./refused.ts";
import type { Session } from "./session.ts";
import { callTool } from "./tools.ts";

type Sessions = ReadonlyMap<string, Session>;
type Asked = { readonly request: Request; readonly url: URL; readonly session: Session };
type Service = {
  readonly serves: (path: string) => boolean;
  readonly methods: readonly string[];
  readonly answer: (asked: Asked) => Promise<Response> | Response;
};

const SERVICES: readonly Service[] = [
  ...WIRES.map((wire) => ({
    serves: (path: string) => wire.route(path) !== undefined,
    methods: ["POST"],
    answer: (asked: Asked) => answerOn(wire, asked),
  })),
  { serves: (path) => path === "/mcp", methods: ["POST"], answer: mcp },
  { serves: (path) => path.startsWith("/tools/"), methods: ["POST"], answer: callTool },
  {
    serves: (path) => /^\/v1(beta)?\/models(\/[^:]*)?$/.test(path),
    methods: ["GET", "HEAD"],
    answer: listModels,
  },
];

/** The answer to any request; it never throws. */
export async function respond(request: Request, sessions: Sessions): Promise<Response> {
  const url = new URL(request.url);
  const wire = WIRES.find((one) => one.route(url.pathname) !== undefined);
  try {
    return await served(request, { url, sessions, wire });
  } catch (error) {
    return refused(wire ?? wireOf(request.headers), error);
  }
}

type Place = { readonly url: URL; readonly sessions: Sessions; readonly wire: Wire | undefined };

async function served(request: Request, { url, sessions, wire }: Place): Promise<Response> {
  const { pathname: path } = url;
  // Programs look whether anybody is there before they show who they are.
  if (path === "/" && ["HEAD", "GET"].includes(request.method)) return new Response(null);
  const session = sessions.get(tokenOf(request.headers, url) ?? "");
  if (session === undefined) throw new Refusal("unauthorized", UNKNOWN_TOKEN);
  const service = SERVICES.find(({ serves }) => serves(path));
  if (service === undefined)
    throw new Refusal("not found", `this gateway has no ${path.slice(0, 200)}`);
  if (wire !== undefined && request.headers.has("upgrade")) return plain(426, "no websockets here");
  if (!service.methods.includes(request.method))
    return plain(405, `use ${service.methods[0]}`, { allow: service.methods.join(", ") });
  return await service.answer({ request, url, session });
}

const UNKNOWN_TOKEN = "this token is not, or no longer, admitted by the gateway";

function plain(status: number, message: string, headers: Record<string, string> = {}): Response {
  return Response.json({ error: { message, type: "invalid_request_error" } }, { status, headers });
}

/** Where a path belongs to no wire, the header of a key tells whose form of an error is understood. */
function wireOf(headers: Headers): Wire | undefined {
  const sign = headers.has("anthropic-version") ? "/v1/messages" : "/v1/chat/completions";
  const path = headers.has("x-goog-api-key") ? "/v1beta/models/any:generateContent" : sign;
  return WIRES.find((wire) => wire.route(path) !== undefined);
}

function tokenOf(headers: Headers, url: URL): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const given = [
    bearer,
    headers.get("x-api-key"),
    headers.get("x-goog-api-key"),
    url.searchParams.get("key"),
  ];
  return given.find((token) => token !== undefined && token !== null && token !== "") ?? undefined;
}
