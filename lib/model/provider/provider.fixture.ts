// Owns the providers as tests meet them: each with its local server and the key that this wants.
import type { ModelOptions, ModelRequest } from "../model.ts";
import { type Script, WIRE_KEY } from "../wire/script.fixture.ts";
import {
  anthropicServer,
  chatServer,
  googleServer,
  openaiServer,
} from "../wire/servers.fixture.ts";
import type { Provider } from "./contract.ts";
import { openProvider } from "./provider.ts";

/** One model of each provider, one that reasons, with its server. */
export const PROVIDERS = [
  { model: "anthropic/claude-sonnet-4-5", server: anthropicServer },
  { model: "openai/gpt-5", server: openaiServer },
  { model: "gemini/gemini-2.5-pro", server: googleServer },
  { model: "openrouter/anthropic/claude-sonnet-4.5", server: openaiServer },
  { model: "local/qwen3:8b", server: chatServer },
] as const;
export type Known = (typeof PROVIDERS)[number];

const VARIABLES = [
  "ANTHROPIC_API_KEY",
  "OPENAI_API_KEY",
  "GEMINI_API_KEY",
  "OPENROUTER_API_KEY",
  "OPENAI_COMPATIBLE_API_KEY",
];

/** Sets every provider's key for the scope, and puts back what was there. */
export function withKeys(key = WIRE_KEY): Disposable {
  const before = VARIABLES.map((name) => [name, process.env[name]] as const);
  for (const name of VARIABLES) process.env[name] = key;
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}

type Setting = {
  readonly script: Script;
  readonly options?: ModelOptions;
  readonly timeout_ms?: number;
  readonly idle_ms?: number;
  readonly key?: string;
};

/** The provider and the server that it asks, for one scope. */
export async function connected(
  { model, server: start }: Known,
  { script, options = {}, timeout_ms = 20_000, key = WIRE_KEY, ...more }: Setting,
) {
  using _keys = withKeys(key);
  const server = start(script);
  const { base_url } = server;
  const provider: Provider = await openProvider({
    model,
    base_url,
    options,
    timeout_ms,
    ...more,
  });
  return {
    provider,
    server,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

export const BASH = {
  name: "bash",
  description: "Runs a command.",
  parameters: {
    type: "object",
    properties: { command: { type: "string" } },
    required: ["command"],
    additionalProperties: false,
  },
} as const;

export const QUESTION: ModelRequest = {
  turns: [
    { role: "system", content: "You are agent1." },
    { role: "user", content: "What is here?" },
  ],
  tools: [BASH],
  purpose: "step",
};

type Asked = { readonly asked: readonly { readonly body: unknown }[] };
/** The body of the server's n-th request, as text. */
export const bodyText = ({ asked }: Asked, n = 1) => JSON.stringify(asked[n - 1]?.body);

export const never = new AbortController().signal;
