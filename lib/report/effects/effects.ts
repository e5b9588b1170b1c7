// Owns what each message of an attempt did: edits after it was read, promises and whether they were kept, its answer. Pure.
import { isReply } from "../../labels/conversation.ts";
import { editsIn, firstEdit } from "./edits.ts";
import type {
  Answer,
  Attempted,
  FileEdit,
  JudgedPromise,
  MessageEffect,
  NamedPath,
  PathPromise,
} from "./effect.ts";
import { judgeOf } from "./judge.ts";
import { isMeant, type KnownPaths, knownPaths } from "./paths.ts";
import { readMessage } from "./promises.ts";

type Message = Attempted["messages"][number];
type Made = Attempted & {
  readonly known: KnownPaths;
  readonly paths: readonly string[];
  /** Null where calls are not known. */
  readonly edits: readonly FileEdit[] | null;
  readonly files: ReadonlyMap<string, readonly string[] | null>;
};

/**
 * One effect per message, in their order. A step is one model call with its commands: what is read at a step's beginning may change that
 * step, so edits count from the step that read; those of who promised count from the step after. "Answered" and its time are by
 * steps, else by times, else (logs that do not tell of reading) by order.
 */
export function effectsOf(attempted: Attempted): readonly MessageEffect[] {
  const files = new Map(attempted.agents.map((agent) => [agent.agent_id, agent.files]));
  const paths = [
    ...new Set([...attempted.paths, ...[...files.values()].flatMap((own) => own ?? [])]),
  ];
  const known = knownPaths(paths);
  const edits = attempted.calls && editsIn(attempted.calls, known);
  const made = { ...attempted, known, paths, edits, files };
  return attempted.messages.map((message) => effectOf(message, made));
}

function effectOf(message: Message, made: Made): MessageEffect {
  const { seq, sender, recipient: reader, content } = message;
  const isRead = message.read_at !== null || message.read_step !== null;
  const read = isRead || (made.reads_kept ? false : null);
  const { promises, paths } = readMessage(content, { sender, reader, known: made.known });
  const answer = answerTo(message, made);
  return {
    seq,
    sender,
    reader,
    read,
    answered: answer !== null,
    answer,
    edited: editedAfter(message, made),
    named: paths.map((path) => namedPath(path, message, made)),
    promises: promises.map((promise) => judged(promise, { message, made, read })),
  };
}

function editedAfter(
  { recipient, read_step }: Message,
  { messages, edits }: Made,
): FileEdit[] | null {
  if (edits === null || read_step === null) return null;
  const next = messages
    .filter((other) => other.recipient === recipient)
    .flatMap((other) => other.read_step ?? [])
    .filter((step) => step > read_step);
  const until = next.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...next);
  return edits.filter(
    ({ agent_id, step }) => agent_id === recipient && step >= read_step && step < until,
  );
}

function namedPath(
  path: string,
  { recipient, read_step }: Message,
  { files, edits }: Made,
): NamedPath {
  const handed = files.get(recipient) ?? null;
  const own = (edits ?? []).filter(
    ({ agent_id, step }) => agent_id === recipient && read_step !== null && step >= read_step,
  );
  const in_patch = handed === null ? null : handed.some((file) => isMeant(path, file));
  return { path, in_patch, step: firstEdit(own, path)?.step ?? null };
}

type Judging = { readonly message: Message; readonly made: Made; readonly read: boolean | null };

function judged(promise: PathPromise, { message, made, read }: Judging): JudgedPromise {
  const isOwn = promise.by === message.sender;
  const from = isOwn ? message.sent_step : message.read_step;
  const isAfter = (step: number) =>
    from !== null && (isOwn && promise.kind === "keep_off" ? step > from : step >= from);
  const edits = (made.edits ?? []).filter(
    ({ agent_id, step }) => agent_id === promise.by && isAfter(step),
  );
  const files = made.files.get(promise.by) ?? null;
  return judgeOf(promise, { files, known: made.paths, edits, heard: isOwn || read !== false });
}

function answerTo(message: Message, { messages, steps, reads_kept }: Made): Answer | null {
  const order =
    reads_kept || message.read_at !== null || message.read_step !== null ? "read" : "sent";
  const back = messages.find(
    (other) =>
      other.seq > message.seq &&
      other.sender === message.recipient &&
      other.recipient === message.sender &&
      isReply(other, message, order),
  );
  if (back === undefined) return null;
  const { seq, sent_step } = back;
  const [first, last] = [message.read_step, sent_step];
  if (first === null || last === null) return { seq, sent_step, steps: null, duration_ms: null };
  const own = steps.filter(
    ({ agent_id, step }) => agent_id === message.recipient && step >= first && step <= last,
  );
  const count = last - first + 1;
  const duration_ms =
    own.length < count
      ? null
      : own.reduce((sum, { model_ms, exec_ms }) => sum + model_ms + exec_ms, 0);
  return { seq, sent_step, steps: count, duration_ms };
}
