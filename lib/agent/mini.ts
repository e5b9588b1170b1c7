// Owns the agent `mini`: one loop around a model with one bash tool, until it submits or meets a limit.
import {
  type Answer,
  addUsage,
  type ChatTurn,
  type Model,
  NO_USAGE,
  type ToolCall,
} from "../model/model.ts";
import type { ExecResult, Sandbox } from "../sandbox/sandbox.ts";
import type { AgentJob, AgentResult, StepRecord, TranscriptTurn } from "./agent.ts";
import { deliver } from "./deliver.ts";
import { openingPrompts } from "./prompts.ts";
import { takePosted, withSendMessage } from "./send-message.ts";
import { takeWork } from "./submission.ts";

const SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";
const OBSERVATION_BYTES = 16_000;
/** Timers take a signed 32-bit number of milliseconds, about 24 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The default agent. Source of the protocol: mini-swe-agent's loop, with messages between agents. */
export async function miniAgent(job: AgentJob): Promise<AgentResult> {
  const model = await job.openModel();
  const run = new MiniRun(job, await job.openSandbox());
  for (;;) {
    job.signal.throwIfAborted();
    const limit_reached = run.limitReached();
    if (limit_reached !== null) return run.finish(limit_reached);
    const received = await run.readMail();
    const answer = await run.ask(model);
    if (answer === undefined) return run.finish("wall time");
    if (await run.act(answer, received)) return run.finish(null);
  }
}

class MiniRun {
  readonly turns: TranscriptTurn[] = [];
  readonly steps: StepRecord[] = [];
  readonly job: AgentJob;
  readonly sandbox: Sandbox;
  private readonly started = performance.now();

  constructor(job: AgentJob, sandbox: Sandbox) {
    this.job = job;
    this.sandbox = sandbox;
    const { system, task } = openingPrompts(job);
    this.say({ role: "system", content: system });
    this.say({ role: "user", content: task });
  }

  private say(turn: ChatTurn): void {
    this.turns.push({ ...turn, at: new Date().toISOString(), step: this.steps.length + 1 });
  }

  private leftMs(): number {
    return this.job.limits.max_wall_ms - (performance.now() - this.started);
  }

  limitReached(): AgentResult["limit_reached"] {
    const { limits } = this.job;
    if (this.steps.length >= limits.max_steps) return "steps";
    if (this.leftMs() <= 0) return "wall time";
    const cost = this.steps.reduce((sum, step) => sum + (step.cost_usd ?? 0), 0);
    return limits.max_cost_usd !== null && cost >= limits.max_cost_usd ? "cost" : null;
  }

  /** The model's answer; undefined when the agent's time was over first. */
  async ask(model: Model): Promise<Answer | undefined> {
    const over = AbortSignal.timeout(Math.min(LONGEST_TIMER_MS, Math.max(0, this.leftMs())));
    try {
      return await model.complete(this.turns, AbortSignal.any([this.job.signal, over]));
    } catch (error) {
      if (over.aborted && error === over.reason) return undefined;
      throw error;
    }
  }

  /** Puts unread messages into the conversation; returns how many there were. */
  async readMail(): Promise<number> {
    const { mailbox, agent_id } = this.job;
    const unread = (await mailbox?.receive(agent_id, this.steps.length + 1)) ?? [];
    for (const message of unread)
      this.say({ role: "user", content: `[Message from ${message.sender}]: ${message.content}` });
    return unread.length;
  }

  /** Runs the answer's commands; true when one of them submits. */
  async act(answer: Answer, messages_received: number): Promise<boolean> {
    const started_at = new Date().toISOString();
    const { text, tool_calls } = answer;
    this.say({ role: "assistant", content: text, tool_calls });
    const calls: CallOutcome[] = [];
    for (const call of tool_calls) {
      calls.push(await this.runCall(call));
      if (calls.at(-1)?.submitted) break;
    }
    if (tool_calls.length === 0) this.say({ role: "user", content: NO_CALL });
    this.steps.push({
      ...addUsage(NO_USAGE, answer.usage),
      step: this.steps.length + 1,
      started_at,
      model_ms: answer.latency_ms,
      exec_ms: calls.reduce((sum, call) => sum + call.exec_ms, 0),
      commands: calls.filter((call) => call.exit_code !== null).length,
      exit_code: calls.findLast((call) => call.exit_code !== null)?.exit_code ?? null,
      messages_sent: calls.reduce((sum, call) => sum + call.messages_sent, 0),
      messages_received,
      cost_usd: answer.cost_usd,
    });
    return calls.at(-1)?.submitted ?? false;
  }

  private async runCall(call: ToolCall): Promise<CallOutcome> {
    const command = call.arguments.command;
    if (call.name !== "bash" || typeof command !== "string") {
      this.say({ role: "tool", tool_call_id: call.id, content: badCall(call) });
      return { submitted: false, exec_ms: 0, messages_sent: 0, exit_code: null };
    }
    const { result, mail } = await this.runCommand(command);
    this.say({ role: "tool", tool_call_id: call.id, content: observation(result, mail.notes) });
    return {
      submitted: isSubmission(result),
      exec_ms: result.duration_ms,
      messages_sent: mail.sent,
      exit_code: result.exit_code,
    };
  }

  private async runCommand(command: string) {
    const { mailbox, limits, signal } = this.job;
    const outbox = `${this.sandbox.work_path}/outbox`;
    const talks = mailbox !== undefined && command.includes("send_message");
    const result = await this.sandbox.exec(talks ? withSendMessage(command, outbox) : command, {
      timeout_ms: Math.max(1, Math.min(limits.command_timeout_ms, this.leftMs())),
      max_output_bytes: OBSERVATION_BYTES,
      signal,
    });
    if (!talks) return { result, mail: { sent: 0, notes: [] } };
    const posted = await takePosted(this.sandbox, outbox, signal);
    const step = this.steps.length + 1;
    const delivery = { job: this.job, mailbox, step, left_ms: this.leftMs() };
    return { result, mail: await deliver(posted, delivery) };
  }

  async finish(limit_reached: AgentResult["limit_reached"]): Promise<AgentResult> {
    const work = await takeWork(this.sandbox, this.job.signal);
    const handedIn = work.patch.length === 0 ? "empty patch" : "submitted";
    return {
      ...work,
      outcome: limit_reached === null ? handedIn : "limit reached",
      limit_reached,
      steps: this.steps,
      transcript: this.turns,
    };
  }
}

type CallOutcome = Pick<StepRecord, "exec_ms" | "messages_sent" | "exit_code"> & {
  submitted: boolean;
};

const NO_CALL = `Your answer had no tool call. Call the tool \`bash\` with one command; to hand in, write patch.txt and run: echo ${SUBMIT}`;

function badCall(call: ToolCall): string {
  if (call.name !== "bash") return `There is no tool "${call.name}": the only one is bash.`;
  return 'The tool bash takes one argument, a text: {"command": "…"}.';
}

function isSubmission(result: ExecResult): boolean {
  const first = Buffer.from(result.output).toString("utf8").trimStart().split("\n", 1)[0];
  return result.exit_code === 0 && first?.trim() === SUBMIT;
}

function observation(result: ExecResult, notes: readonly string[]): string {
  const status = result.timed_out
    ? "the command was killed at its time limit"
    : `exit status ${result.exit_code}`;
  return [`[${status}]`, Buffer.from(result.output).toString("utf8"), ...notes].join("\n");
}
