// Owns what `bench port` runs: what the port adds to a call, and what a stream that waits there holds in memory.
import { connect } from "node:net";
import { join } from "node:path";
import { wholeNumber } from "../../lib/cli/args.ts";
import type { Row } from "../../lib/cli/output.ts";
import { quickScratch } from "../../lib/core/files.ts";
import { median } from "../../lib/core/median.ts";
import { meteredModel } from "../../lib/model/metered.ts";
import { type Model, NO_USAGE } from "../../lib/model/model.ts";
import { openPort, type PortSession } from "../../lib/model/port/port.ts";
import type { Answered } from "../../lib/model/recording.ts";
import type { BenchContext } from "./_bench-args.ts";

const CALLS = 200;
const STREAMS = 400;
/** The first request is about as large as that of a program with many tools, the last one six times as large. */
const TOOLS = 24;
const TOOL_CHARACTERS = 2_000;

export async function portRows({ args, out }: BenchContext): Promise<Row[]> {
  const calls = wholeNumber("--repeat", args.repeat, 1) ?? CALLS;
  const streams = wholeNumber("--limit", args.limit, 1) ?? STREAMS;
  out.say(`${calls} calls of one conversation, then ${streams} streams at once`);
  return [await latencyRow(calls), await memoryRow(streams)];
}

const answered: Answered = {
  answer: { text: "I look around.", tool_calls: [], stop_reason: "stop" },
  usage: { ...NO_USAGE, input_tokens: 1, output_tokens: 1 },
  ...{ cost_usd: 0, latency_ms: 0, retries: 0, source: "provider", response_model: null },
};

/** The same bytes there and back, through the port and a bare server. */
async function latencyRow(calls: number): Promise<Row> {
  await using folder = quickScratch("bench-port");
  await using port = await openPort({ dir: folder.path });
  using admission = port.admit(sessionOf(instantModel()));
  const body = await callThrough(port.socket, requestOf(0), admission.token);
  const plain = join(folder.path, "plain.sock");
  const bare = Bun.serve({
    unix: plain,
    async fetch(request) {
      await request.json();
      return new Response(body);
    },
  });
  const times: Record<"port" | "plain", number[]> = { port: [], plain: [] };
  const cpu = { port: 0, plain: 0 };
  const bytes: number[] = [];
  for (let n = 1; n <= calls; n++) {
    const request = requestOf(n);
    bytes.push(request.length);
    for (const [way, socket] of [
      ["port", port.socket],
      ["plain", plain],
    ] as const) {
      const began = performance.now();
      const before = process.cpuUsage();
      await callThrough(socket, request, admission.token);
      times[way].push(performance.now() - began);
      const { user, system } = process.cpuUsage(before);
      cpu[way] += (user + system) / 1000 / calls;
    }
  }
  await bare.stop(true);
  const [port_ms, plain_ms] = [median(times.port), median(times.plain)];
  return {
    ...{ bench: "port call", calls, median_request_bytes: median(bytes) },
    ...{
      port_ms: rounded(port_ms),
      plain_ms: rounded(plain_ms),
      added_ms: rounded(port_ms - plain_ms),
      port_cpu_ms: rounded(cpu.port),
      plain_cpu_ms: rounded(cpu.plain),
      added_cpu_ms: rounded(cpu.port - cpu.plain),
    },
  };
}

/** Streams of as many agents wait for their models; the clients that read them count too. */
async function memoryRow(streams: number): Promise<Row> {
  await using folder = quickScratch("bench-port");
  const clock = { now: () => performance.now(), random: Math.random, sleep: shortly };
  await using port = await openPort({ dir: folder.path, clock });
  const silent = Promise.withResolvers<never>();
  const model: Model = { name: "silent", complete: () => silent.promise };
  const admissions = Array.from({ length: streams }, () => port.admit(sessionOf(model)));
  const request = requestOf(20);
  Bun.gc(true);
  const before = process.memoryUsage.rss();
  // Told to ask again, each opens a stream that stays open.
  const ask = ({ token }: { readonly token: string }) => rawStream(port.socket, request, token);
  for (const told of await Promise.all(admissions.map(ask))) told.end();
  const open = await Promise.all(admissions.map(ask));
  Bun.gc(true);
  const mib = (process.memoryUsage.rss() - before) / 2 ** 20;
  silent.reject(new Error("the trial is over"));
  for (const stream of open) stream.end();
  for (const admission of admissions) admission[Symbol.dispose]();
  return {
    bench: "port streams",
    streams,
    request_bytes: request.length,
    mib_per_stream: rounded(mib / streams),
  };
}

/** Longer waits are over soon here; signs of life come as they do. */
const LONG_MS = 20_000;

async function shortly(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await Bun.sleep(ms > LONG_MS ? 1_000 : ms);
  signal.throwIfAborted();
}

function instantModel(): Model {
  const ask = async () => ({ answered, paid_usd: 0, waited_ms: 0 });
  return meteredModel({
    name: "instant",
    options: {},
    ask,
    divergence: () => undefined,
    on_call: () => undefined,
  });
}

function sessionOf(model: Model): PortSession {
  return {
    openModel: async () => model,
    tools: [],
    check: () => undefined,
    signal: new AbortController().signal,
  };
}

/** The n-th request of one conversation, which grows. */
function requestOf(n: number): string {
  const turns = Array.from({ length: n }, (_, at) => [
    {
      role: "assistant",
      content: [
        {
          type: "tool_use",
          id: `call_${at}`,
          name: "tool_1",
          input: { command: `sed -n ${at}p file` },
        },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: `call_${at}`, content: `line ${at} `.repeat(100) },
      ],
    },
  ]);
  const tools = Array.from({ length: TOOLS }, (_, at) => ({
    name: `tool_${at}`,
    description: "x".repeat(TOOL_CHARACTERS),
    input_schema: { type: "object", properties: { command: { type: "string" } } },
  }));
  const messages = [{ role: "user", content: "Build the feature." }, ...turns.flat()];
  return JSON.stringify({ model: "m", max_tokens: 9, stream: true, tools, messages });
}

async function callThrough(socket: string, body: string, token: string): Promise<string> {
  const headers = { "x-api-key": token };
  const address = "http://port/v1/messages";
  return await (await fetch(address, { unix: socket, method: "POST", headers, body })).text();
}

/** A connection of its own, once something has come back: `fetch` opens 256 at most. */
async function rawStream(path: string, body: string, token: string): Promise<{ end(): void }> {
  const first = Promise.withResolvers<void>();
  const head = `POST /v1/messages HTTP/1.1\r\nhost: port\r\nx-api-key: ${token}\r\ncontent-length: ${body.length}\r\n\r\n`;
  const connection = connect(path);
  connection.on("data", () => first.resolve());
  connection.on("error", (error) => first.reject(error));
  connection.write(head + body);
  await first.promise;
  return { end: () => void connection.destroy() };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
