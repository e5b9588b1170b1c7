// Owns running one command of an agent: its limits, the messages it posts, and what the agent is shown of it.
import { COMMAND_ENDS, type CommandEnd } from "../ends.ts";
import type { ExecResult, Sandbox } from "../sandbox/sandbox.ts";
import type { AgentJob, StepRecord } from "./agent.ts";
import { deliver } from "./deliver.ts";
import { cappedText, decoded, outputBytes } from "./observation.ts";
import { SUBMIT } from "./prompts.ts";
import { takePosted, withSendMessage } from "./send-message.ts";
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

/** For an agent's commands. None outlives the agent's time; its own limit ends the command only. */
export function commandRunner({ job, sandbox, view }: Surroundings) {
  const { config, limits, mailbox, signal } = job;
  const outbox = `${sandbox.work_path}/outbox`;
  // A command that names send_message and posts nothing may have written a script that will.
  let hasScript = false;
  return async (command: string, place: Place): Promise<Ran> => {
    const now = () => job.clock?.elapsed_ms ?? performance.now();
    const ended = now() + place.left_ms;
    const leftMs = () => Math.max(1, ended - now());
    const names = command.includes("send_message");
    const talks = mailbox !== undefined && (names || hasScript);
    const result = await sandbox.exec(talks ? withSendMessage(command, outbox) : command, {
      timeout_ms: Math.min(limits.command_timeout_ms, leftMs()),
      max_output_bytes: outputBytes(config.observation),
      signal,
    });
    const posted = talks ? await takePosted(sandbox, outbox, signal) : [];
    hasScript ||= names && posted.length === 0;
    const left_ms = Math.min(config.message_wait_ms, leftMs());
    const mail = talks
      ? await deliver(posted, { job, mailbox, step: place.step, left_ms })
      : { sent: 0, notes: [] };
    const { exit_code, timed_out, oom_killed, duration_ms } = result;
    const words = { exit_code, timed_out, oom_killed, notes: mail.notes, ...place };
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

/** The row of the table of ends that a command's end is. */
export function commandEnd(result: ExecResult): CommandEnd {
  if (result.timed_out) return "timed out";
  if (result.disk_exceeded === true) return "disk exceeded";
  if (isSubmission(result)) return "submits";
  return result.oom_killed ? "out of memory" : "ended";
}

function isSubmission({ exit_code, output }: ExecResult): boolean {
  const first = decoded(output).trimStart().split("\n", 1)[0];
  return exit_code === 0 && first?.trim() === SUBMIT;
}
