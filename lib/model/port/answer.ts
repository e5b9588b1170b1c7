// Owns a model call as a program sees it: its body in, its answer out, whole or as a stream.
import type { Said, Wire, WireRequest } from "../wire/wire.ts";
import { Refusal } from "../wire/wire.ts";
import type { Session } from "./session.ts";

type Asking = { readonly request: Request; readonly url: URL; readonly session: Session };

export async function answerOn(wire: Wire, { request, url, session }: Asking): Promise<Response> {
  const asked = wire.decode(await jsonBody(request), url);
  const one = session.ask(asked, wire.name);
  const said = await one.call.said;
  session.delivered(one);
  return asked.stream ? streamed(wire, said, asked) : Response.json(wire.encode(said, asked));
}

async function jsonBody(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new Refusal("bad request", "the body is not JSON");
  }
}

function streamed(wire: Wire, said: Said, asked: WireRequest): Response {
  const text = [...wire.stream(said, asked)].join("");
  return new Response(text, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}
