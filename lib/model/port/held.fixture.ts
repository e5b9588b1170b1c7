// Owns a port over a model whose answers a test gives by hand, with time that passes by hand.
import { temporaryFolder } from "../../core/testing.ts";
import type { Answer, Model, ModelRequest } from "../model.ts";
import { NO_USAGE } from "../model.ts";
import type { Clock } from "../retry.ts";
import type { WireName } from "../wire/wire.ts";
import type { PortExchange, PortSession } from "./contract.ts";
import { socketFetch } from "./port.fixture.ts";
import { openPort } from "./port.ts";

export const answerOf = (fields: Partial<Answer> = {}): Answer => ({
  text: "",
  tool_calls: [],
  stop_reason: "stop",
  usage: { ...NO_USAGE, input_tokens: 10, output_tokens: 5 },
  cost_usd: 0,
  latency_ms: 1,
  retries: 0,
  waited_ms: 0,
  ...fields,
});

/** A call under way. */
export type Held = PromiseWithResolvers<Answer> & {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
};

/** Milliseconds that pass when a test says so. */
export function handClock(): Clock & { pass(ms: number): Promise<void> } {
  const sleepers = new Set<{ readonly ms: number; readonly wake: () => void }>();
  return {
    now: () => 0,
    random: () => 1,
    sleep(ms, signal) {
      signal.throwIfAborted();
      const { promise, resolve: wake, reject } = Promise.withResolvers<void>();
      const sleeper = { ms, wake };
      sleepers.add(sleeper);
      const giveUp = () => {
        sleepers.delete(sleeper);
        reject(signal.reason);
      };
      signal.addEventListener("abort", giveUp, { once: true });
      return promise;
    },
    /** Waits until somebody sleeps for so long, and wakes all who do. */
    async pass(ms) {
      await eventually(() => [...sleepers].some((one) => one.ms === ms));
      for (const one of [...sleepers].filter((sleeper) => sleeper.ms === ms)) {
        sleepers.delete(one);
        one.wake();
      }
    },
  };
}

export async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await Bun.sleep(1);
}

/** One agent at a port; `held` are the calls that reached its model, `next` is the n-th of them. */
export async function heldPort(session: Partial<PortSession> = {}) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder("tandem-port"));
  const clock = handClock();
  const held: Held[] = [];
  const exchanges: PortExchange[] = [];
  const model: Model = {
    name: "anthropic/some",
    complete(request, signal) {
      const one = { ...Promise.withResolvers<Answer>(), request, signal };
      signal.addEventListener("abort", () => one.reject(signal.reason), { once: true });
      held.push(one);
      return one.promise;
    },
  };
  const port = stack.use(await openPort({ dir: folder.path, clock }));
  const admit = (more: Partial<PortSession> = {}) =>
    port.admit({
      openModel: async () => model,
      tools: [],
      check: () => undefined,
      on_answer: (exchange) => exchanges.push(exchange),
      signal: new AbortController().signal,
      ...session,
      ...more,
    });
  const admission = stack.use(admit());
  const reach = socketFetch(port.socket);
  return {
    ...{ port, admission, admit, clock, held, exchanges, fetch: reach },
    async next(n: number): Promise<Held> {
      await eventually(() => held.length >= n);
      const one = held[n - 1];
      if (one === undefined) throw new Error(`no call ${n}`);
      return one;
    },
    post(path: string, body: unknown, { token = admission.token, ...init }: PostOptions = {}) {
      return reach(`http://port${path}`, {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...init.headers,
        },
      });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
type PostOptions = Omit<RequestInit, "headers"> & {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

type Wording = {
  readonly path: (stream: boolean) => string;
  readonly body: (text: string, more?: More) => object;
};
type More = { readonly tools?: readonly string[]; readonly stream?: boolean };
const parameters = { type: "object", properties: { command: { type: "string" } } };
const user = (content: unknown) => ({ role: "user", content });

/** A first request on each wire: one text of the user's. */
export const WORDINGS: Readonly<Record<WireName, Wording>> = {
  messages: {
    path: () => "/v1/messages",
    body: (text, { tools = [], stream = false } = {}) => ({
      ...{ model: "claude-x", max_tokens: 99, messages: [user(text)], stream },
      tools: tools.map((name) => ({ name, input_schema: parameters })),
    }),
  },
  responses: {
    path: () => "/v1/responses",
    body: (text, { tools = [], stream = false } = {}) => ({
      ...{ model: "gpt-x", input: [user(text)], stream, store: false },
      tools: tools.map((name) => ({ type: "function", name, parameters })),
    }),
  },
  chat: {
    path: () => "/v1/chat/completions",
    body: (text, { tools = [], stream = false } = {}) => ({
      ...{ model: "qwen-x", messages: [user(text)], stream },
      tools: tools.map((name) => ({ type: "function", function: { name, parameters } })),
    }),
  },
  contents: {
    path: (stream) =>
      `/v1beta/models/gemini-x:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: (text, { tools = [] } = {}) => ({
      contents: [{ role: "user", parts: [{ text }] }],
      tools: [
        { functionDeclarations: tools.map((name) => ({ name, parametersJsonSchema: parameters })) },
      ],
    }),
  },
};
