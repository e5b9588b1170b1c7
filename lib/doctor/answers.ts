// Owns what a model's answer to the one question shows: that it answers, calls tools, streams and reports its usage.
import { asFault } from "../core/fault.ts";
import type { Finding } from "../core/finding.ts";
import type { Usage } from "../model/model.ts";
import type { Provider, RawAnswer } from "../model/provider/contract.ts";
import { ProviderError } from "../model/provider/error.ts";
import { faultAtOnce } from "../model/retry.ts";
import { ask, type End, QUESTION, TOOL } from "./question.ts";

export async function answerFindings(
  provider: Provider,
  end: End,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (end.answer !== undefined)
    return [
      answered(end),
      toolFinding(end.answer),
      streamFinding(end),
      await usageFinding(provider, end.answer, signal),
    ];
  const { failure } = end;
  if (failure.kind === "no stream") return await unstreamed(provider, failure, signal);
  if (failure.kind !== "bad request") return [refused(provider, failure)];
  // The tool may be what it does not accept.
  const again = await ask(provider, end.heard, signal, false);
  if (again.answer === undefined) return [refused(provider, failure)];
  const tools: Finding = {
    part: "tools",
    state: "poor",
    found: "refuses requests that offer tools",
    hint: `use tool_style: fenced in --agent-config. The server says: ${failure.message}`,
  };
  return [
    answered(again),
    tools,
    streamFinding(again),
    await usageFinding(provider, again.answer, signal),
  ];
}

function answered({ answer, seconds }: End & { answer: RawAnswer }): Finding {
  const by = answer.response_model === null ? "" : ` as ${answer.response_model}`;
  const found = `in ${seconds.toFixed(1)} s${by}`;
  if (answer.stop_reason !== "filtered") return { part: "answers", state: "good", found };
  return {
    part: "answers",
    state: "poor",
    found: `${found}, but its filter withheld the answer`,
    hint: answer.text,
  };
}

function refused({ provider_id }: Provider, failure: ProviderError): Finding {
  const status = failure.status === null ? "" : ` (${failure.status})`;
  const todo =
    faultAtOnce(failure, provider_id)?.hint ??
    "is the server up, and the address right? try again later";
  const hint = `${todo}. The server says: ${failure.message}`;
  return { part: "answers", state: "missing", found: `no: ${failure.kind}${status}`, hint };
}

function toolFinding({ tool_calls, text, stop_reason }: RawAnswer): Finding {
  const part = "tools";
  const fenced = "models without tool calls need tool_style: fenced in --agent-config";
  const [call] = tool_calls;
  if (
    call?.name === TOOL.name &&
    call.malformed === undefined &&
    typeof call.arguments.command === "string"
  )
    return { part, state: "good", found: "calls the tool it was offered" };
  if (call !== undefined)
    return { part, state: "poor", found: "calls the tool, but not in its format", hint: fenced };
  if (stop_reason === "length")
    return {
      part,
      state: "poor",
      found: "not known: the answer was cut at its limit",
      hint: "ask again",
    };
  const said = text.trim().replace(/\s+/g, " ").slice(0, 120);
  const hint = `${fenced}. It said: ${said === "" ? "nothing" : said}`;
  return { part, state: "poor", found: "answered without calling the tool", hint };
}

function streamFinding({ heard, seconds }: End): Finding {
  const part = "streaming";
  const first = `first piece after ${(heard.first_s ?? seconds).toFixed(1)} s`;
  if (heard.pieces > 1)
    return { part, state: "good", found: `yes, ${first}, ${heard.pieces} pieces` };
  return {
    part,
    state: "good",
    found: `yes, but the whole answer came at once, after ${seconds.toFixed(1)} s`,
  };
}

async function usageFinding(
  provider: Provider,
  { usage }: RawAnswer,
  signal: AbortSignal,
): Promise<Finding> {
  const part = "usage";
  if (usage !== null) {
    const input = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
    return {
      part,
      state: "good",
      found: `reported in streams: ${input} tokens in, ${usage.output_tokens} out`,
    };
  }
  const whole = await usageOfWhole(provider, signal);
  const hint =
    "tokens and cost stay unknown, so limits in dollars cannot be enforced: have the server report usage in its streams (stream_options.include_usage)";
  const found = whole ? "reported, but not in streams" : "not reported";
  return { part, state: "poor", found, hint };
}

/** A whole answer where a stream was requested: the model works, but agents could not use it. */
async function unstreamed(
  provider: Provider,
  failure: ProviderError,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { hint } = faultAtOnce(failure, provider.provider_id) ?? asFault(failure);
  const usage = await usageOfWhole(provider, signal);
  return [
    { part: "streaming", state: "missing", found: "no: it gives whole answers only", hint },
    {
      part: "usage",
      state: usage ? "good" : "poor",
      found: usage ? "reported in whole answers" : "not reported",
    },
  ];
}

async function usageOfWhole(provider: Provider, signal: AbortSignal): Promise<Usage | null> {
  try {
    return (await provider.usageOfWhole?.(QUESTION, signal)) ?? null;
  } catch (error) {
    if (error instanceof ProviderError) return null;
    throw error;
  }
}
