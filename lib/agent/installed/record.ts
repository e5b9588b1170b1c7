// Owns what an agent program did as the gateway's port saw it: steps, transcript, spending, and the limits that it reached.
import { type LimitReached, limitOf } from "../../core/ends.ts";
import { commandIn, exitCodeIn, type ShellTool } from "../../core/shell-calls.ts";
import type { ChatTurn, ToolCall } from "../../model/model.ts";
import type { PortExchange } from "../../model/port/contract.ts";
import {
  type EarlyEnd,
  type Limits,
  MOST_REFUSALS,
  type SeenCommand,
  type StepRecord,
  type TranscriptTurn,
} from "../agent.ts";
import { opaqueOf } from "../context.ts";
import { CutPrompts } from "../cut.ts";
import { stepOf } from "../steps.ts";

type Counts = { -readonly [Field in keyof StepRecord]: StepRecord[Field] };

/** Refuses a call of a program that has reached a limit. */
export class LimitError extends Error {
  override readonly name = "LimitError";

  constructor(end: NonNullable<EarlyEnd>) {
    super(
      end === "refused"
        ? "the provider's filter refuses; end now"
        : `the limit of ${end} is reached: end now, your work is saved`,
    );
  }
}

export class ProgramRecord {
  readonly steps: Counts[] = [];
  readonly transcript: TranscriptTurn[] = [];
  readonly commands: { -readonly [Field in keyof SeenCommand]: SeenCommand[Field] }[] = [];
  /** Why it is not to go on; null while it may. */
  end: EarlyEnd = null;
  private readonly limits: Limits;
  private readonly shell: ShellTool | undefined;
  /** Commands without a result yet, by the ids of their calls. */
  private readonly running = new Map<string, (typeof this.commands)[number]>();
  private readonly cuts = new CutPrompts();
  private spent_usd = 0;
  private dearest_usd = 0;
  private refusals = 0;
  private received = 0;

  constructor(limits: Limits, shell?: ShellTool) {
    this.limits = limits;
    this.shell = shell;
  }

  get step(): number {
    return this.steps.length + 1;
  }

  get limit_reached(): LimitReached | null {
    return this.end === null ? null : limitOf(this.end);
  }

  /** Whether one more may be asked beside so many that are under way; what they will cost is judged by the dearest so far. */
  allows(under_way: number): boolean {
    const { max_steps, max_cost_usd } = this.limits;
    const expected_usd = this.spent_usd + under_way * this.dearest_usd;
    const isPaid = max_cost_usd === null || expected_usd < max_cost_usd;
    return isPaid && this.steps.length + under_way < max_steps;
  }

  /** Throws LimitError when no further call is allowed. */
  check(): void {
    const { max_steps, max_cost_usd } = this.limits;
    if (this.steps.length >= max_steps) this.end ??= "steps";
    if (max_cost_usd !== null && this.spent_usd >= max_cost_usd) this.end ??= "cost";
    if (this.refusals >= MOST_REFUSALS) this.end ??= "refused";
    if (this.end !== null) throw new LimitError(this.end);
  }

  /** An answered call. Throws Fault `prompt_cut` when the server goes on cutting prompts. */
  heard({ request, answer, helper }: PortExchange): void {
    this.spent_usd += answer.cost_usd ?? 0;
    this.dearest_usd = Math.max(this.dearest_usd, answer.cost_usd ?? 0);
    if (request.purpose !== "step") return;
    const place = { step: this.step, ...(helper === undefined ? {} : { helper }) };
    for (const turn of newTurns(request.turns, this.steps.length === 0)) {
      if (turn.role === "tool") this.ended(turn.tool_call_id, turn.content);
      this.transcript.push({ ...turn, ...place });
    }
    const { text: content, tool_calls } = answer;
    const said = { role: "assistant", content, tool_calls, ...opaqueOf(answer) } as const;
    this.transcript.push({ ...said, ...place });
    const withheld = answer.stop_reason === "filtered" && tool_calls.length === 0;
    this.refusals = withheld ? this.refusals + 1 : 0;
    const started_at = new Date(Date.now() - answer.latency_ms).toISOString();
    const messages_received = this.received;
    const commands = this.begin(tool_calls);
    this.steps.push({ ...stepOf(answer, { started_at, messages_received, ...place }), commands });
    this.received = 0;
    if (answer.cut_at_tokens !== undefined) this.cuts.noticed(answer.cut_at_tokens);
  }

  /** Notes the commands of an answer, whose number is returned. */
  private begin(calls: readonly ToolCall[]): number {
    const found = calls.flatMap((call) => {
      const command = commandIn(call, this.shell);
      return command === undefined ? [] : [{ id: call.id, command }];
    });
    for (const { id, command } of found) {
      const begun = { step: this.step, command, exit_code: null };
      this.commands.push(begun);
      this.running.set(id, begun);
    }
    return found.length;
  }

  private ended(id: string, result: string): void {
    const command = this.running.get(id);
    if (command === undefined) return;
    this.running.delete(id);
    command.exit_code = exitCodeIn(result);
    const step = this.steps[command.step - 1];
    const last = this.commands.findLast((one) => one.step === command.step);
    if (step !== undefined && last === command) step.exit_code = command.exit_code;
  }

  sent(messages: number): void {
    const step = this.steps.at(-1);
    if (step !== undefined) step.messages_sent += messages;
  }

  read(messages: number): void {
    this.received += messages;
  }
}

/** What a request adds: all of the first, then what stands behind the last answer; all of one that starts over. */
function newTurns(turns: readonly ChatTurn[], isFirst: boolean): readonly ChatTurn[] {
  const last = turns.findLastIndex(({ role }) => role === "assistant");
  return isFirst || last === -1 ? turns : turns.slice(last + 1);
}
