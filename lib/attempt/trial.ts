// Owns one turn of an agent program behind a scripted model: for a look at what works, and for a home that is warm.
import { join } from "node:path";
import type { AgentJob, AgentResult } from "../agent/agent.ts";
import { defaultAgentConfig } from "../agent/config.ts";
import { installedAgent } from "../agent/installed/agent.ts";
import type { Program } from "../agent/installed/program.ts";
import { sha256 } from "../core/files.ts";
import { TANDEM_VERSION } from "../core/versions.ts";
import { type Answer, type Model, type ModelRequest, NO_USAGE, type Tool } from "../model/model.ts";
import type { Port } from "../model/port/contract.ts";
import type { Backend, ProgramSource, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { memoryMailbox } from "../team/memory.ts";

/** The task that ships with Tandem: its repository is small. */
export const TRIAL_TASK: TaskFiles = {
  ...{ repo: "demo_task", task_id: 1, dir: join(import.meta.dir, "../../dataset/demo_task/task1") },
  task_hash: sha256(`trial ${TANDEM_VERSION}`),
};
/** What the program's shell is told to print, and what a channel answers. */
export const SHELL_MARK = "tandem-shell-works";
export const CHANNEL_MARK = "You are agent1";
const CHANNEL = "tandem_who";

export type TrialRequest = {
  readonly program: Program;
  readonly backend: Backend;
  readonly port: Port;
  readonly folder: ProgramSource | undefined;
  readonly max_wall_ms: number;
  readonly signal: AbortSignal;
  /** Is given the sandbox when the program has ended. */
  readonly after?: (sandbox: Sandbox) => Promise<void>;
};
export type Trial = {
  /** What the model was asked, in order. */
  readonly asked: readonly ModelRequest[];
  readonly result: AgentResult;
};

/** Runs the program once, to its end. Throws Fault `agent_failed` when it asked nothing, and the backend's. */
export async function tryProgram(request: TrialRequest): Promise<Trial> {
  const { program, backend, port, folder, signal, max_wall_ms } = request;
  await using sandbox = await backend.open({
    ...{ task: TRIAL_TASK, label: "trial", purpose: "agent", signal },
    gateway: { socket: port.socket },
    ...(folder === undefined ? {} : { program: folder }),
  });
  const asked: ModelRequest[] = [];
  const job: AgentJob = {
    ...{
      agent_id: "agent1",
      partners: ["agent2"],
      repo: TRIAL_TASK.repo,
      git: false,
      port,
      signal,
    },
    features: [
      { feature_id: 1, description: "Nothing: this is a trial.", gold_patch: new Uint8Array() },
    ],
    limits: { max_steps: 20, max_cost_usd: null, max_wall_ms, command_timeout_ms: max_wall_ms },
    config: defaultAgentConfig(),
    mailbox: memoryMailbox(["agent1", "agent2"]),
    openSandbox: async () => sandbox,
    openModel: async () => trialModel(asked),
    model_name: "trial",
  };
  const result = await installedAgent(program)(job);
  await request.after?.(sandbox);
  return { asked, result };
}

/** Calls the program's shell, then the channel's tool where there is one, then ends. */
function trialModel(asked: ModelRequest[]): Model {
  const called = new Set<string>();
  const once = (what: string, call: Answer["tool_calls"][number] | undefined) => {
    if (call === undefined || called.has(what)) return undefined;
    called.add(what);
    return { ...ANSWER, tool_calls: [call], stop_reason: "tool calls" } as const;
  };
  return {
    name: "trial",
    async complete(request) {
      asked.push(request);
      if (request.purpose !== "step") return { ...ANSWER, text: "A trial" };
      const shell = once("shell", shellCall(request.tools));
      const channel = () => once("channel", channelCall(request.tools));
      return shell ?? channel() ?? { ...ANSWER, text: "Done." };
    },
  };
}

const ANSWER: Answer = {
  ...{ text: "", tool_calls: [], stop_reason: "stop", usage: NO_USAGE, cost_usd: 0 },
  ...{ latency_ms: 0, retries: 0, waited_ms: 0 },
};

/** The tool that runs commands, whatever a program calls it: one of its arguments is the command. */
function shellCall(tools: readonly Tool[]) {
  const command = `echo ${SHELL_MARK}; ${CHANNEL}`;
  for (const { name, parameters } of tools) {
    const { properties = {}, required = [] } = parameters as Schema;
    const field = ["command", "cmd"].find((one) => isFree(properties[one]));
    if (field === undefined) continue;
    const others = required
      .filter((one) => one !== field)
      .map((one) => [one, filled(properties[one])]);
    const value = properties[field]?.type === "array" ? ["bash", "-c", command] : command;
    return { id: "trial_1", name, arguments: { ...Object.fromEntries(others), [field]: value } };
  }
  return undefined;
}

type Property = { readonly type?: unknown; readonly enum?: readonly unknown[] };
type Schema = {
  readonly properties?: Readonly<Record<string, Property>>;
  readonly required?: readonly string[];
};

/** Some tools call one of a few verbs a command. */
function isFree(property: Property | undefined): boolean {
  return property !== undefined && property.enum === undefined;
}

function filled(property: Property | undefined): unknown {
  const [first = { boolean: false, number: 1, integer: 1 }[String(property?.type)] ?? "trial"] =
    property?.enum ?? [];
  return first;
}

function channelCall(tools: readonly Tool[]) {
  const found = tools.find(({ name }) => name.endsWith(CHANNEL));
  return found && { id: "trial_2", name: found.name, arguments: {} };
}
