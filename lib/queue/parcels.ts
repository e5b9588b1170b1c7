// Owns what is in a parcel: how its input becomes a job, what workers ask about it, and how its result is read.
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { redactBytes, redactDeep } from "../core/redact.ts";
import { carriedAsFault, carryFault } from "../errands/carry.ts";
import type { Delivered, Errand, Json, Parcel } from "../errands/errand.ts";
import { verified } from "./freight.ts";
import type { JobResult, ToDriver, ToWorker } from "./messages.ts";
import { loseBut, lostOf, type Outbox, type Pending, tellWorker } from "./outbox.ts";

/** Larger inputs and outputs go as bytes: jobs stay small. */
export const MOST_INLINE = 4_096;

/** An input as a job carries it, redacted. */
export function packed<I>(
  errand: Pick<Errand<I, unknown>, "kind">,
  { unit, claim, input, bytes }: Parcel<I>,
  owner: string,
): Pick<Pending, "data" | "bytes"> {
  const clean = redactDeep(input) as Json;
  const text = JSON.stringify(clean);
  const about = { kind: errand.kind, unit, claim, owner };
  if (text.length <= MOST_INLINE) return { data: { ...about, input: clean }, bytes };
  const whole = Buffer.from(text);
  const input_hash = sha256(whole);
  const all = new Map(bytes).set(input_hash, () => whole);
  return { data: { ...about, input_hash }, bytes: all };
}

/** A worker's message about a parcel that is on its way. */
export async function heard(
  box: Outbox,
  one: Pending,
  message: Exclude<ToDriver, { readonly is: "ended" }>,
): Promise<void> {
  const { token, worker } = message;
  if (!one.deliveries.has(token)) {
    loseBut(box, one, token);
    one.deliveries.set(token, { worker });
    one.parcel.on_delivery({ worker, delivery: token });
  }
  const current = [...one.deliveries.keys()].at(-1) === token;
  if (message.is === "said") {
    const { progress } = message;
    one.deliveries.set(token, { worker, progress });
    if (current) one.parcel.on_progress(progress);
    else box.on_lost(lostOf(one, { token, worker, progress }));
  }
  if (message.is === "asked" || message.is === "wants") await answer(box, one, message, current);
}

type Question = Extract<ToDriver, { readonly is: "asked" | "wants" }>;

async function answer(box: Outbox, one: Pending, question: Question, current: boolean) {
  const { ask, token, worker } = question;
  const name = `${token} ${ask}`;
  const found = one.answers.get(name) ?? replyTo(box, one, { ...question, current });
  // A slice of a budget is given once; bytes may have gone since.
  if (question.is === "asked") one.answers.set(name, found);
  await tellWorker(box, worker, await found);
}

async function replyTo(
  box: Outbox,
  one: Pending,
  { current, ...question }: Question & { readonly current: boolean },
): Promise<ToWorker> {
  const { ask } = question;
  try {
    if (!current) throw passedOn(one);
    return { is: "answer", ask, body: await answerTo(box, one, question) };
  } catch (error) {
    return { is: "refusal", ask, fault: carryFault(error) };
  }
}

function passedOn({ data: { unit } }: Pending): Fault {
  return new Fault("lease_lost", `${unit} was given to another worker`, {
    hint: "nothing to do: the other worker's result counts",
  });
}

async function answerTo(
  { keys, freight }: Outbox,
  { parcel, bytes }: Pending,
  question: Question,
): Promise<Json> {
  if (question.is === "asked") return await parcel.answer(question.topic, question.body);
  const { hash } = question;
  const found = await bytes.get(hash)?.();
  if (found === undefined) return false;
  // Redacting them would change their hash; who makes a parcel does that before.
  if (redactBytes(found) !== found)
    throw new Fault("bytes_missing", `the bytes of ${hash} hold a secret, and are not sent`, {
      hint: "take the secret out of the files that the unit needs",
    });
  await freight.put(keys.supply(hash), found);
  return true;
}

/** What came back. Throws the fault that the worker met; `bytes_missing` where the result is gone. */
export async function delivered<O>(
  { output }: Pick<Errand<never, O>, "output">,
  result: JobResult,
  { keys, freight }: Pick<Outbox, "keys" | "freight">,
): Promise<Delivered<O>> {
  if (result.fault) throw carriedAsFault(result.fault);
  const fetched = new Map<string, Promise<Uint8Array>>();
  const fetch = async (hash: string) => {
    const name = keys.result(result.token, hash);
    const bytes = verified(hash, await freight.get(name));
    await freight.drop(name);
    return bytes;
  };
  const get = async (hash: string) => {
    const known = fetched.get(hash) ?? fetch(hash);
    fetched.set(hash, known);
    return await known;
  };
  const { output_hash: hash } = result;
  const stored = hash === undefined ? result.output : JSON.parse(textOf(await get(hash)));
  const read = output.safeParse(stored);
  if (read.success) return { output: read.data, blobs: { get } };
  throw new Fault("internal", `a worker's result is not what it should be: ${read.error.message}`, {
    hint: "run the same command again; where it happens again, report it",
  });
}

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();
