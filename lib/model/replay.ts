// Owns answering from recorded calls: which recording is whose, and where a replay first went another way.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Fault } from "../core/fault.ts";
import { attemptKey, parseAttemptKey } from "../core/keys.ts";
import { near } from "../core/nearest.ts";
import type { Caller, ChatTurn } from "./model.ts";
import { type Answered, RECORDING_FILES, type RecordedCall, readRecording } from "./recording.ts";
import { canonicalJson, type SealedRequest, sharedTurns } from "./request.ts";

/** The first request of a replay that is not the recorded one; `seq` counts an agent's calls from 1. */
export type Divergence = {
  readonly agent_id: string;
  readonly seq: number;
  /** For people: the first turn that differs, as it was recorded and as it is now. */
  readonly what: string;
};

/** Recorded answers, one after the other. */
export type Replay = {
  readonly divergence: Divergence | undefined;
  /** The next answer; throws Fault `recording_exhausted` when there is none. */
  readonly answer: (request: SealedRequest) => Answered;
};

/**
 * Answers from the recording at `path`: each request has the answer that was recorded for it, since programs ask some
 * things side by side, and not always in the same order. A request that was not recorded has the next answer of its
 * purpose; the first such request is kept and told, and the answers go on. Lines without a request are not compared.
 * Throws Fault `bad_file` for a recording that cannot be read.
 */
export function openReplay(
  path: string,
  agent_id: string,
  on_divergence: (divergence: Divergence) => void,
): Replay {
  const calls = readRecording(path);
  const left = new Set(calls);
  let asked = 0;
  let divergence: Divergence | undefined;
  const compare = (call: RecordedCall, request: SealedRequest) => {
    if (divergence !== undefined || call.request === undefined) return;
    if (call.request.sha256 === request.sha256) return;
    divergence = { agent_id, seq: asked, what: firstDifference(call.request, request) };
    on_divergence(divergence);
  };
  return {
    get divergence() {
      return divergence;
    },
    answer(request) {
      asked++;
      const call = nextFor(request, left);
      if (call === undefined) throw exhausted(path, calls.length);
      left.delete(call);
      compare(call, request);
      const { request: _recorded, ...answered } = call;
      return answered;
    },
  };
}

/** Side calls and steps never answer each other: a title is not a step. */
function nextFor(request: SealedRequest, left: ReadonlySet<RecordedCall>) {
  const isSide = (one: SealedRequest) => one.purpose === "side";
  const isAlike = ({ request: recorded }: RecordedCall) =>
    recorded === undefined || isSide(recorded) === isSide(request);
  return (
    left.values().find((call) => call.request?.sha256 === request.sha256) ??
    left.values().find(isAlike)
  );
}

/**
 * `<task>/recordings/<name>/<setting>/features_<i>_<j>/<agent>.jsonl`: what the model `replay/<name>` answers from.
 * Throws Fault `recording_missing`, with the nearest name.
 */
export function recordingOfTask(name: string, caller: Caller): string {
  const folder = join(caller.task_dir, "recordings");
  const pair = `features_${caller.features.join("_")}`;
  const path = join(folder, name, caller.setting, pair, `${caller.agent_id}.jsonl`);
  if (existsSync(path)) return path;
  const known = namesIn(folder);
  if (known.length === 0 || known.includes(name)) throw missing(path, undefined);
  const best = near(name, known);
  const all = known.map((one) => `replay/${one}`).join(", ");
  throw missing(path, best === undefined ? `its task has ${all}` : meant(`replay/${best}`));
}

/**
 * `<log_dir>/<run>/<the attempt's pair and try>/<agent, or solo>/calls.jsonl.zst`, or `calls.jsonl` in older logs: what
 * `--replay RUN` answers from.
 * Throws Fault `recording_missing`, with the nearest run.
 */
export function recordingOfRun(
  { log_dir, run }: { readonly log_dir: string; readonly run: string },
  caller: Caller,
): string {
  const attempt = attemptKey({ ...parseAttemptKey(caller.attempt_key), run });
  const agent = caller.setting === "solo" ? "solo" : caller.agent_id;
  const paths = RECORDING_FILES.map((name) => join(log_dir, attempt, agent, name));
  const path = paths.find((candidate) => existsSync(candidate));
  if (path !== undefined) return path;
  const known = namesIn(log_dir);
  const best = known.includes(run) ? undefined : near(run, known);
  const file = join(log_dir, attempt, agent, RECORDING_FILES[0]);
  throw missing(file, best === undefined ? undefined : meant(`--replay ${best}`));
}

function namesIn(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => !name.startsWith("."));
}

function meant(what: string): string {
  return `did you mean ${what}?`;
}

function missing(path: string, help: string | undefined): Fault {
  return new Fault("recording_missing", `there is no recording ${path}`, {
    hint:
      help ??
      "answers can be repeated only where they were recorded: the same pair, try and setting",
  });
}

function exhausted(path: string, answers: number): Fault {
  return new Fault(
    "recording_exhausted",
    `${path} holds ${answers} answers, and one more was requested`,
    { hint: "the recording ends before the agent submits: record it again" },
  );
}

function firstDifference(recorded: SealedRequest, now: SealedRequest): string {
  const index = sharedTurns(recorded, now);
  const [before, after] = [recorded.turns[index]?.turn, now.turns[index]?.turn];
  if (before !== undefined && after !== undefined) return differingTurn(index, before, after);
  if (after !== undefined) return `turn ${index + 1} (${after.role}) is new: ${cut(shown(after))}`;
  if (before !== undefined)
    return `turn ${index + 1} (${before.role}) is missing: ${cut(shown(before))}`;
  const parts = ["options", "purpose", "tools"] as const;
  const part = parts.find((name) => canonicalJson(recorded[name]) !== canonicalJson(now[name]));
  if (part === undefined) return "the requests differ";
  return `the ${part} differ: ${bothTexts(canonicalJson(recorded[part]), canonicalJson(now[part]))}`;
}

function differingTurn(index: number, before: ChatTurn, after: ChatTurn): string {
  const role = before.role === after.role ? after.role : `${before.role}, now ${after.role}`;
  return `turn ${index + 1} (${role}) differs: ${bothTexts(shown(before), shown(after))}`;
}

/** Both texts from shortly before the place where they part. */
function bothTexts(before: string, after: string): string {
  const length = Math.max(before.length, after.length);
  let same = 0;
  while (same < length && before[same] === after[same]) same++;
  return `recorded ${cut(before, same)}, now ${cut(after, same)}`;
}

const SHOWN = 200;
const LEAD = 40;

function cut(text: string, around = 0): string {
  const from = Math.max(0, around - LEAD);
  const piece = text.slice(from, from + SHOWN);
  const rest = from + SHOWN < text.length ? "…" : "";
  return `${from > 0 ? "…" : ""}${JSON.stringify(piece)}${rest}`;
}

/** A turn as people would read it; what tells it from another may be in its calls, or only the provider's to read. */
function shown(turn: ChatTurn): string {
  if (turn.role === "tool") return `${turn.content} [answers ${turn.tool_call_id}]`;
  if (turn.role !== "assistant") return turn.content;
  const calls = turn.tool_calls.map((call) => canonicalJson(call));
  const opaque = turn.opaque === undefined ? [] : [canonicalJson(turn.opaque)];
  return [turn.content, ...calls, ...opaque].join(" ");
}
