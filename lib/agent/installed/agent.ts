// Owns running an agent program to its end: started in its sandbox, served by the gateway's port, held to its limits.
import { Fault } from "../../core/fault.ts";
import type { Admission, Port } from "../../model/port/contract.ts";
import { FileTooLarge } from "../../sandbox/beneath.ts";
import type { ExecResult, Sandbox } from "../../sandbox/sandbox.ts";
import type { Agent, AgentJob, AgentResult, OwnRecord } from "../agent.ts";
import { AgentClock } from "../clock.ts";
import { isTooLong } from "../lengths.ts";
import { endOutcome, takeWork } from "../submission.ts";
import { openBridge, promptOver } from "./acp.ts";
import { channelTools } from "./channels.ts";
import { addChannels, addOrigin } from "./commands.ts";
import { noteOf, notStarted, recordPath, withNote } from "./ending.ts";
import { layPlace, type Place } from "./place.ts";
import type { Program } from "./program.ts";
import { programPrompt } from "./prompt.ts";
import { LimitError, ProgramRecord } from "./record.ts";
import { BRIDGE_VARIABLE, bridgedCommand, commandOf, MOST_RECORD_BYTES } from "./shell.ts";

/** Of what a program prints, head and tail. */
const SHOWN_BYTES = 64 * 1024;
/** The clock of the agent ends it, which may stand still: no timer of the sandbox does. */
const LONGEST_MS = 2 ** 31 - 1;

/** Why a program was ended that had asked for nothing. */
class Silent extends Error {}

/** The program as an agent. Throws Fault `agent_failed` when it ends before it has asked its model anything. */
export function installedAgent(program: Program): Agent {
  return async (job) => {
    const { port } = job;
    if (port === undefined) throw new RangeError(`${program.name} needs the gateway's port`);
    const sandbox = await job.openSandbox();
    using time = (job.clock ?? new AgentClock()).startLimit(job.limits.max_wall_ms, job.signal);
    using run = new ProgramRun({ program, job, port, sandbox, time_signal: time.signal });
    const ended = await run.play().catch((error: unknown) => {
      if (time.ended(error)) run.record.end ??= "wall time";
      else if (!run.wasEnded(error)) throw error;
      return undefined;
    });
    return await run.finish(ended);
  };
}

type Means = {
  readonly program: Program;
  readonly job: AgentJob;
  readonly port: Port;
  readonly sandbox: Sandbox;
  /** Ends with the agent's time, or the run. */
  readonly time_signal: AbortSignal;
};

class ProgramRun implements Disposable {
  readonly record: ProgramRecord;
  private readonly means: Means;
  private readonly ending = new AbortController();
  private readonly admission: Admission;
  private timer: Timer | undefined;
  private asked = false;
  private place: Place | undefined;
  private trouble: unknown;

  constructor(means: Means) {
    const { job, port, time_signal } = means;
    this.means = means;
    this.record = new ProgramRecord(job.limits, means.program.shell);
    this.admission = port.admit({
      openModel: job.openModel,
      tools: this.tools(),
      check: () => this.check(),
      allows: (under_way) => this.record.allows(under_way),
      on_answer: (exchange) => this.guarded(() => this.record.heard(exchange)),
      signal: AbortSignal.any([time_signal, this.ending.signal]),
      offers_tools: means.program.offers_tools,
    });
  }

  private tools() {
    const { mailbox, config, ...job } = this.means.job;
    if (mailbox === undefined) return [];
    const { message_wait_ms } = config;
    return channelTools({
      ...{ ...job, mailbox, message_wait_ms, signal: this.means.time_signal },
      step: () => this.record.step,
      on_sent: (messages) => this.record.sent(messages),
      on_received: (messages) => this.record.read(messages),
    });
  }

  /** Whether an error is this run's own way of ending the program. */
  wasEnded(error: unknown): boolean {
    return this.ending.signal.aborted && error === this.ending.signal.reason;
  }

  private check(): void {
    if (!this.asked) clearTimeout(this.timer);
    this.asked = true;
    try {
      this.record.check();
    } catch (error) {
      // It is told, and may end by itself; then it is ended.
      if (error instanceof LimitError) this.endIn(this.means.program.limits.grace_s, error);
      throw error;
    }
  }

  /** What breaks while an answer is taken ends the agent. */
  private guarded(take: () => void): void {
    try {
      take();
    } catch (error) {
      this.trouble ??= error;
      this.ending.abort(error);
    }
  }

  private endIn(seconds: number, reason: Error): void {
    this.timer = setTimeout(() => this.ending.abort(reason), seconds * 1000);
  }

