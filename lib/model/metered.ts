// Owns metering: a model for one agent of one attempt that keeps a record of every call.
import { redactDeep } from "../core/redact.ts";
import { type FollowedStep, followed } from "./followed.ts";
import { type CallRecord, CUT_OFF, KeptCalls, stepsOf, type UnnumberedCall } from "./kept-calls.ts";
import {
  type Answer,
  type CallWatch,
  type Model,
  type ModelOptions,
  NO_USAGE,
  UNWATCHED,
} from "./model.ts";
import { type Answered, type RecordedCall, recordLines } from "./recording.ts";
import type { Divergence } from "./replay.ts";
import { type SealedRequest, sealRequest } from "./request.ts";
import { PromptWatch } from "./window.ts";

/**
 * A model that remembers its calls, in the order in which they were asked, whichever ended first: those that were answered, and
 * those that were cut off.
 */
export type MeteredModel = Model & {
  readonly calls: readonly CallRecord[];
  /** Calls that are under way: sent, and not answered yet. */
  readonly in_flight: number;
  /** Those with an answer, with it and their request, for the recording. */
  readonly exchanges: readonly RecordedCall[];
  /** Where a replay first went another way than the recording. */
  readonly divergence: Divergence | undefined;
};

/** An answer, what it cost this time, and how long it was waited for. */
export type Paid = {
  readonly answered: Answered;
  /** US dollars, null when the price is unknown; nothing for answers from a cache or a replay. */
  readonly paid_usd: number | null;
  readonly waited_ms: number;
};
export type Ask = (
  request: SealedRequest,
  signal: AbortSignal,
  watch: CallWatch,
  sends?: Sends,
) => Promise<Paid>;
/** Hears of every request that really goes out; an answer to it is told by what `Ask` returns. */
export type Sends = {
  readonly sent: () => void;
  /** It ended without an answer, and may have cost something all the same. */
  readonly failed: (may_have_cost: boolean) => void;
};

export type MeterOptions = {
  readonly name: string;
  readonly options: ModelOptions;
  readonly ask: Ask;
  readonly divergence: () => Divergence | undefined;
  readonly on_call: (call: UnnumberedCall) => void;
  /** Hears of each step that was answered, shortened. */
  readonly on_step?: ((step: FollowedStep) => void) | undefined;
  /** Is asked at the beginning of each call for one who watches it. */
  readonly watch?: (() => CallWatch) | undefined;
  /** Hears when a call went out, and when what calls have cost changed: after `calls` and `in_flight` did. */
  readonly on_change?: (() => void) | undefined;
  /** At a prompt that the server seems to have cut; `window_tokens` as it shows. */
  readonly on_cut?: (window_tokens: number) => void;
};

/**
 * A model over `ask`. Secrets are blotted out of requests before they get their hashes, and of answers before anybody acts on
 * them: so recordings can be replayed, and no secret is sent.
 */
export function meteredModel(meter: MeterOptions): MeteredModel {
  const kept = new KeptCalls();
  let in_flight = 0;
  let asked = 0;
  let previous: SealedRequest | undefined;
  const changed = () => meter.on_change?.();
  /** Of one call, which is sent again where it is tried again. */
  const sendsOf = (request: SealedRequest, at: number) => {
    let started_at = "";
    let under_way = 0;
    const ended = () => {
      const was_sent = under_way > 0;
      in_flight -= under_way;
      under_way = 0;
      return was_sent;
    };
    const sends: Sends = {
      sent() {
        started_at = new Date().toISOString();
        in_flight++;
        under_way++;
        changed();
      },
      failed(may_have_cost) {
        ended();
        if (may_have_cost) kept.add(at, { call: cutOff(request, started_at) });
        changed();
      },
    };
    return { sends, ended };
  };
  const watch = new PromptWatch();
  return {
    name: meter.name,
    get calls() {
      return kept.calls;
    },
    get exchanges() {
      return kept.exchanges;
    },
    get in_flight() {
      return in_flight;
    },
    get divergence() {
      return meter.divergence();
    },
    async complete(request, signal) {
      signal.throwIfAborted();
      const at = asked++;
      const started_at = new Date().toISOString();
      const sealed = sealRequest(redactDeep(request), meter.options, previous);
      previous = sealed;
      using heard = meter.watch?.() ?? UNWATCHED;
      const { sends, ended } = sendsOf(sealed, at);
      const paid = redactDeep(await meter.ask(sealed, signal, heard, sends));
      const was_sent = ended();
      const exchange = { ...paid.answered, request: sealed };
      const call = callRecord(sealed, paid, started_at);
      kept.add(at, { call, exchange });
      meter.on_call(call);
      if (meter.on_step !== undefined && call.purpose === "step")
        meter.on_step(
          followed(stepsOf(kept.calls), {
            ...paid.answered,
            request: sealed,
            asked_at: started_at,
          }),
        );
      // What a cache or a recording answered changed no sum.
      if (was_sent) changed();
      const cut_at_tokens = watch.answered(sealed, call.usage_known ? paid.answered.usage : null);
      if (cut_at_tokens === undefined) return answerOf(paid);
      meter.on_cut?.(cut_at_tokens);
      return { ...answerOf(paid), cut_at_tokens };
    },
  };
}

/** The text of an agent's `calls.jsonl`, from which its calls can be replayed. */
export function callLines(model: MeteredModel): string {
  return recordLines(model.exchanges);
}

function callRecord(
  request: SealedRequest,
  { answered, paid_usd, waited_ms }: Paid,
  started_at: string,
): UnnumberedCall {
  const { answer, usage, latency_ms, retries, source, response_model } = answered;
  return {
    started_at,
    ...usage,
    usage_known: answered.usage_known ?? true,
    purpose: request.purpose,
    source,
    request_sha256: request.sha256,
    latency_ms,
    waited_ms,
    retries,
    stop_reason: answer.stop_reason,
    response_model,
    cost_usd: paid_usd,
  };
}

function cutOff(
  { purpose, sha256: request_sha256 }: SealedRequest,
  started_at: string,
): UnnumberedCall {
  return {
    ...{ started_at, ...NO_USAGE, usage_known: false, purpose, source: "provider", request_sha256 },
    latency_ms: Math.max(0, Date.now() - Date.parse(started_at)),
    ...{ waited_ms: 0, retries: 0, stop_reason: CUT_OFF, response_model: null, cost_usd: null },
  };
}

function answerOf({ answered, waited_ms }: Paid): Answer {
  const { answer, usage, usage_known, cost_usd, latency_ms, retries } = answered;
  const unknown = usage_known === false ? { usage_known } : {};
  return { ...answer, usage, ...unknown, cost_usd, latency_ms, retries, waited_ms };
}
