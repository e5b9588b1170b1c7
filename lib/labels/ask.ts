// Owns asking a model for one judgement: the question, once more if the answer cannot be read, and what it cost.
import type { GivenLabel, Judgement } from "../../db/labels.ts";
import type { UnitProgress } from "../../db/schema.ts";
import { asFault, Fault } from "../core/fault.ts";
import type { Judged } from "../core/vocabulary.ts";
import { costsOf } from "../model/costs.ts";
import type { Gateway } from "../model/gateway.ts";
import type { MeteredModel } from "../model/metered.ts";
import type { Answer, Caller, ChatTurn } from "../model/model.ts";
import { progressOf } from "../model/progress.ts";
import { readAnswer } from "./answer.ts";
import { againText, type Message, type Prompt } from "./prompt.ts";

export type Asking = {
  readonly measure: Judged;
  readonly messages: readonly Message[];
  readonly prompt: Prompt;
  readonly model: MeteredModel;
  readonly signal: AbortSignal;
  /** Called with every answer that cannot be read, verbatim. */
  readonly onUseless: (answer: string) => void;
};

/** The model's labels. Throws Fault `model_failed` after a second answer that cannot be read, and what the model throws. */
export async function askForLabels(asking: Asking): Promise<readonly GivenLabel[]> {
  const { prompt, measure, messages, model, signal, onUseless } = asking;
  const turns: ChatTurn[] = [
    { role: "system", content: prompt.system },
    { role: "user", content: prompt.user },
  ];
  const ask = async () => {
    const answer = await model.complete({ turns, tools: [], purpose: "step" }, signal);
    const reading = readAnswer(measure, answer.text, messages);
    if (reading.problem !== undefined) onUseless(answer.text);
    return { answer, reading };
  };
  const first = await ask();
  if (first.reading.given) return first.reading.given;
  turns.push(asTurn(first.answer), { role: "user", content: againText(why(first)) });
  const second = await ask();
  if (second.reading.given) return second.reading.given;
  throw new Fault("model_failed", `two answers cannot be read: ${why(second)}`, {
    hint: "run the same command again, or choose a model that keeps to a format",
  });
}

/** What came of a question: labels, or the Fault that there are none for; and what was paid. */
export type Asked = {
  readonly given: readonly GivenLabel[] | null;
  readonly fault: Fault | null;
  /** The last answer that could not be read, verbatim. */
  readonly useless: string;
  readonly calls: number;
  readonly cut_off: number;
  readonly cost_usd: number | null;
};
export type Question = Pick<Asking, "measure" | "messages" | "prompt" | "signal"> & {
  readonly gateway: Gateway;
  readonly caller: Caller;
  /** Is given what tells how far it is; returns what is called when that has changed. */
  readonly say: (progress: () => UnitProgress & { readonly cost_usd: number }) => () => void;
};

/** Asks a question to its end, whatever that is. Throws what is no Fault of the question. */
export async function askModel({ gateway, caller, say, ...question }: Question): Promise<Asked> {
  let model: MeteredModel | undefined;
  const on_change = say(() => progressOf("asking", model === undefined ? [] : [model]));
  model = await gateway.open(caller, { on_change });
  let useless = "";
  const onUseless = (answer: string) => {
    useless = answer;
  };
  const paid = (opened: MeteredModel) => ({
    ...{ useless, calls: opened.calls.length, cost_usd: paidFor(opened) },
    cut_off: costsOf(opened.calls).cut_off,
  });
  try {
    const given = await askForLabels({ ...question, model, onUseless });
    return { given, fault: null, ...paid(model) };
  } catch (error) {
    return { given: null, fault: asFault(error), ...paid(model) };
  }
}

/** What the answers of a model have cost in US dollars; null when one of the prices is unknown. */
export function paidFor(model: MeteredModel): Judgement["cost_usd"] {
  const { known_usd, unpriced } = costsOf(model.calls);
  return unpriced > 0 ? null : (known_usd ?? 0);
}

function why({ answer, reading }: { answer: Answer; reading: { problem?: string | undefined } }) {
  if (answer.stop_reason === "length") return "it was cut off at the limit of tokens";
  return reading.problem ?? "it has the wrong form";
}

/** No provider accepts an empty turn. */
function asTurn({ text, opaque }: Answer): ChatTurn {
  const content = text.trim() === "" ? "(no text)" : text;
  const rest = opaque === undefined ? {} : { opaque };
  return { role: "assistant", content, tool_calls: [], ...rest };
}
