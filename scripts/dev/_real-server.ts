// Owns serving one model file over OpenAI's chat completions on this machine: one thread, one answer at a time, no cut prompts.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { Pieces } from "./_real-pieces.ts";

type Token = number;
type Sequence = {
  readonly contextTokens: readonly Token[];
  readonly nextTokenIndex: number;
  adaptStateToTokens(tokens: readonly Token[], allowShift: boolean): Promise<void>;
  evaluate(tokens: readonly Token[], options: object): AsyncIterable<Token>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly Token[]): Promise<void>;
};
type LoadedModel = {
  readonly fileInfo: {
    readonly metadata: { readonly tokenizer: { readonly chat_template: string } };
  };
  tokenize(text: string, special: boolean): Token[];
  detokenize(tokens: readonly Token[], special: boolean): string;
  isEogToken(token: Token): boolean;
  createContext(options: object): Promise<{ getSequence(): Sequence }>;
};
type Llama = { loadModel(options: object): Promise<LoadedModel> };
type Runtime = { getLlama(options: object): Promise<Llama> };
type Templates = { readonly Template: new (text: string) => { render(values: object): string } };

/** Agents that talk take turns: each keeps its own beginning in memory. */
const SEQUENCES = 2;
const WINDOW_TOKENS = 8_192;
const MOST_OUTPUT_TOKENS = 512;
/** A prompt is read in pieces: a client that has gone meanwhile does not keep others waiting. */
const PIECE_TOKENS = 128;

const text = z.string().nullish();
const message = z.looseObject({
  role: z.enum(["system", "user", "assistant", "tool"]),
  content: text,
  tool_calls: z
    .array(z.looseObject({ function: z.looseObject({ name: z.string(), arguments: z.string() }) }))
    .optional(),
});
const request = z.looseObject({
  messages: z.array(message).min(1),
  tools: z.array(z.unknown()).default([]),
  stream: z.boolean().default(false),
  max_tokens: z.number().int().positive().default(MOST_OUTPUT_TOKENS),
  temperature: z.number().min(0).default(0),
  top_p: z.number().optional(),
  seed: z.number().int().optional(),
});
type Asked = z.infer<typeof request>;
type Ended = { readonly finish: "stop" | "length" | "tool_calls"; readonly usage: object };

const [weights = "", packages = "", name = ""] = process.argv.slice(2);
const load = async <Module>(...path: string[]): Promise<Module> =>
  await import(pathToFileURL(join(packages, ...path)).href);
const { getLlama } = await load<Runtime>("node-llama-cpp", "dist", "index.js");
const { Template } = await load<Templates>("@huggingface", "jinja", "dist", "index.js");
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });
const model = await llama.loadModel({ modelPath: weights });
const template = new Template(model.fileInfo.metadata.tokenizer.chat_template);
const size = { contextSize: WINDOW_TOKENS, sequences: SEQUENCES, threads: 1, batchSize: 256 };
const context = await model.createContext(size);
const sequences = Array.from({ length: SEQUENCES }, () => context.getSequence());

function promptOf({ messages, tools }: Asked): Token[] {
  const turns = messages.map(({ tool_calls, content, ...rest }) => ({
    ...rest,
    content: content ?? "",
    ...(tool_calls === undefined
      ? {}
      : {
          tool_calls: tool_calls.map((call) => ({
            ...call,
            function: { name: call.function.name, arguments: argumentsOf(call.function.arguments) },
          })),
        }),
  }));
  const offered = tools.length === 0 ? {} : { tools };
  return model.tokenize(
    template.render({ messages: turns, ...offered, add_generation_prompt: true }),
    true,
  );
}

