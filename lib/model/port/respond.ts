// Owns which of the port's services a request is for, and who asks.
import { WIRES } from "../wire/registry.ts";
import { Refusal, type RefusalKind, type Wire } from "../wire/wire.ts";
import { answerOn } from "./answer.ts";
import type { Session } from "./session.ts";

/** The answer to any request; it never throws. */
export async function respond(
  request: Request,
  sessions: ReadonlyMap<string, Session>,
): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname;
  const wire = WIRES.find((one) => one.route(path) !== undefined);
  try {
    if (path === "/" && isReading(request)) return new Response(null, { status: 200 });
    const session = sessions.get(tokenOf(request.headers, url) ?? "");
    if (session === undefined) throw new Refusal("unauthorized", UNKNOWN_TOKEN);
    if (wire === undefined)
      throw new Refusal("not found", `this gateway has no ${path.slice(0, 200)}`);
    return await answerOn(wire, { request, url, session });
  } catch (error) {
    return refused(wire, error);
  }
}

const UNKNOWN_TOKEN = "this token is not, or no longer, admitted by the gateway";

function isReading({ method }: Request): boolean {
  return method === "HEAD" || method === "GET";
}

function tokenOf(headers: Headers, url: URL): string | undefined {
  const bearer = /^Bearer\s+(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const given = [
    bearer,
    headers.get("x-api-key"),
    headers.get("x-goog-api-key"),
    url.searchParams.get("key"),
  ];
  return given.find((token) => token !== null && token !== undefined && token !== "") ?? undefined;
}

function refused(wire: Wire | undefined, error: unknown): Response {
  const kind: RefusalKind = error instanceof Refusal ? error.kind : "over";
  const message = error instanceof Error ? error.message : String(error);
  const form = (wire ?? WIRES[0])?.refusal(kind, message);
  return Response.json(form?.body ?? { error: { message } }, { status: form?.status ?? 500 });
}
