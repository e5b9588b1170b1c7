// Owns having an attempt made by another process: what it is sent, and what comes back, ready to be kept here.
import { z } from "zod";
import type { AttemptRecord } from "../../db/attempts.ts";
import type { PlannedAttempt } from "../attempt/planned.ts";
import { type AttemptPlan, featuresOf, type MadeAttempt } from "../attempt/unit.ts";
import { Fault } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { GOLD_AGENT } from "../core/gold.ts";
import { attemptKey } from "../core/keys.ts";
import { redactDeep } from "../core/redact.ts";
import type { TaskFiles } from "../sandbox/sandbox.ts";
import type { Held } from "../work/work.ts";
import { carryAgent } from "./agent-file.ts";
import { openAnswers } from "./answers.ts";
import { type AttemptInput, attemptErrand, FILES, PATCHES, RECORD } from "./attempt.ts";
import { unpackBundle, writeEntries } from "./bundle.ts";
import type { Send } from "./errand.ts";
import { carryGateway } from "./gateway.ts";
import { heldFar } from "./held-far.ts";
import { bytesOf } from "./kept.ts";
import { carryMailroom } from "./mailroom.ts";
import { type Outgoing, openOutgoing } from "./outgoing.ts";
import { carryRecording } from "./replay.ts";
import { carryPlace, carryTask } from "./task.ts";

/** No answer is waited for longer, milliseconds. */
const CALL_TIMEOUT_MS = 10 * 60_000;

type Unit = Pick<PlannedAttempt, "attempt" | "pair_key">;

/** Has one attempt made that this process holds. Throws what breaks it there. */
export async function sendAttempt(
  send: Send,
  plan: AttemptPlan,
  { unit, held }: { readonly unit: Unit; readonly held: Held },
): Promise<MadeAttempt> {
  const { gateway } = plan;
  const signal = AbortSignal.any([plan.signal, held.signal]);
  const task = plan.taskOf(unit.pair_key);
  const outgoing = openOutgoing();
  const input = redactDeep(await inputOf(plan, { unit, task, outgoing }));
  const key = attemptKey(unit.attempt);
  const { setting } = plan.config;
  const caller = {
    attempt_key: key,
    task_dir: "",
    setting,
    features: unit.attempt.features,
    agent_id: "",
  };
  using answers = openAnswers({ gateway, caller, signal, on_cost: () => held.say() });
  const told = heldFar(held, answers);
  const { output, blobs } = await send(attemptErrand, {
    ...{ unit: key, claim: held.holder.claim, input, bytes: outgoing.bytes, signal },
    ...told,
    answer: answers.answer,
  });
  return madeOf(key, await bytesOf(blobs, output.bundle));
}

type Parts = { readonly unit: Unit; readonly task: TaskFiles; readonly outgoing: Outgoing };

async function inputOf(plan: AttemptPlan, { unit, task, outgoing }: Parts): Promise<AttemptInput> {
  const { ledger, config, log_dir, gateway, backend } = plan;
  const { model, base_url, agent_config } = config;
  const options = agent_config?.model ?? {};
  const features = featuresOf(ledger, unit.attempt, task).map(({ gold_patch, ...feature }) => ({
    ...feature,
    gold_patch: config.agent === GOLD_AGENT ? outgoing.add("a patch", gold_patch) : null,
  }));
  return {
    attempt: { ...unit.attempt, features: [...unit.attempt.features] },
    config: { ...config, base_url: null },
    features,
    task: carryTask(task, outgoing),
    agent: await carryAgent(config.agent, outgoing),
    recording: carryRecording({ attempt: unit.attempt, log_dir, config }, outgoing),
    gateway:
      gateway === undefined || model === null
        ? null
        : carryGateway(gateway, { model, base_url, options, call_timeout_ms: CALL_TIMEOUT_MS }),
    mailroom: carryMailroom(plan.redis),
    place: await carryPlace(backend, task),
  };
}

const row = z.looseObject({ attempt_key: z.string() });
const rows = z.array(row);
/** The ledger knows the columns; here it is seen that all of it is of this attempt. */
const record = z.object({
  ...{ attempt: row, agents: rows, steps: rows, calls: rows, messages: rows },
  commands: rows.default([]),
});

/** Throws Fault `bad_file` for what is not this attempt. */
function madeOf(key: string, bundle: Uint8Array): MadeAttempt {
  const entries = unpackBundle(bundle);
  const below = (folder: string) =>
    entries
      .filter(({ path }) => path.startsWith(folder))
      .map((entry) => ({ ...entry, path: entry.path.slice(folder.length) }));
  const patches = below(PATCHES).map(({ path, bytes }) => ({ hash: path, bytes }));
  const text = entries.find(({ path }) => path === RECORD)?.bytes ?? new Uint8Array();
  const parsed = record.safeParse(JSON.parse(Buffer.from(text).toString("utf8") || "null"));
  const own =
    parsed.success &&
    Object.values(parsed.data)
      .flat()
      .every((one) => one.attempt_key === key);
  if (!own || patches.some(({ hash, bytes }) => sha256(bytes) !== hash))
    throw new Fault("bad_file", `what a worker made is not ${key}`, {
      hint: "caller and worker must be of the same version",
    });
  return {
    record: { ...(parsed.data as unknown as Omit<AttemptRecord, "patches">), patches },
    fill: (folder) => writeEntries(folder, below(FILES)),
  };
}
