// Owns the agent `mini`: one loop around a model with one bash, until it submits or meets a limit.

import { type LimitReached, limitOf } from "../core/ends.ts";
import { sumOf } from "../core/lists.ts";
import type { Answer, ChatTurn, Model, ModelRequest } from "../model/model.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type Action, actionsOf, BASH, EARLY_END } from "./actions.ts";
import {
  type AgentJob,
  type AgentResult,
  type EarlyEnd,
  MOST_REFUSALS,
  type StepRecord,
  type TranscriptTurn,
} from "./agent.ts";
import { AgentClock, type Deadline } from "./clock.ts";
import { commandRunner, type Ran } from "./command.ts";
import { olderTurns, opaqueOf, shownTurns } from "./context.ts";
import { CutPrompts, cutReason, promptCut } from "./cut.ts";
import { isRefusedRequest, isTooLong, Lengths } from "./lengths.ts";
import { mailTexts } from "./mail.ts";
import { jobView, openingPrompts } from "./prompts.ts";
import { stepOf } from "./steps.ts";
import { endOutcome, takeWork } from "./submission.ts";
import { fill, type JobView } from "./templates.ts";

/** The default agent. Source of the protocol: mini-swe-agent's loop, with messages between agents. */
export async function miniAgent(job: AgentJob): Promise<AgentResult> {
  const model = await job.openModel();
  const sandbox = await job.openSandbox();
  using time = (job.clock ?? new AgentClock()).startLimit(job.limits.max_wall_ms, job.signal);
  const run = new MiniRun({ job, model, sandbox, time });
  for (;;) {
    job.signal.throwIfAborted();
    const limit_reached = run.limitReached();
    if (limit_reached !== null) return run.finish(limit_reached);
    if (run.isOverfull()) {
      await run.compact();
      // A summary takes time and money like any call.
      continue;
    }
    const messages_received = await run.readMail();
    const answer = await run.ask();
    if (typeof answer === "string") return run.finish(answer);
    if (await run.act(answer, messages_received)) return run.finish(null);
    if (run.isRefused) return run.finish("refused");
    if (answer.cut_at_tokens !== undefined) await run.sayLess(answer.cut_at_tokens);
  }
}

type Means = {
  readonly job: AgentJob;
  readonly model: Model;
  readonly sandbox: Sandbox;
  readonly time: Deadline;
};

class MiniRun {
  private readonly transcript: TranscriptTurn[] = [];
  private readonly steps: StepRecord[] = [];
  private readonly job: AgentJob;
  private readonly model: Model;
  private readonly sandbox: Sandbox;
  private readonly view: JobView;
  private readonly runCommand: ReturnType<typeof commandRunner>;
  private readonly task: string;
  private readonly time: Deadline;
  /** Unknown prices count as nothing. */
  private spent_usd = 0;
  /** Of the last call, until compaction was tried. */
  private prompt_tokens = 0;
  private readonly lengths = new Lengths();
  private readonly cuts = new CutPrompts();
  /** Answers in a row that the provider's filter withheld, without a command in them. */
  private refusals = 0;

  constructor({ job, model, sandbox, time }: Means) {
    this.job = job;
    this.time = time;
    this.model = model;
    this.sandbox = sandbox;
    this.view = jobView(job, sandbox.base_commit);
    this.runCommand = commandRunner({ job, sandbox, view: this.view });
    const { system, task } = openingPrompts(job, this.view);
    this.task = task;
    this.say({ role: "system", content: system });
    this.say({ role: "user", content: task });
  }

  private get step(): number {
    return this.steps.length + 1;
  }

  private say(turn: ChatTurn): void {
    this.transcript.push({ ...turn, step: this.step });
  }

  limitReached(): LimitReached | null {
    const { max_steps, max_cost_usd } = this.job.limits;
    if (this.steps.length >= max_steps) return "steps";
    if (this.time.leftMs() <= 0) return "wall time";
    return max_cost_usd !== null && this.spent_usd >= max_cost_usd ? "cost" : null;
  }

  isOverfull(): boolean {
    const { enabled, threshold_tokens } = this.job.config.compaction;
    return enabled && this.prompt_tokens > threshold_tokens;
  }

  /** Puts a summary in place of the older turns; false when there are none, or no summary came of it. */
  async compact(reason?: string): Promise<boolean> {
    this.prompt_tokens = 0;
    const { prompts, compaction } = this.job.config;
    const older = olderTurns(this.transcript, compaction.keep_turns);
    if (older === undefined) return false;
    const words = { ...this.view, task: this.task, older: older.text };
    const content = fill(prompts.summary, words);
    const turns = [{ role: "user", content }] as const;
    const answer = await this.complete({ turns, tools: [], purpose: "summary" });
    const summary = answer?.text.trim() ?? "";
    if (summary === "" || answer?.stop_reason === "filtered") return false;
    const { from_turn, until_turn } = older;
    const shown = fill(prompts.resume, { ...this.view, summary });
    const place = { from_turn, until_turn, step: this.step };
    const why = reason === undefined ? {} : { reason };
    this.transcript.push({ role: "summary", content: shown, ...place, ...why });
    return true;
  }

