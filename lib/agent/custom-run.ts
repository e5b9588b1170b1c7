// Owns running a custom agent: its tools over a job, its limits, and its result made complete.
import type { LimitReached } from "../core/ends.ts";
import { unknownName } from "../core/nearest.ts";
import type { Answer, ChatTurn, Model } from "../model/model.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { type AgentJob, MOST_REFUSALS, type StepRecord, type TranscriptTurn } from "./agent.ts";
import { opaqueOf } from "./context.ts";
import type { FullOwnResult, OwnMailbox, OwnModel, OwnSandbox } from "./custom.ts";
import { CutPrompts } from "./cut.ts";
import { decoded } from "./observation.ts";
import { stepOf } from "./steps.ts";

type Counts = { -readonly [Field in keyof StepRecord]: StepRecord[Field] };

/** Thrown into the agent's own code at a limit; how the code handles it does not matter. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit: LimitReached | "refused";

  constructor(limit: LimitReached | "refused") {
    super(
      limit === "refused" ? "the provider refuses" : `the agent's limit of ${limit} is reached`,
    );
    this.limit = limit;
  }
}

/** What an agent did with the tools it was given. */
export class OwnRun {
  limit_reached: LimitReached | null = null;
  readonly steps: Counts[] = [];
  private readonly job: AgentJob;
  private opening: Promise<Sandbox> | undefined;
  private modelOpening: Promise<Model> | undefined;
  private conversation: readonly ChatTurn[] = [];
  private spent_usd = 0;
  private received = 0;
  /** Answers in a row that the provider's filter withheld. */
  private refusals = 0;
  private readonly cuts = new CutPrompts();

  /** `signal` ends with the agent's time. */
  constructor(job: AgentJob, signal: AbortSignal) {
    this.job = { ...job, signal };
  }

  readonly model: OwnModel = {
    complete: async ({ turns, tools = [], purpose = "step" }) => {
      this.checkLimits();
      this.modelOpening ??= this.job.openModel();
      const model = await this.modelOpening;
      const started_at = new Date().toISOString();
      const answer = await model.complete({ turns, tools, purpose }, this.job.signal);
      this.spent_usd += answer.cost_usd ?? 0;
      this.refusals = answer.stop_reason === "filtered" ? this.refusals + 1 : 0;
      if (purpose === "step") this.addStep(answer, started_at);
      const { text: content, tool_calls } = answer;
      const said = { role: "assistant", content, tool_calls, ...opaqueOf(answer) } as const;
      if (purpose === "step") this.conversation = [...turns, said];
      if (answer.cut_at_tokens !== undefined) this.cuts.noticed(answer.cut_at_tokens);
      return answer;
    },
  };

  private checkLimits(): void {
    this.job.signal.throwIfAborted();
    const { max_steps, max_cost_usd } = this.job.limits;
    if (this.steps.length >= max_steps) this.limit_reached = "steps";
    else if (max_cost_usd !== null && this.spent_usd >= max_cost_usd) this.limit_reached = "cost";
    if (this.isRefused) throw new LimitError("refused");
    if (this.limit_reached !== null) throw new LimitError(this.limit_reached);
  }

  get isRefused(): boolean {
    return this.refusals >= MOST_REFUSALS;
  }

  private addStep(answer: Answer, started_at: string): void {
    const step = this.steps.length + 1;
    this.steps.push(stepOf(answer, { step, started_at, messages_received: this.received }));
    this.received = 0;
  }

  readonly openSandbox = async (): Promise<OwnSandbox> => {
    this.opening ??= this.job.openSandbox();
    const sandbox = await this.opening;
    const { limits, signal } = this.job;
    return {
      repo_path: sandbox.repo_path,
      base_commit: sandbox.base_commit,
      exec: async (command, options = {}) => {
        const how = { timeout_ms: limits.command_timeout_ms, ...options, signal };
        const { output, ...ended } = await sandbox.exec(command, how);
        const { exit_code, timed_out, duration_ms } = ended;
        this.count({ commands: 1, exec_ms: duration_ms });
        const step = this.steps.at(-1);
        if (step !== undefined) step.exit_code = exit_code;
        return { exit_code, timed_out, duration_ms, output: decoded(output) };
      },
      get: (path) => sandbox.get(path),
      put: (path, content) => sandbox.put(path, Buffer.from(content)),
    };
  };

  /** What the agent does between two calls of its model belongs to the first of them. */
  private count(done: Partial<Pick<Counts, "commands" | "exec_ms" | "messages_sent">>): void {
    const step = this.steps.at(-1);
    if (step === undefined) return;
    step.commands += done.commands ?? 0;
    step.exec_ms += done.exec_ms ?? 0;
    step.messages_sent += done.messages_sent ?? 0;
  }

  mailbox(): OwnMailbox | undefined {
    const { mailbox, agent_id, partners, signal } = this.job;
    if (mailbox === undefined) return undefined;
    return {
      send: async (to, content) => {
        if (to !== "all" && !partners.includes(to))
          throw new RangeError(unknownName("partner", to, [...partners, "all"]));
        const sent_step = Math.max(1, this.steps.length);
        for (const recipient of to === "all" ? partners : [to]) {
          await mailbox.send({ sender: agent_id, recipient, content, sent_step });
          this.count({ messages_sent: 1 });
        }
      },
      receive: async () => {
        const found = await mailbox.receive(agent_id, this.steps.length + 1);
        this.received += found.length;
        const ended = mailbox.endings(agent_id).map((content) => ({ sender: "tandem", content }));
        const mail = found.map(({ sender, content, waits }) => ({
          ...{ sender, content },
          ...(waits ? { waits } : {}),
        }));
        return [...mail, ...ended];
      },
      wait: (timeout_ms) => mailbox.wait(agent_id, { timeout_ms, signal }),
    };
  }

  /** The agent's sandbox, when it opened one. */
  sandbox(): Promise<Sandbox> | undefined {
    return this.opening;
  }

  /** What was last said to the model and by it. */
  transcript(given: FullOwnResult["transcript"]): TranscriptTurn[] {
    let answers = 0;
    return (given ?? this.conversation).map((turn) => {
      if (turn.role === "assistant") answers++;
      return { step: Math.max(1, answers), ...turn };
    });
  }

  stepRecords(given: FullOwnResult["steps"]): StepRecord[] {
    const now = new Date().toISOString();
    return given?.map((row, at) => ({ started_at: now, ...row, step: at + 1 })) ?? this.steps;
  }
}