function argumentsOf(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

const shared = ({ contextTokens }: Sequence, tokens: readonly Token[]) => {
  const differs = contextTokens.findIndex((token, at) => token !== tokens[at]);
  return differs < 0 ? Math.min(contextTokens.length, tokens.length) : differs;
};

/** The sequence that spares the most reading and forgets the least. */
function sequenceFor(tokens: readonly Token[]): Sequence {
  const gain = (one: Sequence) => 2 * shared(one, tokens) - one.contextTokens.length;
  const [best] = sequences.toSorted((left, right) => gain(right) - gain(left));
  if (best === undefined) throw new TypeError("no sequence");
  return best;
}

type Answering = { readonly asked: Asked; readonly tokens: Token[]; readonly signal: AbortSignal };

/** Generates the answer, each piece as soon as it is there. */
async function answer(
  { asked, tokens, signal }: Answering,
  emit: (delta: object) => void,
): Promise<Ended> {
  const sequence = sequenceFor(tokens);
  // One token at least must be evaluated for there to be a next one.
  await sequence.adaptStateToTokens(tokens.slice(0, -1), false);
  const cached_tokens = sequence.nextTokenIndex;
  while (sequence.nextTokenIndex < tokens.length - 1) {
    signal.throwIfAborted();
    const from = sequence.nextTokenIndex;
    const piece = tokens.slice(from, Math.min(from + PIECE_TOKENS, tokens.length - 1));
    await sequence.evaluateWithoutGeneratingNewTokens(piece);
  }
  const { temperature, top_p: topP, seed } = asked;
  const options = { temperature, ...(topP ? { topP } : {}), ...(seed ? { seed } : {}) };
  const pieces = new Pieces(asked.tools.length > 0);
  const made: Token[] = [];
  for await (const token of sequence.evaluate(tokens.slice(-1), options)) {
    signal.throwIfAborted();
    if (model.isEogToken(token)) break;
    made.push(token);
    for (const delta of pieces.grown(model.detokenize(made, true))) emit(delta);
    if (made.length >= asked.max_tokens) break;
  }
  for (const delta of pieces.rest()) emit(delta);
  const usage = {
    prompt_tokens: tokens.length,
    completion_tokens: made.length,
    total_tokens: tokens.length + made.length,
    prompt_tokens_details: { cached_tokens },
  };
  const isCut = made.length >= asked.max_tokens;
  return { finish: isCut ? "length" : pieces.calls > 0 ? "tool_calls" : "stop", usage };
}

let last: Promise<unknown> = Promise.resolve();
/** One after the other; one whose client has gone is not begun. */
function inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
  const next = last.then(work, work);
  last = next.catch(() => undefined);
  return next;
}

const about = () => ({ id: `answer-${crypto.randomUUID()}`, created: 0, model: name });
const refusal = (status: number, error: object) => Response.json({ error }, { status });

async function complete(call: Request): Promise<Response> {
  const parsed = request.safeParse(await call.json().catch(() => undefined));
  if (!parsed.success)
    return refusal(400, { type: "invalid_request_error", message: parsed.error.message });
  const asked = parsed.data;
  const tokens = promptOf(asked);
  if (tokens.length + 1 > WINDOW_TOKENS)
    return refusal(400, {
      type: "invalid_request_error",
      code: "context_length_exceeded",
      message: `this model's maximum context length is ${WINDOW_TOKENS} tokens, and the messages have ${tokens.length}`,
    });
  const work = { asked, tokens, signal: call.signal };
  return asked.stream ? streamed(work) : await whole(work);
}

async function whole(work: Answering): Promise<Response> {
  const said = { role: "assistant", content: "", tool_calls: [] as unknown[] };
  const { finish: finish_reason, usage } = await inTurn(() =>
    answer(work, (delta) => {
      if ("content" in delta) said.content += delta.content;
      if ("tool_calls" in delta) said.tool_calls.push(...[delta.tool_calls].flat());
    }),
  );
  const { tool_calls, ...text } = said;
  const message = tool_calls.length > 0 ? said : text;
  return Response.json({ ...about(), choices: [{ index: 0, message, finish_reason }], usage });
}

function streamed(work: Answering): Response {
  const encoder = new TextEncoder();
  const head = { ...about(), object: "chat.completion.chunk" };
  const body = new ReadableStream({
    async start(controller) {
      const send = (data: unknown) =>
        controller.enqueue(encoder.encode(`data: ${JSON.stringify(data)}\n\n`));
      const choice = (delta: object, finish_reason: string | null = null) =>
        send({ ...head, choices: [{ index: 0, delta, finish_reason }] });
      try {
        const { finish, usage } = await inTurn(async () => {
          work.signal.throwIfAborted();
          return await answer(work, choice);
        });
        choice({}, finish);
        send({ ...head, choices: [], usage });
        controller.enqueue(encoder.encode("data: [DONE]\n\n"));
        controller.close();
      } catch (error) {
        // Whoever asked is gone, or is told by the end that is missing.
        controller.error(work.signal.aborted ? undefined : error);
      }
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  async fetch(call) {
    const { pathname } = new URL(call.url);
    const list = {
      object: "list",
      data: [{ id: name, object: "model", max_model_len: WINDOW_TOKENS }],
    };
    if (pathname === "/v1/models") return Response.json(list);
    if (pathname === "/v1/chat/completions" && call.method === "POST") return await complete(call);
    return refusal(404, { message: `there is no ${pathname} here` });
  },
});
process.stdout.write(`${JSON.stringify({ base_url: `http://127.0.0.1:${server.port}/v1` })}\n`);
// The process that started this holds its standard input: when that ends, there is no client left.
for await (const _ of Bun.stdin.stream());
process.exit(0);
