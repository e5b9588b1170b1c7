// Owns a model call as a program sees it: its body in, its answer out, whole or as a stream, once it is there.
import { Refusal, type Said, type Wire, type WireRequest } from "../wire/wire.ts";
import { jsonBody } from "./body.ts";
import { deliver, wholeOf } from "./deliver.ts";
import { kindOf, messageOf } from "./refused.ts";
import type { Asking, Session } from "./session.ts";
import { within } from "./within.ts";

/**
 * Milliseconds after which a program that waits is told to ask again, so that no time-out of its own ends it. What it asks
 * again joins the call under way. Programs differ in how often they ask: from the second time on, a stream begins at once and stays open.
 */
export const ASK_AGAIN_MS = 50_000;
/** Between signs of life in a stream that waits, milliseconds. */
export const ALIVE_MS = 15_000;

type Asked = { readonly request: Request; readonly url: URL; readonly session: Session };

export async function answerOn(wire: Wire, { request, url, session }: Asked): Promise<Response> {
  const asked = wire.decode(await jsonBody(request, session), url);
  if (wire.route(url.pathname) === "count") return Response.json(wire.count(estimate(asked)));
  const asking = session.ask(asked, wire.name);
  const { signal } = request;
  if (asked.stream && wire.alive !== undefined && asking.call.askings > 1)
    return eventStream(waiting(wire, { asked, asking, session, alive: wire.alive, signal }), {
      asking,
      session,
      signal,
    });
  const said = await settled(asking, session, { ms: ASK_AGAIN_MS, signal });
  if (said === undefined)
    throw new Refusal("try again", "the model has not answered yet: ask again");
  if (asked.stream)
    return eventStream(wholeOf(wire.stream(said, asked)), { asking, session, signal });
  const text = JSON.stringify(wire.encode(said, asked));
  const read = () => session.delivered(asking);
  return deliver(wholeOf([text]), { type: "application/json", signal, read });
}

type Wait = { readonly ms: number; readonly signal: AbortSignal };

/** The answer, or undefined where it takes longer. A failure counts as read: asked again, it is a new call. */
async function settled(asking: Asking, session: Session, wait: Wait): Promise<Said | undefined> {
  try {
    return await within(asking.call.said, { ...wait, clock: session.clock });
  } catch (error) {
    session.delivered(asking);
    throw error;
  }
}

type Reader = { readonly asking: Asking; readonly session: Session; readonly signal: AbortSignal };

function eventStream(
  pieces: Iterable<string> | AsyncIterable<string>,
  { asking, session, signal }: Reader,
): Response {
  const read = () => session.delivered(asking);
  return deliver(pieces, { type: "text/event-stream; charset=utf-8", signal, read });
}

type Waiting = Reader & { readonly asked: WireRequest; readonly alive: string };

async function* waiting(
  wire: Wire,
  { asked, asking, session, alive, signal }: Waiting,
): AsyncGenerator<string> {
  try {
    let said: Said | undefined;
    while (said === undefined && !signal.aborted) {
      // The first one sends the head of the response on its way.
      yield alive;
      said = await settled(asking, session, { ms: ALIVE_MS, signal });
    }
    if (said !== undefined) yield* wholeOf(wire.stream(said, asked));
  } catch (error) {
    yield wire.broken(kindOf(error), messageOf(error));
  }
}

const CHARACTERS_PER_TOKEN = 4;

/** A count that no provider is asked for: a token is about four characters of English text or code. */
function estimate({ request }: WireRequest): number {
  return Math.ceil(JSON.stringify(request).length / CHARACTERS_PER_TOKEN);
}
