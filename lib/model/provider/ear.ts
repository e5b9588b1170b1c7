// Owns listening to an answer's bytes: signs of life, failures that are told within it, and answers that are no stream.
import { isAnswer, isFailure, jsonIn, saidIn } from "./envelope.ts";
import { ProviderError } from "./error.ts";
import { reportedFailure } from "./failure.ts";

export type EarOptions = {
  readonly name: string;
  /** At every piece that comes. */
  readonly heard: () => void;
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
  const type = response.headers.get("content-type") ?? "";
  const isWhole = /^(text\/html|application\/([\w.-]+\+)?json)/i.test(type);
  if (response.ok && !isWhole)
    return response.body === null
      ? response
      : new Response(response.body.pipeThrough(listener(response, ear)), response);
  const body = await beginning(response);
  const report = { name, status: response.status, body, headers: headersOf(response) };
  const value = jsonIn(body);
  if (!response.ok || isFailure(value)) throw reportedFailure(report);
  throw isAnswer(value) ? isNotStreamed(name) : isNoAnswer(report);
}

/** Only lines with one of these words can report a failure; within the text of an answer their quotes are escaped. */
const SUSPECT = /"(error|errors|detail|message|msg|error_code)"/;

function listener(response: Response, ear: EarOptions): TransformStream<Uint8Array, Uint8Array> {
  const decoder = new TextDecoder();
  let line = "";
  let isStream = false;
  const fail = (body: string) => {
    const { status } = response;
    const failure = reportedFailure({ name: ear.name, status, body, headers: headersOf(response) });
    ear.told(failure);
    return failure;
  };
  /** The failure that the text's whole lines tell, the first of them. */
  const failureIn = (text: string): ProviderError | undefined => {
    line += text;
    const lines = line.split(/\r?\n|\r/);
    line = lines.pop() ?? "";
    for (const whole of lines) {
      const [, data] = /^data:\s?(.*)$/.exec(whole) ?? [];
      isStream ||= /^(data|event|id|retry)?:/.test(whole);
      if (data !== undefined && SUSPECT.test(data) && isFailure(jsonIn(data))) return fail(data);
    }
    return undefined;
  };
  return new TransformStream({
    transform(chunk, controller) {
      ear.heard();
      const failure = failureIn(decoder.decode(chunk, { stream: true }));
      if (failure === undefined) controller.enqueue(chunk);
      else controller.error(failure);
    },
    flush(controller) {
      const rest = line;
      const failure = failureIn("\n");
      if (failure !== undefined) return controller.error(failure);
      const value = isStream ? undefined : jsonIn(rest);
      if (value === undefined) return undefined;
      if (isFailure(value)) return controller.error(fail(rest));
      if (!isAnswer(value)) return undefined;
      ear.told(isNotStreamed(ear.name));
      return controller.error(isNotStreamed(ear.name));
    },
  });
}

function isNotStreamed(name: string): ProviderError {
  const message = `${name}: this server gave a whole answer where a stream of events was asked for: it does not stream`;
  return new ProviderError({ kind: "no stream", message });
}

function isNoAnswer({ name, status, body }: { name: string; status: number; body: string }) {
  const [text = "JSON that is none"] = saidIn(body, null).texts;
  const message = `${name} answered with ${text.slice(0, 200)}, where a model's answer was asked for: is the address right?`;
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
