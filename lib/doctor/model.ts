// Owns the check of a model: one small question, and what agents need to know about its server.

import { defaultAgentConfig } from "../agent/config.ts";
import { UsageError } from "../core/fault.ts";
import type { Finding } from "../core/finding.ts";
import { usdText } from "../core/money.ts";
import { NO_USAGE, type Usage } from "../model/model.ts";
import { isRecording, modelParts } from "../model/names.ts";
import { openPrices, type Prices } from "../model/prices.ts";
import type { Provider } from "../model/provider/contract.ts";
import { openProvider } from "../model/provider/provider.ts";
import { loadFamily } from "../model/provider/registry.ts";
import { answerFindings } from "./answers.ts";
import { ask, Heard } from "./question.ts";
import { type Window, windowOf } from "./window.ts";

export type ModelLook = {
  readonly model: string;
  readonly base_url?: string | undefined;
  readonly prices_file?: string | undefined;
  readonly signal: AbortSignal;
  /** Reported before anything is asked: what it may cost. */
  readonly say: (message: string) => void;
};

/** Enough for a call of a tool behind some reasoning; less for models so expensive that it would cost more. */
const MOST = { input_tokens: 400, output_tokens: 1_000, questions: 2, cost_usd: 0.05 };
const TIMEOUT_MS = 120_000;

/**
 * One finding per property. Throws UsageError for a name, key or price file that cannot be used, and the signal's
 * reason.
 */
export async function checkModel(look: ModelLook): Promise<Finding[]> {
  const { model: name, base_url, prices_file, signal, say } = look;
  const { provider, model } = modelParts(name);
  if (isRecording(name))
    throw new UsageError(`${name} answers from a recording: there is no model to ask`);
  const prices = await openPrices({ file: prices_file });
  const cost = (usage: Partial<Usage>) => prices.cost(provider, model, { ...NO_USAGE, ...usage });
  const output_tokens = mostOutput(cost);
  const most = cost({ input_tokens: MOST.input_tokens, output_tokens });
  const heard = new Heard();
  const asked = await openProvider({
    model: name,
    base_url,
    options: { max_output_tokens: output_tokens },
    timeout_ms: TIMEOUT_MS,
    on_piece: heard.piece,
  });
  say(`asking ${name}: ${sizeText(MOST.questions, output_tokens, most)}`);
  const end = await ask(asked, heard, signal);
  const { wire } = await loadFamily(provider);
  const window = await windowOf(name, { base_url }, signal);
  return [
    {
      part: "address",
      state: "good",
      found: `${wire}, ${base_url ?? "the provider's own address"}`,
    },
    ...(await answerFindings(asked, end, signal)),
    windowFinding(window),
    priceFinding(prices, asked, cost),
  ];
}

type Cost = (usage: Partial<Usage>) => number | null;

function mostOutput(cost: Cost): number {
  const thousand = cost({ output_tokens: 1_000 }) ?? 0;
  const affordable =
    thousand === 0 ? Number.POSITIVE_INFINITY : (MOST.cost_usd / MOST.questions / thousand) * 1_000;
  return Math.max(32, Math.min(MOST.output_tokens, Math.floor(affordable)));
}

function sizeText(questions: number, output_tokens: number, most: number | null): string {
  const size = `one question, ${questions} at most, each of fewer than ${MOST.input_tokens} tokens and with ${output_tokens} tokens of answer at most`;
  if (most === null) return `${size}; what it costs is unknown`;
  return `${size}: at most ${usdText(questions * most)}`;
}

function windowFinding(window: Window | undefined): Finding {
  const part = "window";
  const { threshold_tokens } = defaultAgentConfig().compaction;
  if (window === undefined)
    return {
      part,
      state: "poor",
      found: "not reported",
      hint: `agents summarize from ${threshold_tokens.toLocaleString("en")} tokens: check that it takes more, or set compaction.threshold_tokens in --agent-config`,
    };
  const { served, made, by } = window;
  const tokens = served ?? made ?? 0;
  const more =
    made !== undefined && served !== undefined && made !== served
      ? `; the model: ${made.toLocaleString("en")}`
      : "";
  const what = served === undefined ? "the model's; the server does not report its own; " : "";
  const found = `${tokens.toLocaleString("en")} tokens (${what}${by})${more}`;
  if (served !== undefined && served > threshold_tokens) return { part, state: "good", found };
  const below = Math.floor((tokens * 3) / 4 / 100) * 100;
  const hint =
    served === undefined
      ? "some servers silently cut prompts beyond their window: ask again while the model is loaded"
      : `agents summarize from ${threshold_tokens.toLocaleString("en")} tokens: serve a larger context, or set compaction.threshold_tokens below ${below} in --agent-config`;
  return { part, state: "poor", found, hint };
}

function priceFinding(prices: Prices, { tells_cost }: Provider, cost: Cost): Finding {
  const part = "price";
  const [input, output] = [cost({ input_tokens: 1_000 }), cost({ output_tokens: 1_000 })];
  if (input !== null && output !== null)
    return {
      part,
      state: "good",
      found: `${usdText(input * 1_000)} in, ${usdText(output * 1_000)} out a million (${prices.source})`,
    };
  if (tells_cost === true) return { part, state: "good", found: "reported with each answer" };
  const hint =
    "name it in a price file (--prices), or run with --max-cost none and without --budget";
  return { part, state: "poor", found: "unknown", hint };
}
