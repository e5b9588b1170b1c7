// Owns the model `replay/NAME`: it answers from a recording kept beside the task.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Fault } from "../fault.ts";
import { nearest } from "../nearest.ts";
import type { Answer, Caller, Model } from "./model.ts";

const count = z.number().int().nonnegative().default(0);
const recordedCall = z.object({
  answer: z.object({
    text: z.string().default(""),
    tool_calls: z
      .array(
        z.object({
          id: z.string().optional(),
          name: z.string(),
          arguments: z.record(z.string(), z.unknown()),
        }),
      )
      .default([]),
  }),
  usage: z
    .object({
      input_tokens: count,
      output_tokens: count,
      cache_read_tokens: count,
      cache_write_tokens: count,
      reasoning_tokens: count,
    })
    .prefault({}),
});

/**
 * A model whose n-th answer is the n-th line of
 * `<task>/recordings/<name>/<setting>/features_<i>_<j>/<agent>.jsonl`. It costs nothing.
 * Throws Fault `recording_missing` or `bad_file` here, `recording_exhausted` when asked once too often.
 */
export function replayModel(name: string, caller: Caller): Model {
  const path = recordingPath(name, caller);
  const answers = readRecording(path);
  let next = 0;
  return {
    name: `replay/${name}`,
    async complete(_turns, signal) {
      signal.throwIfAborted();
      const answer = answers[next++];
      if (answer) return answer;
      throw new Fault(
        "recording_exhausted",
        `${path} holds ${answers.length} answers, and one more was asked for`,
        {
          hint: "the recording ends before the agent submits: record it again",
        },
      );
    },
  };
}

function recordingPath(name: string, caller: Caller): string {
  const folder = join(caller.task_dir, "recordings");
  const path = join(
    folder,
    name,
    caller.setting,
    `features_${caller.features.join("_")}`,
    `${caller.agent_id}.jsonl`,
  );
  if (existsSync(path)) return path;
  const known = existsSync(folder) ? readdirSync(folder) : [];
  const best = known.includes(name) ? undefined : nearest(name, known);
  throw new Fault("recording_missing", `there is no recording ${path}`, {
    hint:
      best === undefined
        ? "replay models answer only where a recording was made"
        : `did you mean replay/${best}?`,
  });
}

function readRecording(path: string): Answer[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line, index) =>
      line.trim() === "" ? [] : [recordedAnswer(line, { path, line_number: index + 1 })],
    );
}

function recordedAnswer(line: string, at: { path: string; line_number: number }): Answer {
  const place = `${at.path}:${at.line_number}`;
  const parsed = recordedCall.safeParse(parseJson(line, place));
  if (!parsed.success) throw badLine(place, z.prettifyError(parsed.error));
  const { answer, usage } = parsed.data;
  const tool_calls = answer.tool_calls.map((call, position) => ({
    ...call,
    id: call.id ?? `call_${at.line_number}_${position + 1}`,
  }));
  return { text: answer.text, tool_calls, usage, cost_usd: 0, latency_ms: 0 };
}

function parseJson(line: string, place: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw badLine(place, error instanceof Error ? error.message : String(error));
  }
}

function badLine(place: string, problem: string): Fault {
  return new Fault("bad_file", `${place}: ${problem.replaceAll("\n", " ")}`, {
    hint: "mend the recording or record it again",
  });
}