  /** Compacts once for a server that cuts prompts. Throws Fault `prompt_cut` when that cannot be done, or did not help. */
  async sayLess(window_tokens: number): Promise<void> {
    this.cuts.noticed(window_tokens);
    const { enabled } = this.job.config.compaction;
    if (enabled && (await this.compact(cutReason(window_tokens)))) return;
    if (this.time.leftMs() > 0) throw promptCut(window_tokens);
  }

  /** The model's answer, or the limit that was reached before one came. */
  async ask(): Promise<Answer | LimitReached> {
    try {
      return (await this.completeStep()) ?? "wall time";
    } catch (refusal) {
      const turns = shownTurns(this.transcript, this.job.config.tool_style);
      if (!isTooLong(refusal) && !this.lengths.mayBeTooLong(refusal, turns)) throw refusal;
      return await this.askShorter(refusal);
    }
  }

  /** Once more after a summary; what was refused for a reason other than its length is thrown as it was. */
  private async askShorter(refusal: unknown): Promise<Answer | LimitReached> {
    try {
      if (this.job.config.compaction.enabled && (await this.compact()))
        return (await this.completeStep()) ?? "wall time";
    } catch (error) {
      if (isTooLong(error)) return "context";
      if (!isRefusedRequest(error)) throw error;
    }
    if (this.time.leftMs() <= 0) return "wall time";
    if (isTooLong(refusal)) return "context";
    throw refusal;
  }

  get isRefused(): boolean {
    return this.refusals >= MOST_REFUSALS;
  }

  private async completeStep(): Promise<Answer | undefined> {
    const { tool_style } = this.job.config;
    const turns = shownTurns(this.transcript, tool_style);
    const tools = tool_style === "native" ? [BASH] : [];
    const answer = await this.complete({ turns, tools, purpose: "step" });
    if (answer === undefined) return undefined;
    const { input_tokens, cache_read_tokens, cache_write_tokens } = answer.usage;
    this.prompt_tokens = input_tokens + cache_read_tokens + cache_write_tokens;
    return answer;
  }

  private async complete(request: ModelRequest): Promise<Answer | undefined> {
    try {
      const answer = await this.model.complete(request, this.time.signal);
      this.spent_usd += answer.cost_usd ?? 0;
      this.lengths.answered(request.turns);
      return answer;
    } catch (error) {
      if (this.time.ended(error)) return undefined;
      throw error;
    }
  }

  /** Puts unread messages, and who has ended, into the conversation; returns how many messages there were. */
  async readMail(): Promise<number> {
    const { mailbox, agent_id, config } = this.job;
    const { message_wait_ms } = config;
    const reader = { mailbox, agent_id, step: () => this.step, message_wait_ms };
    const { received, texts } = await mailTexts(reader);
    for (const content of texts) this.say({ role: "user", content });
    return received;
  }

  /** Runs the answer's commands; true when one of them submits. */
  async act(answer: Answer, messages_received: number): Promise<boolean> {
    const started_at = new Date().toISOString();
    const { text, tool_calls } = answer;
    this.say({ role: "assistant", content: text, tool_calls, ...opaqueOf(answer) });
    const actions = actionsOf(answer, this.job.config.tool_style);
    const isWithheld = answer.stop_reason === "filtered" && actions.length === 0;
    this.refusals = isWithheld ? this.refusals + 1 : 0;
    const ran = await this.runAll(actions);
    if (actions.length === 0) this.say({ role: "user", content: this.noCall(answer) });
    const early = EARLY_END[answer.stop_reason];
    if (early !== undefined) this.say({ role: "user", content: early });
    this.steps.push({
      ...stepOf(answer, { step: this.step, started_at, messages_received }),
      exec_ms: sumOf(ran, ({ exec_ms }) => exec_ms),
      commands: ran.length,
      exit_code: ran.at(-1)?.exit_code ?? null,
      messages_sent: sumOf(ran, ({ messages_sent }) => messages_sent),
    });
    return ran.at(-1)?.submits ?? false;
  }

  /** Nothing after the submission is run, and nothing more when the time is over. */
  private async runAll(actions: readonly Action[]): Promise<Ran[]> {
    const ran: Ran[] = [];
    for (const [index, action] of actions.entries()) {
      if (this.time.leftMs() <= 0) break;
      if ("problem" in action) {
        this.observe(action, action.problem);
        continue;
      }
      const place = { step: this.step, number: index + 1, count: actions.length };
      const result = await this.runCommand(action.command, {
        ...place,
        left_ms: this.time.leftMs(),
      });
      this.observe(action, result.observation);
      ran.push(result);
      if (result.submits || this.time.leftMs() <= 0) break;
    }
    return ran;
  }

  private observe({ call_id }: Action, content: string): void {
    this.say(
      call_id === undefined
        ? { role: "user", content }
        : { role: "tool", tool_call_id: call_id, content },
    );
  }

  private noCall({ text }: Answer): string {
    return fill(this.job.config.prompts.no_call, { ...this.view, empty: text.trim() === "" });
  }

  async finish(end: EarlyEnd): Promise<AgentResult> {
    const work = await takeWork(this.sandbox, this.job.signal);
    return {
      ...work,
      outcome: endOutcome(work, end),
      limit_reached: end === null ? null : limitOf(end),
      steps: this.steps,
      transcript: this.transcript,
    };
  }
}
