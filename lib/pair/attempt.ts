// Owns one attempt: agents, mailbox, clock and limits in; patches, transcripts and messages out.
import type { Agent, AgentJob, AgentResult, Feature } from "../agent/agent.ts";
import { AGENTS } from "../agent/registry.ts";
import { type AttemptId, attemptKey } from "../keys.ts";
import { openModel } from "../model/open.ts";
import type { Backend, Sandbox, TaskFiles } from "../sandbox/sandbox.ts";
import { type Message, memoryMailbox } from "../team/mailbox.ts";
import type { RunConfig } from "./config.ts";

export type AttemptPlan = {
  readonly attempt: AttemptId;
  readonly config: RunConfig;
  readonly task: TaskFiles;
  /** The features of the pair, ascending. */
  readonly features: readonly Feature[];
  readonly backend: Backend;
  readonly signal: AbortSignal;
};

/** What one agent left; `wall_ms` from its start to its end. */
export type AgentReport = AgentResult & {
  readonly agent_id: string;
  readonly features: readonly number[];
  readonly wall_ms: number;
};
export type AttemptReport = {
  readonly attempt: AttemptId;
  readonly agents: readonly AgentReport[];
  readonly messages: readonly Message[];
  readonly started_at: string;
  readonly ended_at: string;
  readonly wall_ms: number;
};

/**
 * Runs the agents of an attempt side by side. A limit or an empty patch is an outcome; a Fault of one agent
 * stops the others and is thrown.
 */
export async function runAttempt(plan: AttemptPlan): Promise<AttemptReport> {
  const started_at = new Date();
  const agent = await AGENTS[plan.config.agent].load();
  const teams = teamOf(plan);
  const ids = teams.map(({ agent_id }) => agent_id);
  const mailbox = memoryMailbox(ids);
  const trouble = new AbortController();
  const signal = AbortSignal.any([plan.signal, trouble.signal]);
  const work = teams.map(async (member) => {
    try {
      return await runAgent(agent, member, { plan, signal, ids, mailbox });
    } catch (error) {
      trouble.abort(error);
      throw error;
    } finally {
      await mailbox.finish(member.agent_id);
    }
  });
  // Every agent must have let go of its sandbox before the attempt ends, in success or in trouble.
  const settled = await Promise.allSettled(work);
  if (trouble.signal.aborted) throw trouble.signal.reason;
  const ended_at = new Date();
  return {
    attempt: plan.attempt,
    agents: settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
    messages: await mailbox.history(),
    started_at: started_at.toISOString(),
    ended_at: ended_at.toISOString(),
    wall_ms: ended_at.getTime() - started_at.getTime(),
  };
}

type Member = { readonly agent_id: string; readonly features: readonly Feature[] };
type Surroundings = {
  readonly plan: AttemptPlan;
  readonly signal: AbortSignal;
  readonly ids: readonly string[];
  readonly mailbox: ReturnType<typeof memoryMailbox>;
};

/** coop: agent1 has the first feature, agent2 the second, and so on. solo: agent1 has all. */
function teamOf(plan: AttemptPlan): Member[] {
  if (plan.config.setting === "solo") return [{ agent_id: "agent1", features: plan.features }];
  return plan.features.map((feature, index) => ({
    agent_id: `agent${index + 1}`,
    features: [feature],
  }));
}

async function runAgent(agent: Agent, member: Member, around: Surroundings): Promise<AgentReport> {
  const { plan, signal, ids, mailbox } = around;
  const { config, task } = plan;
  const started = performance.now();
  const partners = ids.filter((id) => id !== member.agent_id);
  const opened: Promise<Sandbox>[] = [];
  await using _sandboxes = { [Symbol.asyncDispose]: () => closeAll(opened) };
  const job: AgentJob = {
    ...member,
    partners,
    repo: task.repo,
    limits: config,
    mailbox: config.messaging && partners.length > 0 ? mailbox : undefined,
    signal,
    openSandbox() {
      const label = `${attemptKey(plan.attempt)}.${member.agent_id}`;
      const opening = plan.backend.open({ task, label, purpose: "agent", signal });
      opened.push(opening);
      return opening;
    },
    openModel: () =>
      openModel(config.model ?? "", {
        task_dir: task.dir,
        setting: config.setting,
        features: plan.attempt.features,
        agent_id: member.agent_id,
      }),
  };
  const result = await agent(job);
  const features = member.features.map(({ feature_id }) => feature_id);
  return {
    ...result,
    agent_id: member.agent_id,
    features,
    wall_ms: Math.round(performance.now() - started),
  };
}

/** Closes what an agent has opened, and what is still opening when the agent fails. */
async function closeAll(opened: readonly Promise<Sandbox>[]): Promise<void> {
  for (const opening of await Promise.allSettled(opened))
    if (opening.status === "fulfilled") await opening.value[Symbol.asyncDispose]();
}
