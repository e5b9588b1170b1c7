// Owns running one command of an agent: its limits, the messages it posts, and what the agent is shown of it.
import { COMMAND_ENDS, type CommandEnd } from "../core/ends.ts";
import type { ExecResult, Sandbox } from "../sandbox/sandbox.ts";
import type { AgentJob, StepRecord } from "./agent.ts";
import { deliver } from "./deliver.ts";
import { cappedText, decoded, outputBytes } from "./observation.ts";
import { SUBMIT } from "./prompts.ts";
import {
  addSendMessage,
  hasPosted,
  MOST_MESSAGES,
  outboxOf,
  SEND_MESSAGE,
  takePosted,
} from "./send-message.ts";
import { fill, type JobView } from "./templates.ts";

export type Ran = Pick<StepRecord, "exec_ms" | "messages_sent"> & {
  readonly exit_code: number;
  /** What the agent is shown. */
  readonly observation: string;
  readonly submits: boolean;
};

type Place = {
  readonly step: number;
  /** Which of the answer's commands it is, from 1. */
  readonly number: number;
  readonly count: number;
  /** Milliseconds until the agent's time is over. */
  readonly left_ms: number;
};
type Surroundings = {
  readonly job: AgentJob;
  readonly sandbox: Sandbox;
  readonly view: JobView;
};

/** For an agent's commands. None outlives the agent's time; a command's own limit ends only that command. */
export function commandRunner({ job, sandbox, view }: Surroundings) {
  const { config, limits, mailbox, signal } = job;
  let added: Promise<void> | undefined;
  // Replays keep to the order of commands, and earlier runs collected messages after each of them, whether something was posted or not.
  let hasScript = false;
  return async (command: string, place: Place): Promise<Ran> => {
    const now = () => job.clock?.elapsed_ms ?? performance.now();
    const ended = now() + place.left_ms;
    const leftMs = () => Math.max(1, ended - now());
    if (mailbox !== undefined) {
      added ??= addSendMessage(sandbox);
      await added;
    }
    const result = await sandbox.exec(command, {
      timeout_ms: Math.min(limits.command_timeout_ms, leftMs()),
      max_output_bytes: outputBytes(config.observation),
      signal,
    });
    const names = command.includes(SEND_MESSAGE);
    const talks = mailbox !== undefined && (names || hasScript || (await hasPosted(sandbox)));
    const { posted, unsent } = talks
      ? await takePosted(sandbox, outboxOf(sandbox), signal)
      : NOTHING_POSTED;
    hasScript ||= names && posted.length === 0;
    const left_ms = Math.min(config.message_wait_ms, leftMs());
    const mail = talks
      ? await deliver(posted, { job, mailbox, step: place.step, left_ms })
      : { sent: 0, notes: [] };
    const { exit_code, timed_out, oom_killed, duration_ms } = result;
    const notes = [...leftRunning(result), ...mail.notes, ...tooMany(unsent)];
    const words = { exit_code, timed_out, oom_killed, notes, ...place };
    const output = cappedText(result, config.observation);
    const several = config.tool_style === "fenced" && place.count > 1;
    return {
      exec_ms: duration_ms,
      messages_sent: mail.sent,
      exit_code,
      observation: fill(config.prompts.observation, { ...view, ...words, several, output }),
      submits: COMMAND_ENDS[commandEnd(result)].agent === "submits",
    };
  };
}

/** The row of the table of ends for a command's end. */
export function commandEnd(result: ExecResult): CommandEnd {
  if (result.timed_out) return "timed out";
  if (result.disk_exceeded === true) return "disk exceeded";
  if (isSubmission(result)) return "submits";
  return result.oom_killed ? "out of memory" : "ended";
}

const NOTHING_POSTED = { posted: [], unsent: 0 } as const;

function tooMany(unsent: number): string[] {
  if (unsent === 0) return [];
  return [`[${unsent} more messages not sent: one command sends ${MOST_MESSAGES} at most]`];
}

function leftRunning({ left_running = 0 }: ExecResult): string[] {
  if (left_running === 0) return [];
  const were =
    left_running === 1
      ? "1 process left running was"
      : `${left_running} processes left running were`;
  return [`[${were} ended]`];
}

function isSubmission({ exit_code, output }: ExecResult): boolean {
  const first = decoded(output).trimStart().split("\n", 1)[0];
  return exit_code === 0 && first?.trim() === SUBMIT;
}
