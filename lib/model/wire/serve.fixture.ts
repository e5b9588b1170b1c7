// Owns a local server of one wire format: it checks what it gets, asks the script, answers or fails, and counts.
import { addUsage, type ChatTurn, NO_USAGE, type Usage } from "../model.ts";
import {
  type Asked,
  MISHAPS,
  type Mishap,
  type Ready,
  ready,
  type Script,
  type Scripted,
  type ScriptedAnswer,
  type ScriptedRefusal,
  WIRE_KEY,
} from "./script.fixture.ts";
import { formProblem } from "./strict.fixture.ts";

/** What a request says, after its form was checked. */
export type Told = Pick<Asked, "model" | "turns" | "tools"> & {
  /** Signatures that came back, by the call they stand before; other ones under "". */
  readonly signatures: readonly { readonly call_id: string; readonly signature: string }[];
};
export type Protocol = {
  /** Whether the path is this protocol's. */
  serves(path: string): boolean;
  key(headers: Headers): string | null;
  streams(body: Readonly<Record<string, unknown>>, path: string): boolean;
  /** Throws Refused as the service would answer. */
  read(body: unknown, asked: { headers: Headers; path: string }): Told;
  /** Server-sent events, whole frames. */
  frames(answer: Ready): string[];
  /** An error frame for the middle of a stream. */
  overloaded: string;
  whole(answer: Ready): unknown;
  error(status: number, message: string): unknown;
  /** Whether a call that was answered with signed reasoning must come back with the signature. */
  readonly insists_on_signatures: boolean;
};

/** A request that the real service would refuse. */
export class Refused extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export type WireServer = AsyncDisposable & {
  /** For `base_url`, version path included. */
  readonly base_url: string;
  /** Requests that arrived, and the tokens that whole answers reported, in our kinds. */
  readonly served: { requests: number; answers: number; usage: Usage };
  /** Requests that passed the checks, in order; empty when the server was told not to remember. */
  readonly asked: readonly Asked[];
  /** Messages of refusals that the server's own checks caused: empty when a client behaves. */
  readonly refused: readonly string[];
};

export type ServeOptions = {
  /** Whether `asked` keeps every request; long trials with many agents should not. */
  readonly remember?: boolean;
};
type Service = ServeOptions & { readonly protocols: readonly Protocol[]; readonly version: string };

export function serve(
  { protocols, version, remember = true }: Service,
  script: Script,
): WireServer {
  const served = { requests: 0, answers: 0, usage: NO_USAGE };
  const asked: Asked[] = [];
  let admitted = 0;
  const refused: string[] = [];
  const signed = new Map<string, string>();
  const ending = new AbortController();

  const admit = (protocol: Protocol, request: Request, body: unknown): Asked => {
    const { pathname: path } = new URL(request.url);
    if (protocol.key(request.headers) !== WIRE_KEY) throw new Refused("invalid key", 401);
    if (!isRecord(body)) throw new Refused("the body is no JSON object");
    const { signatures, ...told } = protocol.read(body, { headers: request.headers, path });
    if (protocol.insists_on_signatures) checkSignatures(told.turns, signatures, signed);
    const problem = formProblem(told.turns);
    if (problem !== undefined) throw new Refused(problem);
    const n = ++admitted;
    return { ...told, n, hint: hintOf(told.turns), headers: request.headers, path, body };
  };

  const answer = (protocol: Protocol, one: Asked, scripted: ScriptedAnswer): Response => {
    const full = ready(scripted, one);
    for (const { id } of full.tool_calls) if (full.signature) signed.set(id, full.signature);
    served.answers++;
    served.usage = addUsage(served.usage, full.usage);
    if (!protocol.streams(one.body, one.path)) return Response.json(protocol.whole(full));
    return eventStream(protocol.frames(full));
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      served.requests++;
      const { pathname } = new URL(request.url);
      const protocol = protocols.find((candidate) => candidate.serves(pathname));
      if (!protocol) return Response.json({ detail: "Not Found" }, { status: 404 });
      try {
        const one = admit(protocol, request, await request.json());
        if (remember) asked.push(one);
        const scripted = await script(one);
        if (isMishap(scripted))
          return await mishap(scripted, { protocol, asked: one, answer, ending });
        return isRefusal(scripted) ? refuse(protocol, scripted) : answer(protocol, one, scripted);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.push(error.message);
        return refuse(protocol, { status: error.status }, error.message);
      }
    },
  });
  return {
    base_url: `http://127.0.0.1:${server.port}${version}`,
    served,
    asked,
    refused,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await server.stop(true);
    },
  };
}

