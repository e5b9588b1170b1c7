// Owns reading a request's body: how large, how slow and how deep it may be.
import { isTooDeep } from "../request.ts";
import { Refusal } from "../wire/wire.ts";
import type { Session } from "./session.ts";
import { within } from "./within.ts";

export const LARGEST_BODY_BYTES = 64 * 2 ** 20;
/** Longest time that a body may take to arrive, milliseconds. */
const SLOWEST_BODY_MS = 60_000;

/** The JSON value of a body. Throws Refusal for one that is too large, too slow, compressed, not JSON or too deep. */
export async function jsonBody(request: Request, session: Session): Promise<unknown> {
  const text = await textBody(request, session);
  const value = parsed(text);
  if (isTooDeep(value)) throw new Refusal("bad request", "the body is nested too deeply");
  return value;
}

/** The text of a body, without the token: it is for the gateway, and nobody else needs to see it. */
export async function textBody(request: Request, session: Session): Promise<string> {
  if ((request.headers.get("content-encoding") ?? "identity") !== "identity")
    throw new Refusal("bad request", "compressed bodies are not supported by this gateway");
  const told = request.headers.get("content-length");
  const bytes = told === null ? LARGEST_BODY_BYTES : Number(told);
  if (!(bytes <= LARGEST_BODY_BYTES))
    throw new Refusal("too large", `a body may have ${LARGEST_BODY_BYTES} bytes`);
  using _room = session.room(bytes);
  const { clock } = session;
  const text = await within(request.text(), { ms: SLOWEST_BODY_MS, clock, signal: request.signal });
  if (text === undefined) throw new Refusal("bad request", "the body did not arrive in time");
  return text.replaceAll(session.token, "[token]");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("bad request", "the body is not JSON");
  }
}
