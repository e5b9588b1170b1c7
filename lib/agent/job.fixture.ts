// Owns agents' jobs for tests: a model that answers from a list, real sandboxes, features and limits.
import {
  type Answer,
  type ChatTurn,
  type Model,
  type ModelRequest,
  NO_USAGE,
} from "../model/model.ts";
import { SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import type { Agent, AgentJob, AgentResult, Feature, Limits } from "./agent.ts";
import { type AgentConfig, defaultAgentConfig } from "./config.ts";
import { miniAgent } from "./mini.ts";

export const SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";
export const LIMITS: Limits = {
  max_steps: 20,
  max_cost_usd: null,
  max_wall_ms: 60_000,
  command_timeout_ms: 20_000,
};

/** What one model call gives: a command, or fields of an answer, or a function that waits or fails. */
export type Line = string | Partial<Answer> | ((signal: AbortSignal) => Promise<Line>);

export const call = (command: string, id = "call") => ({
  id,
  name: "bash",
  arguments: { command },
});

export type Scripted = Model & {
  /** What was asked, and the turns of each request. */
  readonly asked: readonly ModelRequest[];
  readonly shown: readonly (readonly ChatTurn[])[];
};

/** A model that answers from a list (then it submits), and keeps what it was asked. */
export function scripted(lines: readonly Line[]): Scripted {
  const asked: ModelRequest[] = [];
  const shown: ChatTurn[][] = [];
  const left = [...lines];
  const answerOf = async (line: Line, signal: AbortSignal): Promise<Answer> => {
    if (typeof line === "function") return answerOf(await line(signal), signal);
    const given = typeof line === "string" ? { tool_calls: [call(line)] } : line;
    return {
      text: "",
      tool_calls: [],
      stop_reason: "tool calls",
      usage: NO_USAGE,
      cost_usd: 0,
      latency_ms: 1,
      retries: 0,
      waited_ms: 0,
      ...given,
    };
  };
  return {
    name: "scripted",
    asked,
    shown,
    async complete(request, signal) {
      asked.push(request);
      shown.push([...request.turns]);
      return answerOf(left.shift() ?? SUBMIT, signal);
    },
  };
}

export function feature(feature_id: number, fields: Partial<Feature> = {}): Feature {
  const description = `Build number ${feature_id}.`;
  return { feature_id, description, gold_patch: Buffer.from(`gold ${feature_id}`), ...fields };
}

/** The default configuration with sections changed field by field. */
export function configured(
  fields: {
    readonly [Field in keyof AgentConfig]?: Partial<AgentConfig[Field]> | undefined;
  },
): Pick<AgentJob, "config"> {
  const base = defaultAgentConfig();
  return {
    config: {
      prompts: { ...base.prompts, ...fields.prompts },
      observation: { ...base.observation, ...fields.observation },
      compaction: { ...base.compaction, ...fields.compaction },
      model: { ...base.model, ...fields.model },
      tool_style: fields.tool_style ?? base.tool_style,
      message_wait_ms: fields.message_wait_ms ?? base.message_wait_ms,
    },
  };
}

/** A job of agent1 alone, unless said otherwise; opening what it does not name is an error. */
export function jobOf(fields: Partial<AgentJob> = {}): AgentJob {
  const refuse = (what: string) => async (): Promise<never> => {
    throw new Error(`this job has no ${what}`);
  };
  return {
    agent_id: "agent1",
    partners: [],
    repo: "small_task",
    features: [feature(1)],
    limits: LIMITS,
    config: defaultAgentConfig(),
    mailbox: undefined,
    git: false,
    openSandbox: refuse("sandbox"),
    openModel: refuse("model"),
    signal: new AbortController().signal,
    ...fields,
  };
}

/** Agents over small repositories; `mini` gives the agent's result and everything its model was asked. */
export function miniPlace() {
  const place = taskPlace();
  const backend = place.backend();
  const task = place.task(SMALL_SETUP);
  const play = async (agent: Agent, lines: readonly Line[], fields: Partial<AgentJob> = {}) => {
    await using sandbox = await backend.open({ task, label: "x", purpose: "agent" });
    const model = scripted(lines);
    const open = { openSandbox: async () => sandbox, openModel: async () => model };
    const result = await agent(jobOf({ ...open, ...fields }));
    return { result, shown: model.shown, asked: model.asked };
  };
  return {
    play,
    mini: (lines: readonly Line[], fields: Partial<AgentJob> = {}) =>
      play(miniAgent, lines, fields),
    [Symbol.dispose]: () => place[Symbol.dispose](),
  };
}

/** What an agent saw behind its opening prompts, without its own turns. */
export const seen = ({ transcript }: AgentResult): string[] =>
  transcript.slice(2).flatMap((turn) => (turn.role === "assistant" ? [] : [turn.content]));
