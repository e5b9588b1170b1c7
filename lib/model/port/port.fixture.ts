// Owns the port as tests meet it: programs of all wires in front, a gateway in the middle, a scripted provider behind.
import { temporaryFolder } from "../../core/testing.ts";
import { callerOf, fastClock, PRICES } from "../gateway.fixture.ts";
import { openGateway } from "../gateway.ts";
import type { GatewayOptions } from "../gateway-options.ts";
import { callLines, type MeteredModel } from "../metered.ts";
import type { ModelOptions } from "../model.ts";
import { type Known, withKeys } from "../provider/provider.fixture.ts";
import { openProvider } from "../provider/provider.ts";
import { loadFamily } from "../provider/registry.ts";
import type { Script } from "../wire/script.fixture.ts";
import type { WireName } from "../wire/wire.ts";
import type { PortExchange, PortSession } from "./contract.ts";
import { openPort } from "./port.ts";

/** A client library of each wire, by the model that it thinks it asks. */
export const PROGRAMS = {
  messages: { family: "anthropic", model: "anthropic/claude-sonnet-4-5", version: "/v1" },
  responses: { family: "openai", model: "openai/gpt-5", version: "/v1" },
  chat: { family: "openai-compatible", model: "local/qwen3:8b", version: "/v1" },
  contents: { family: "google", model: "gemini/gemini-2.5-pro", version: "/v1beta" },
} as const satisfies Record<WireName, object>;
type World = {
  readonly script: Script;
  readonly gateway?: Partial<GatewayOptions>;
  readonly session?: Partial<PortSession>;
};

/** `fetch` that reaches the socket, whatever host an address names. */
export function socketFetch(socket: string): typeof fetch {
  const reach = (input: string | URL | Request, init?: RequestInit) =>
    fetch(input, { ...init, unix: socket });
  return Object.assign(reach, { preconnect: fetch.preconnect });
}

/** One agent admitted to a port, its gateway and the provider's server behind it. */
export async function openWorld(
  { model, server: start }: Known,
  { script, gateway: more, session }: World,
) {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(temporaryFolder("tandem-port"));
  const server = stack.use(start(script));
  const clock = fastClock();
  using _keys = withKeys();
  const gateway = await openGateway({
    ...{
      model,
      base_url: server.base_url,
      options: {},
      prices: PRICES,
      call_timeout_ms: 20_000,
      clock,
    },
    ...more,
  });
  const exchanges: PortExchange[] = [];
  const opened: MeteredModel[] = [];
  const port = stack.use(await openPort({ dir: folder.path }));
  const admission = stack.use(
    port.admit({
      async openModel() {
        const metered = await gateway.open(callerOf());
        opened.push(metered);
        return metered;
      },
      tools: [],
      check: () => undefined,
      on_answer: (exchange) => exchanges.push(exchange),
      signal: new AbortController().signal,
      ...session,
    }),
  );
  const proxy = stack.use(tcpTo(port.socket));
  return {
    ...{ server, gateway, port, admission, exchanges, clock, proxy },
    get calls() {
      return opened.flatMap(({ calls }) => calls);
    },
    get divergence() {
      return opened.map((model) => model.divergence).find((one) => one !== undefined);
    },
    fetch: socketFetch(port.socket),
    /** The recording of all calls so far. */
    lines: () => callLines(first(opened)),
    async program(wire: WireName, options: ModelOptions = {}) {
      using _token = withKeys(admission.token);
      const { model: asked, version } = PROGRAMS[wire];
      const base_url = `${proxy.url}${version}`;
      return await openProvider({ model: asked, base_url, options, timeout_ms: 20_000 });
    },
    /** The wire's client library itself, for answers that are not streamed. */
    async library(wire: WireName) {
      const { family, model: asked, version } = PROGRAMS[wire];
      const model_id = asked.slice(asked.indexOf("/") + 1);
      const base_url = `http://port${version}`;
      const connection = {
        model_id,
        base_url,
        key: admission.token,
        fetch: socketFetch(port.socket),
      };
      return (await loadFamily(family)).open(connection);
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function first(opened: readonly MeteredModel[]): MeteredModel {
  const [model] = opened;
  if (model === undefined) throw new Error("no model was opened");
  return model;
}

/** What stands in a sandbox: a plain forwarder to the socket. */
export function tcpTo(socket: string): AsyncDisposable & { readonly url: string } {
  const ends = new Map<
    object,
    { readonly write: (data: Uint8Array) => number; readonly end: () => void }
  >();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      async open(client) {
        client.pause();
        const upstream = await Bun.connect({
          unix: socket,
          socket: {
            data: (_, data) => void client.write(data),
            close: () => void client.end(),
          },
        });
        ends.set(client, upstream);
        client.resume();
      },
      data: (client, data) => void ends.get(client)?.write(data),
      close: (client) => void ends.get(client)?.end(),
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    async [Symbol.asyncDispose]() {
      server.stop(true);
    },
  };
}
