// Owns the errand `label`: one question about a conversation, asked of a model.
import { z } from "zod";
import type { GivenLabel } from "../../db/labels.ts";
import { redactDeep } from "../core/redact.ts";
import { JUDGED } from "../core/vocabulary.ts";
import { openAnswers } from "../errands/answers.ts";
import { carriedAsFault, carriedFault, carryFault } from "../errands/carry.ts";
import type { Errand, Send } from "../errands/errand.ts";
import { carriedGateway, carryGateway, gatewayHere } from "../errands/gateway.ts";
import { heldFar } from "../errands/held-far.ts";
import type { Gateway } from "../model/gateway.ts";
import type { Caller } from "../model/model.ts";
import type { Held } from "../work/work.ts";
import { type Asked, askModel } from "./ask.ts";
import type { Message, Prompt } from "./prompt.ts";

const text = z.string();
const input = z.object({
  measure: z.enum(JUDGED),
  messages: z.array(z.custom<Message>((value) => typeof value === "object" && value !== null)),
  prompt: z.object({ system: text, user: text, stored: text, sha256: text }),
  gateway: carriedGateway,
  caller: z.object({
    ...{ attempt_key: text, task_dir: text, setting: text, agent_id: text },
    features: z.array(z.number()),
  }),
});
const output = z.object({
  /** The labels, or why there are none. */
  given: z
    .array(z.custom<GivenLabel>((value) => typeof value === "object" && value !== null))
    .nullable(),
  fault: carriedFault.nullable(),
  /** The last answer that could not be read, as it came. */
  useless: text,
  /** Calls in all, and those that were cut off; US dollars, null where a price is unknown. */
  ...{ calls: z.number(), cut_off: z.number(), cost_usd: z.number().nullable() },
});

export const labelErrand: Errand<z.infer<typeof input>, z.infer<typeof output>> = {
  kind: "label",
  input,
  output,
  image: () => undefined,
  async perform({ gateway: carried, caller, ...question }, site) {
    const { gateway, asking } = await gatewayHere(site, carried);
    const asked = await askModel({
      ...{ ...question, gateway, caller, signal: site.signal },
      say(progress) {
        return () => site.say(progress());
      },
    });
    await asking.flush();
    const { fault, ...rest } = asked;
    return {
      ...rest,
      given: asked.given && [...asked.given],
      fault: fault === null ? null : carryFault(fault),
    };
  },
};

export type LabelParcel = {
  readonly question: {
    readonly measure: z.infer<typeof input>["measure"];
    readonly messages: readonly Message[];
    readonly prompt: Prompt;
  };
  readonly caller: Caller;
  readonly gateway: Gateway;
  readonly base_url: string | null;
  readonly model: string;
  readonly call_timeout_ms: number;
  readonly held: Held;
  readonly signal: AbortSignal;
};

/** Has a question asked by another process. Throws Faults of the way; the question's own is in what is returned. */
export async function sendLabel(send: Send, parcel: LabelParcel): Promise<Asked> {
  const { question, caller, gateway, held, signal, model, base_url, call_timeout_ms } = parcel;
  using answers = openAnswers({ gateway, caller, signal, on_cost: () => held.say() });
  const told = heldFar(held, answers);
  const { output: found } = await send(labelErrand, {
    ...{ unit: held.unit.unit, claim: held.holder.claim, signal, bytes: new Map(), ...told },
    input: redactDeep({
      ...{ ...question, messages: [...question.messages] },
      caller: { ...caller, features: [...caller.features] },
      gateway: carryGateway(gateway, { model, base_url, options: {}, call_timeout_ms }),
    }),
    answer: answers.answer,
  });
  return { ...found, fault: found.fault === null ? null : carriedAsFault(found.fault) };
}