  /** From the start to the end of the program. */
  async play(): Promise<ExecResult> {
    const { program, job, sandbox } = this.means;
    if (job.mailbox !== undefined) await addChannels(sandbox);
    if (job.git) await addOrigin(sandbox, job.signal);
    const prompt = programPrompt(program, job, sandbox.base_commit);
    if (program.command === undefined) return await this.playAcp(prompt);
    this.place = await this.lay(prompt);
    return await this.run(commandOf(program.command, this.place));
  }

  private async lay(prompt: string, env: Readonly<Record<string, string>> = {}): Promise<Place> {
    const { program, job, sandbox } = this.means;
    const { mailbox, signal, limits, model_name = "model" } = job;
    return await layPlace({
      ...{ program, sandbox, prompt, env, signal, model: model_name, token: this.admission.token },
      ...{ messaging: mailbox !== undefined, max_steps: limits.max_steps },
    });
  }

  private async run(command: string): Promise<ExecResult> {
    const { program, sandbox, time_signal } = this.means;
    this.endIn(program.limits.start_s, new Silent());
    return await sandbox.exec(command, {
      ...{ timeout_ms: LONGEST_MS, max_output_bytes: SHOWN_BYTES, program: true },
      signal: AbortSignal.any([time_signal, this.ending.signal]),
    });
  }

  /** The same for a program that is told its task over the Agent Client Protocol. */
  private async playAcp(prompt: string): Promise<ExecResult> {
    const { job, port, sandbox, time_signal, program } = this.means;
    const bridge = openBridge();
    const signal = AbortSignal.any([time_signal, this.ending.signal]);
    using way = port.admit({ ...NO_MODEL, tools: bridge.tools, signal });
    this.place = await this.lay(prompt, { [BRIDGE_VARIABLE]: way.token });
    const running = this.run(bridgedCommand(this.place));
    const { token } = this.admission;
    const mcp = job.mailbox && { url: String(this.place.view.mcp_url), token };
    const talk = promptOver({ bridge, prompt, cwd: sandbox.repo_path, mcp });
    const first = await Promise.race([running, talk.then(TURN_ENDED, (error: unknown) => error)]);
    bridge.end();
    await talk.catch(() => undefined);
    // Its turn is over; a program that goes on after its input has ended is not waited for.
    this.endIn(program.limits.grace_s, new TurnOver());
    const ended = await running.catch((error: unknown) => {
      if (error instanceof TurnOver) return OVER;
      throw error;
    });
    if (!(first instanceof Error) || ended.exit_code !== 0) return ended;
    if (!this.asked) throw first;
    return { ...OVER, exit_code: 1, output: Buffer.from(first.message) };
  }

  /** The result of a program that ended, or was ended. */
  async finish(ended: ExecResult | undefined): Promise<AgentResult> {
    clearTimeout(this.timer);
    const { job, sandbox, program } = this.means;
    job.signal.throwIfAborted();
    const { failure } = this.admission;
    this.admission[Symbol.dispose]();
    await this.admission.heard();
    if (this.trouble !== undefined) throw this.trouble;
    if (failure instanceof Fault && this.record.end === null) {
      if (!isTooLong(failure)) throw failure;
      this.record.end = "context";
    }
    if (!this.asked && this.record.end === null) throw notStarted(program, ended);
    const work = withNote(await takeWork(sandbox, job.signal), noteOf(ended, program));
    const own_record = await this.ownRecord();
    return {
      ...work,
      outcome: endOutcome(work, this.record.end),
      limit_reached: this.record.limit_reached,
      steps: this.record.steps,
      transcript: this.record.transcript,
      program_commands: this.record.commands,
      ...(own_record === undefined ? {} : { own_record }),
    };
  }

  /** The program's own record of the session, as far as it wrote one. */
  private async ownRecord(): Promise<OwnRecord | undefined> {
    const { sandbox, program, job } = this.means;
    if (this.place === undefined) return undefined;
    const path = await recordPath(program, { sandbox, place: this.place, signal: job.signal });
    try {
      const bytes = path === "" ? undefined : await sandbox.get(path, MOST_RECORD_BYTES);
      return bytes && bytes.length > 0 ? { name: "program-record", bytes } : undefined;
    } catch (error) {
      if (error instanceof FileTooLarge || error instanceof RangeError) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.timer);
    this.ending.abort(new Error("the agent has ended"));
    this.admission[Symbol.dispose]();
  }
}

class TurnOver extends Error {}
const TURN_ENDED = () => undefined;
const OVER: ExecResult = {
  ...{ exit_code: 0, output: new Uint8Array(), dropped_bytes: 0, duration_ms: 0 },
  ...{ timed_out: false, oom_killed: false },
};
const NO_MODEL = {
  check: () => undefined,
  openModel: async (): Promise<never> => {
    throw new RangeError("the bridge asks no model");
  },
} as const;
