// Owns a model's server for torture: it plays agents and judges from what they are asked alone, and bills every request, answered or not.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { labelsOf, NO_EVIDENCE } from "../../lib/labels/taxonomy.ts";

export const PAID_MODEL = "local/paid";
/** US dollars a million tokens; what `--prices` takes. */
const PRICE = { input: 3, output: 15 };
export const PRICES = JSON.stringify({ models: { [PAID_MODEL]: PRICE } });

const CHARACTERS_PER_TOKEN = 4;
const TOKENS_PER_PRICE = 1_000_000;
/** Long enough that kills meet calls under way. */
const ANSWER_MS = 300;
const TASK = join(import.meta.dir, "../../dataset/demo_task/task1");

/** What one customer owes: US dollars of all requests, and of the dearest. */
export type Bill = {
  readonly requests: number;
  readonly usd: number;
  readonly dearest_usd: number;
};
export const NO_BILL: Bill = { requests: 0, usd: 0, dearest_usd: 0 };

export type PaidModel = AsyncDisposable & {
  /** The address of a customer's own. */
  readonly urlOf: (customer: string) => string;
  readonly billOf: (customer: string) => Bill;
};

const asked = z.looseObject({
  messages: z.array(z.looseObject({ role: z.string(), content: z.string().nullish() })).min(1),
});
type Answer = { readonly content?: string; readonly command?: string };

/** Serves OpenAI's chat completions on this machine. */
export function openPaidModel(): PaidModel {
  const bills = new Map<string, Bill>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const [, customer = ""] = new URL(request.url).pathname.split("/");
      const body = await request.text();
      const answer = answerTo(asked.parse(JSON.parse(body)).messages);
      const usage = {
        prompt_tokens: tokens(body),
        completion_tokens: tokens(`${answer.content ?? ""}${answer.command ?? ""}`),
      };
      bills.set(customer, billed(bills.get(customer) ?? NO_BILL, usage));
      await Bun.sleep(ANSWER_MS);
      return new Response(frames(answer, usage), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  return {
    urlOf: (customer) => `http://127.0.0.1:${server.port}/${customer}/v1`,
    billOf: (customer) => bills.get(customer) ?? NO_BILL,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

type Usage = { readonly prompt_tokens: number; readonly completion_tokens: number };

function billed(bill: Bill, { prompt_tokens, completion_tokens }: Usage): Bill {
  const total = prompt_tokens * PRICE.input + completion_tokens * PRICE.output;
  const usd = total / TOKENS_PER_PRICE;
  const dearest_usd = Math.max(bill.dearest_usd, usd);
  return { requests: bill.requests + 1, usd: bill.usd + usd, dearest_usd };
}

function tokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}

/** Judges are asked in one message of the user's; agents begin with their task, build it, and submit. */
function answerTo(messages: z.infer<typeof asked>["messages"]): Answer {
  const user = messages.find(({ role }) => role === "user")?.content ?? "";
  if (user.startsWith("Does this conversation"))
    return { content: JSON.stringify({ reason: "Nothing is wrong.", label: null, quotes: [] }) };
  if (user.startsWith("The two agents' work"))
    return { content: JSON.stringify({ reason: "None.", label: NO_EVIDENCE, quotes: [] }) };
  if (user.startsWith("What is each message")) return { content: actsOf(user) };
  const task = messages.map(({ content }) => content ?? "").join("\n");
  const isFirst = messages.every(({ role }) => role !== "assistant");
  return { command: isFirst ? buildOf(task) : submissionOf(task) };
}

function actsOf(user: string): string {
  const numbers = user.matchAll(/^<message-\S+ number="(\d+)"/gm);
  const [label] = labelsOf("speech act");
  return JSON.stringify({
    labels: [...numbers].map(([, number]) => ({ message: Number(number), label })),
  });
}

/** Builds each feature of the task as its reference patch does. */
function buildOf(task: string): string {
  const features = new Set([...task.matchAll(/<feature number="(\d+)">/g)].map(([, id]) => id));
  const patches = [...features].map((id) =>
    readFileSync(join(TASK, `feature${id}/feature.patch`), "utf8"),
  );
  return patches.map((patch) => `git apply <<'PATCH' && echo built\n${patch}PATCH`).join("\n");
}

/** Hands in, in the prompt's own words. */
function submissionOf(task: string): string {
  const base = /git diff --cached --binary (\w+)/.exec(task)?.[1] ?? "HEAD";
  const diff = `git diff --cached --binary ${base} -- . ':!patch.txt' > patch.txt`;
  return `git add -A && ${diff}\necho COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT`;
}

function frames({ content = "", command }: Answer, usage: Usage): string {
  const call = { name: "bash", arguments: JSON.stringify({ command }) };
  const tool_calls = [
    { index: 0, id: `call_${crypto.randomUUID()}`, type: "function", function: call },
  ];
  const delta = { role: "assistant", content, ...(command === undefined ? {} : { tool_calls }) };
  const finish_reason = command === undefined ? "stop" : "tool_calls";
  const about = { id: "answer", object: "chat.completion.chunk", created: 1, model: "paid" };
  const total_tokens = usage.prompt_tokens + usage.completion_tokens;
  return [
    JSON.stringify({ ...about, choices: [{ index: 0, delta, finish_reason }] }),
    JSON.stringify({ ...about, choices: [], usage: { ...usage, total_tokens } }),
    "[DONE]",
  ]
    .map((data) => `data: ${data}\n\n`)
    .join("");
}
