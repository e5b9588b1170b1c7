// Owns the live view: the site's pages made from a running ledger when they are asked for, and a notice of every change.
import { asFault, errorMessage, Fault } from "../core/fault.ts";
import { isOwnHost } from "./host.ts";
import { GRID, OVERVIEW, PAIRS } from "./links.ts";
import { answerPost, isPost } from "./posts.ts";
import { type FollowedPage, Room, type RoomOptions } from "./room.ts";

/** How often the ledger is asked whether something changed: the question reads one number. */
const LOOK_EVERY_MS = 500;
/** Browsers give up on a silent stream, and we on a browser that has gone. */
const BEAT_EVERY_MS = 15_000;
/** Answers under way when the view ends may finish within this time. */
const GRACE_MS = 500;

export type ViewOptions = RoomOptions & {
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
};
export type View = AsyncDisposable & { readonly url: string };

/**
 * Serves until disposed or aborted. It reads the ledger and the logs of attempts that the ledger knows, by keys and
 * never by a path of a request, and writes nothing itself: what is asked with the token is done by `steering`. Throws Fault `not_writable` when it cannot listen there.
 */
export function serveView(options: ViewOptions): View {
  const { hostname, port, signal } = options;
  const room = new Room(options);
  const server = listen(hostname, port, (request) => answer({ room, hostname }, request));
  const look = setInterval(() => room.glance(), LOOK_EVERY_MS);
  const beat = setInterval(() => room.say(": still here\n\n"), BEAT_EVERY_MS);
  const stop = async () => {
    clearInterval(look);
    clearInterval(beat);
    room.close();
    await Promise.race([server.stop(), Bun.sleep(GRACE_MS)]);
    await server.stop(true);
  };
  signal.addEventListener("abort", () => void stop(), { once: true });
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${server.port}/`,
    [Symbol.asyncDispose]: stop,
  };
}

function listen(hostname: string, port: number, fetch: (request: Request) => Promise<Response>) {
  try {
    // Streams of changes are silent for long: they end when the browser goes, not by a clock.
    return Bun.serve({ hostname, port, idleTimeout: 0, fetch });
  } catch (error) {
    throw new Fault(
      "not_writable",
      `cannot listen on ${hostname}, port ${port}: ${errorMessage(error)}`,
      { hint: "choose another --port (0: any free one) or --host", cause: error },
    );
  }
}

const HEADERS = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "x-frame-options": "DENY",
};

function respond(
  body: string | ReadableStream<string>,
  { type = "text/plain; charset=utf-8", status = 200, more = {} }: Answering = {},
): Response {
  const headers = { ...HEADERS, "content-type": type, ...more };
  return new Response(status === 204 ? null : body, { status, headers });
}

type Answering = {
  readonly type?: string;
  readonly status?: number;
  readonly more?: Readonly<Record<string, string>>;
};

const HTML = { type: "text/html; charset=utf-8" };

type Served = { readonly room: Room; readonly hostname: string };

async function answer({ room, hostname }: Served, request: Request): Promise<Response> {
  if (!isOwnHost(request.headers.get("host"), hostname))
    return respond("this is not an address of the live view\n", { status: 421 });
  const path = sitePath(request.url);
  try {
    if (request.method === "POST" && isPost(path)) {
      const { status, said, note } = await answerPost(request, path, room.steering);
      if (note !== undefined) room.note(note);
      room.glance();
      return respond(`${said}\n`, { status });
    }
    if (request.method !== "GET" && request.method !== "HEAD")
      return respond("the live view is read-only\n", { status: 405 });
    if (path === "events")
      return respond(room.events(), { type: "text/event-stream; charset=utf-8" });
    return await pageOf(room, path, request);
  } catch (error) {
    const { code, message, hint } = asFault(error);
    return respond(`${message} [${code}] → ${hint}\n`, { status: 500 });
  }
}

/** The path in the site's form; undefined when it cannot be decoded. */
function sitePath(url: string): string | undefined {
  try {
    return decodeURIComponent(new URL(url).pathname).slice(1);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

/** Only paths that the site links to are known: nothing of a request ever names a file. */
async function pageOf(room: Room, path: string | undefined, request: Request): Promise<Response> {
  if (path === undefined) return respond("no such page\n", { status: 404 });
  if (path === "" || path === OVERVIEW) return respond(await room.readOverview(), HTML);
  if (path === UNDER_WAY) return respond((await room.underWay()).text, HTML);
  const pages = await room.read();
  if (path === PAIRS) return respond(pages.pairs(), HTML);
  if (path === GRID) return respond(await pages.grid(), HTML);
  const side = pages.sides.has(path) ? pages.side(path) : undefined;
  if (side !== undefined) return respond(side, HTML);
  const followed = await room.readUnderWay(path);
  if (followed !== undefined) return followedPage(followed, request);
  const attempt_key = pages.attempts.get(path);
  const text = attempt_key === undefined ? undefined : await room.readPair(attempt_key);
  return text === undefined ? respond("no such page\n", { status: 404 }) : respond(text, HTML);
}

/** The overview's section alone: it changes at every heartbeat. */
const UNDER_WAY = "under-way.html";

/** Says which state of a page is sent, and which one a script has. */
const STAMP = "x-tandem-stamp";

/** Nothing is made and sent again where no step was added. */
function followedPage({ stamp, text }: FollowedPage, request: Request): Response {
  if (request.headers.get(STAMP) === stamp) return respond("", { status: 204 });
  return respond(text(), { ...HTML, more: { [STAMP]: stamp } });
}
