// Owns the live view: the site's pages made from a running ledger when they are asked for, and a notice of every change.
import type { Ledger } from "../../db/ledger.ts";
import { asFault, errorMessage, Fault } from "../core/fault.ts";
import { isOwnHost } from "./host.ts";
import { OVERVIEW, PAIRS } from "./links.ts";
import { type Pages, type PagesOptions, readPages } from "./pages.ts";
import { type Kit, openKit } from "./plot.ts";

/** How often the ledger is asked whether something changed: the question reads one number. */
const LOOK_EVERY_MS = 500;
/** Browsers give up on a silent stream, and we on a browser that has gone. */
const BEAT_EVERY_MS = 15_000;
/** Answers under way when the view ends may finish within this time. */
const GRACE_MS = 500;

export type ViewOptions = Omit<PagesOptions, "live"> & {
  /** The ledger as it is now, where `ledger` may be a copy that gets out of date. */
  readonly current?: () => Ledger;
  readonly hostname: string;
  /** 0: any free port. */
  readonly port: number;
  readonly signal: AbortSignal;
};
export type View = AsyncDisposable & { readonly url: string };

/**
 * Serves until disposed or aborted. It reads the ledger and the logs of attempts that the ledger knows, by keys and
 * never by a path of a request, and writes nothing. Throws Fault `not_writable` when it cannot listen there.
 */
export function serveView(options: ViewOptions): View {
  const { hostname, port, signal } = options;
  const room = new Room(options);
  const server = listen(hostname, port, (request) => answer(room, request));
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

/** What all requests share: the pages of the ledger's present state, the drawing kit, who listens for changes. */
class Room {
  private readonly options: ViewOptions;
  private readonly listeners = new Set<ReadableStreamDefaultController<string>>();
  private pages: Promise<Pages> | undefined;
  private kit: Promise<Kit> | undefined;
  private overview: Promise<string> | undefined;
  private ledger: Ledger;
  private version: number;
  readonly hostname: string;

  constructor(options: ViewOptions) {
    this.options = options;
    this.hostname = options.hostname;
    this.ledger = options.ledger;
    this.version = this.ledger.pages.version();
  }

  /** Pages are kept until the ledger changes. */
  read(): Promise<Pages> {
    this.look();
    this.pages ??= readPages({ ...this.options, ledger: this.ledger, live: true });
    return this.pages;
  }

  async readOverview(): Promise<string> {
    const pages = await this.read();
    this.kit ??= openKit();
    const kit = await this.kit;
    this.overview ??= pages.overview(kit);
    return await this.overview;
  }

  async readPair(attempt_key: string): Promise<string | undefined> {
    const pages = await this.read();
    const conflicts = await pages.conflicts([attempt_key], this.options.signal);
    return pages.pair(attempt_key, conflicts.get(attempt_key));
  }

  look(): void {
    const ledger = this.options.current?.() ?? this.ledger;
    const version = ledger.pages.version();
    if (ledger === this.ledger && version === this.version) return;
    [this.ledger, this.version] = [ledger, version];
    this.pages = undefined;
    this.overview = undefined;
    this.say(`event: changed\ndata: ${version}\n\n`);
  }

  /** The same without a request: what is wrong with the ledger is reported to the next request. */
  glance(): void {
    try {
      this.look();
    } catch {
      this.pages = undefined;
      this.overview = undefined;
    }
  }

  say(text: string): void {
    for (const listener of this.listeners) listener.enqueue(text);
  }

  events(): ReadableStream<string> {
    let own: ReadableStreamDefaultController<string> | undefined;
    return new ReadableStream({
      start: (controller) => {
        own = controller;
        this.listeners.add(controller);
        controller.enqueue("retry: 2000\n\n");
      },
      cancel: () => {
        if (own !== undefined) this.listeners.delete(own);
      },
    });
  }

  close(): void {
    for (const listener of this.listeners) listener.close();
    this.listeners.clear();
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
  { type = "text/plain; charset=utf-8", status = 200 } = {},
): Response {
  return new Response(body, { status, headers: { ...HEADERS, "content-type": type } });
}

const HTML = { type: "text/html; charset=utf-8" };

async function answer(room: Room, request: Request): Promise<Response> {
  if (!isOwnHost(request.headers.get("host"), room.hostname))
    return respond("this is not an address of the live view\n", { status: 421 });
  if (request.method !== "GET" && request.method !== "HEAD")
    return respond("the live view is read-only\n", { status: 405 });
  const path = sitePath(request.url);
  try {
    if (path === "events")
      return respond(room.events(), { type: "text/event-stream; charset=utf-8" });
    const text = await pageOf(room, path);
    if (text === undefined) return respond("no such page\n", { status: 404 });
    return respond(text, HTML);
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
async function pageOf(room: Room, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  if (path === "" || path === OVERVIEW) return await room.readOverview();
  const pages = await room.read();
  if (path === PAIRS) return pages.pairs();
  if (pages.sides.has(path)) return pages.side(path);
  const attempt_key = pages.attempts.get(path);
  return attempt_key === undefined ? undefined : await room.readPair(attempt_key);
}
