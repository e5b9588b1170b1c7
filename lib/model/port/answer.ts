// Owns a model call as a program sees it: its body in, its answer out, whole or as a stream, once it is there.
import { Refusal, type Said, type Wire, type WireRequest } from "../wire/wire.ts";
import { jsonBody } from "./body.ts";
import { BREAK_OFF, deliver, wholeOf } from "./deliver.ts";
import { kindOf, messageOf } from "./refused.ts";
import type { Asking, Session } from "./session.ts";
import { within } from "./within.ts";

/**
 * Milliseconds after which a program that waits is told to ask again, so that no time-out of its own ends it. What it asks
 * again joins the call under way. Programs differ in how often they ask: from the second time on, the answer begins at once and stays open.
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
  const reader = { asking, session, signal };
  const form = asked.stream ? streamOf(wire, asked) : wholeAnswerOf(wire, asked);
  const { type, alive } = form;
  const read = () => session.delivered(asking);
  if (alive !== undefined && asking.call.askings > 1)
    return deliver(waiting({ ...form, alive }, reader), { type, signal, read });
  const said = await settled(asking, session, { ms: ASK_AGAIN_MS, signal });
  if (said === undefined)
    throw new Refusal("try again", "the model has not answered yet: ask again");
  return deliver(form.told(said), { type, signal, read });
}

/** How an answer is told. */
type Form = {
  readonly type: string;
  /** Sent while it is waited for; undefined where readers would stumble over it. */
  readonly alive: string | undefined;
  readonly told: (said: Said) => string[];
  /** What is said where the wait has begun and no answer comes. */
  readonly broken: (error: unknown) => string | typeof BREAK_OFF;
};

function streamOf(wire: Wire, asked: WireRequest): Form {
  return {
    type: "text/event-stream; charset=utf-8",
    alive: wire.alive,
    told: (said) => wholeOf(wire.stream(said, asked)),
    broken: (error) => wire.broken(kindOf(error), messageOf(error)),
  };
}

/** JSON may begin with blanks. Who asks again after a failure is told of it by its status. */
function wholeAnswerOf(wire: Wire, asked: WireRequest): Form {
  return {
    type: "application/json",
    alive: " ",
    told: (said) => wholeOf([JSON.stringify(wire.encode(said, asked))]),
    broken: () => BREAK_OFF,
  };
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

async function* waiting(
  { alive, told, broken }: Form & { readonly alive: string },
  { asking, session, signal }: Reader,
): AsyncGenerator<string | typeof BREAK_OFF> {
  try {
    let said: Said | undefined;
    while (said === undefined && !signal.aborted) {
      // The first one sends the head of the response on its way.
      yield alive;
      said = await settled(asking, session, { ms: ALIVE_MS, signal });
    }
    if (said !== undefined) yield* told(said);
  } catch (error) {
    yield broken(error);
  }
}

const CHARACTERS_PER_TOKEN = 4;

/** A count that no provider is asked for: a token is about four characters of English text or code. */
function estimate({ request }: WireRequest): number {
  return Math.ceil(JSON.stringify(request).length / CHARACTERS_PER_TOKEN);
}
