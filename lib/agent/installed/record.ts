// Owns what an agent program did as the gateway's port saw it: steps, transcript, spending, and the limits that it reached.
import { type LimitReached, limitOf } from "../../core/ends.ts";
import type { ChatTurn } from "../../model/model.ts";
import type { PortExchange } from "../../model/port/contract.ts";
import {
  type EarlyEnd,
  type Limits,
  MOST_REFUSALS,
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
  /** Why it is not to go on; null while it may. */
  end: EarlyEnd = null;
  private readonly limits: Limits;
  private readonly cuts = new CutPrompts();
  private spent_usd = 0;
  private dearest_usd = 0;
  private refusals = 0;
  private received = 0;

  constructor(limits: Limits) {
    this.limits = limits;
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
  heard({ request, answer }: PortExchange): void {
    this.spent_usd += answer.cost_usd ?? 0;
    this.dearest_usd = Math.max(this.dearest_usd, answer.cost_usd ?? 0);
    if (request.purpose !== "step") return;
    for (const turn of newTurns(request.turns, this.steps.length === 0))
      this.transcript.push({ ...turn, step: this.step });
    const { text: content, tool_calls } = answer;
    const said = { role: "assistant", content, tool_calls, ...opaqueOf(answer) } as const;
    this.transcript.push({ ...said, step: this.step });
    const withheld = answer.stop_reason === "filtered" && tool_calls.length === 0;
    this.refusals = withheld ? this.refusals + 1 : 0;
    const started_at = new Date(Date.now() - answer.latency_ms).toISOString();
    const place = { step: this.step, started_at, messages_received: this.received };
    this.steps.push({ ...stepOf(answer, place), commands: tool_calls.length });
    this.received = 0;
    if (answer.cut_at_tokens !== undefined) this.cuts.noticed(answer.cut_at_tokens);
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