type Trouble = {
  readonly protocol: Protocol;
  readonly asked: Asked;
  readonly answer: (protocol: Protocol, asked: Asked, scripted: ScriptedAnswer) => Response;
  readonly ending: AbortController;
};

async function mishap(kind: Mishap, { protocol, asked, answer, ending }: Trouble) {
  const [first = ""] = protocol.frames(ready({ text: "Half an answer." }, asked));
  switch (kind) {
    case "empty":
      return answer(protocol, asked, {});
    case "blank":
      return eventStream([]);
    case "ended":
      return eventStream([first]);
    case "truncated":
      return eventStream([first, 'data: {"type":"content_block_del\n\n']);
    case "overloaded":
      return eventStream([first, protocol.overloaded]);
    case "cut":
      return eventStream([first], "breaks");
    case "stall":
      return eventStream([first], ending.signal);
    case "hang":
      await over(ending.signal);
      return new Response(null, { status: 503 });
  }
}

/** Frames as a response that then ends, breaks, or stays silent until the signal. */
function eventStream(frames: readonly string[], then?: "breaks" | AbortSignal): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    async start(controller) {
      for (const frame of frames) controller.enqueue(encoder.encode(frame));
      // The pieces must leave before the connection breaks, or the client sees no beginning at all.
      // Breaking it with an error's value would print that; without one Bun is silent.
      if (then !== undefined) await Bun.sleep(20);
      if (then === "breaks") return controller.error();
      if (then !== undefined) await over(then);
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream; charset=utf-8" } });
}

function over(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function refuse(
  protocol: Protocol,
  { status, headers, body }: ScriptedRefusal,
  message = `scripted failure ${status}`,
): Response {
  if (typeof body === "string") return new Response(body, { status, headers: { ...headers } });
  const init = { status, headers: { ...headers } };
  return Response.json(body ?? protocol.error(status, message), init);
}

/** Every call has one answer, directly behind it; every answer has a call. */
function checkSignatures(
  turns: readonly ChatTurn[],
  came: Told["signatures"],
  signed: ReadonlyMap<string, string>,
): void {
  const issued = new Set(signed.values());
  const forged = came.find(({ signature }) => !issued.has(signature));
  if (forged) throw new Refused(`invalid signature "${forged.signature}" in reasoning`);
  const calls = turns.flatMap((turn) => (turn.role === "assistant" ? turn.tool_calls : []));
  const bare = calls.find(
    ({ id }) =>
      signed.has(id) && !came.some((one) => one.call_id === id && one.signature === signed.get(id)),
  );
  if (bare) throw new Refused(`call "${bare.id}" came without its required reasoning`);
}

function hintOf(turns: readonly ChatTurn[]): string {
  const system = turns.filter(({ role }) => role === "system");
  const user = turns.find(({ role }) => role === "user");
  return [...system, ...(user ? [user] : [])].map(({ content }) => content).join("\n");
}

function isMishap(scripted: Scripted): scripted is Mishap {
  return MISHAPS.some((kind) => kind === scripted);
}

function isRefusal(scripted: ScriptedAnswer | ScriptedRefusal): scripted is ScriptedRefusal {
  return "status" in scripted;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A body in the form of its schema; a wrong one is refused with the place. */
export function parsed<T>(
  schema: {
    safeParse(value: unknown): { success: true; data: T } | { success: false; error: Error };
  },
  body: unknown,
): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Refused(`the request has not the right form: ${result.error.message}`);
}

/** A server-sent event. */
export function frame(data: unknown, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}
