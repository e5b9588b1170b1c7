// Owns listening to an answer's bytes: signs of life, failures that are told within it, and answers that are no stream.
import { isAnswer, isFailure, jsonIn, saidIn } from "./envelope.ts";
import { ProviderError } from "./error.ts";
import { reportedFailure } from "./failure.ts";

export type EarOptions = {
  readonly name: string;
  /** At every piece that comes. */
  readonly heard: () => void;
  /** See `Family.readable`. */
  readonly readable?: ((event: unknown) => unknown) | undefined;
  /** At a failure that the answer itself tells; the answer then ends with it. */
  readonly told: (failure: ProviderError) => void;
};

/** Bodies of failures are short; a longer one is read no further. */
const LONGEST_BODY = 256 * 1024;

/**
 * The response, listened to. Throws a ProviderError for a failing status, and for an answer that is a page or whole
 * JSON where a stream was asked for. SDKs know few of the forms in which servers report failures, so none gets there.
 */
export async function listenTo(response: Response, ear: EarOptions): Promise<Response> {
  const { name } = ear;
  const isPage = /^text\/html/i.test(response.headers.get("content-type") ?? "");
  if (response.ok && !isPage)
    return response.body === null
      ? response
      : new Response(response.body.pipeThrough(listener(response, ear)), response);
  const body = await beginning(response);
  const report = { name, status: response.status, body, headers: headersOf(response) };
  const value = jsonIn(body);
  if (!response.ok || isFailure(value)) throw reportedFailure(report);
  throw isAnswer(value) ? isNotStreamed(name) : isNoAnswer(report);
}

/** Only lines with one of these can report a failure; within the text of an answer their quotes are escaped. */
const SUSPECT = /"(error|errors|detail|message|msg|error_code|status_msg|fault)"|response\.failed/;

/** Passes the lines of a stream on, each as the adapter can read it. What is no line of a stream may be a body. */
function listener(response: Response, ear: EarOptions): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  const reader = new LineReader(response, ear);
  let line = "";
  const hand = (text: string, controller: TransformStreamDefaultController<Uint8Array>) => {
    line += text;
    const lines = line.split(/\r\n|\n|\r(?!$)/);
    line = lines.pop() ?? "";
    const shown = lines.map((whole) => reader.read(whole));
    const failure = shown.find((one) => one instanceof ProviderError);
    if (failure !== undefined) fail(failure, controller);
    else if (shown.length > 0) controller.enqueue(encoder.encode(`${shown.join("\n")}\n`));
  };
  const fail = (
    failure: ProviderError,
    controller: TransformStreamDefaultController<Uint8Array>,
  ) => {
    ear.told(failure);
    controller.error(failure);
  };
  return new TransformStream({
    transform(chunk, controller) {
      ear.heard();
      hand(decoder.decode(chunk, { stream: true }), controller);
    },
    flush(controller) {
      hand(`${decoder.decode()}\n`, controller);
      const failure = reader.failureAtEnd();
      if (failure !== undefined) fail(failure, controller);
    },
  });
}

class LineReader {
  private readonly response: Response;
  private readonly ear: EarOptions;
  private isStream = false;
  /** Lines that are none of a stream. */
  private body = "";

  constructor(response: Response, ear: EarOptions) {
    this.response = response;
    this.ear = ear;
  }

  /** The line to hand on, or the failure that it tells. */
  read(line: string): string | ProviderError {
    const [, field, data = ""] = /^(data|error):\s?(.*)$/.exec(line) ?? [];
    const isField = field === "data" || /^(event|id|retry)?:/.test(line);
    this.isStream ||= isField;
    if (field === undefined) return isField || line.trim() === "" ? line : this.readBody(line);
    const value = jsonIn(data);
    if (SUSPECT.test(data) && isFailure(value)) return this.failure(data);
    if (field === "error") return isObject(value) ? this.failure(data) : "";
    // A value in several lines is its adapter's to put together, and so are words such as [DONE].
    if (value === undefined && data !== "") return line;
    return this.readable(line, value);
  }

  private readable(line: string, value: unknown): string {
    const { readable } = this.ear;
    const mended = readable === undefined ? value : readable(value);
    if (mended === undefined) return "";
    return mended === value ? line : `data: ${JSON.stringify(mended)}`;
  }

  private readBody(line: string): string | ProviderError {
    if (SUSPECT.test(line) && isFailure(jsonIn(line))) return this.failure(line);
    if (this.body.length < LONGEST_BODY) this.body += `${line}\n`;
    return line;
  }

  /** What the lines that are none of a stream turn out to be. */
  failureAtEnd(): ProviderError | undefined {
    const { body, ear, isStream, response } = this;
    if (body === "") return undefined;
    if (isFailure(jsonIn(body))) return this.failure(body);
    const value = jsonIn(body) ?? jsonIn(body.slice(0, body.indexOf("\n")));
    if (isStream || value === undefined) return undefined;
    if (isAnswer(value)) return isNotStreamed(ear.name);
    return isNoAnswer({ name: ear.name, status: response.status, body });
  }

  private failure(body: string): ProviderError {
    const { status } = this.response;
    return reportedFailure({
      name: this.ear.name,
      status,
      body,
      headers: headersOf(this.response),
    });
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

function isNotStreamed(name: string): ProviderError {
  const message = `${name}: this server sent a whole answer where a stream of events was requested: it does not stream`;
  return new ProviderError({ kind: "no stream", message });
}

function isNoAnswer({ name, status, body }: { name: string; status: number; body: string }) {
  const [text = "invalid JSON"] = saidIn(body, null).texts;
  const message = `${name} answered with ${text.slice(0, 200)}instead of a model's answer: is the address right?`;
  return new ProviderError({ kind: "bad answer", status, message });
}

function headersOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(headers.entries());
}

async function beginning({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= LONGEST_BODY) break;
  }
  return text;
}
