// Owns one attempt: agents, mailbox, clock and limits in; patches, transcripts and messages out.
import type { Agent, AgentJob } from "../agent/agent.ts";
import { AgentClock } from "../agent/clock.ts";
import { defaultAgentConfig } from "../agent/config.ts";
import type { Program } from "../agent/installed/program.ts";
import { loadAgent, loadAgentAt } from "../agent/registry.ts";
import { Fault } from "../core/fault.ts";
import { attemptKey } from "../core/keys.ts";
import { redactDeep } from "../core/redact.ts";
import { stepsOf } from "../model/kept-calls.ts";
import type { MeteredModel } from "../model/metered.ts";
import { clockedMailbox, clockedSandbox, keepAlive, openClocks } from "./clocks.ts";
import type { RanCommand } from "./commands.ts";
import { endingOf } from "./ending.ts";
import { freeOrder, type Order, recordedOrder } from "./order.ts";
import { orderedMailbox, orderedSandbox } from "./ordered.ts";
import type { AgentReport, AttemptPlan, AttemptReport, KeptProgram } from "./plan.ts";
import { type Member, openTeam, type Surroundings, type Team, teamOf } from "./team.ts";

/**
 * Runs the agents of an attempt side by side; none starts before all sandboxes are up. A limit or an empty patch is an
 * outcome; a Fault of one agent stops the others and is thrown.
 */
export async function runAttempt(plan: AttemptPlan): Promise<AttemptReport> {
  const loaded = await agentOf(plan);
  const { backend, task, signal } = plan;
  if (!loaded.needs_sandbox || backend.reserve === undefined) return await runOn(plan, loaded);
  // Waiting for room is no part of the attempt.
  await using room = await backend.reserve({ task, sandboxes: teamOf(plan).length, signal });
  plan.on_place?.(room.where);
  return await runOn({ ...plan, backend: room.backend }, loaded);
}

type LoadedAgent = Awaited<ReturnType<typeof loadAgent>>;

async function runOn(
  plan: AttemptPlan,
  { agent, needs_sandbox, program }: LoadedAgent,
): Promise<AttemptReport> {
  const started_at = new Date();
  const members = teamOf(plan);
  const trouble = new AbortController();
  const signal = AbortSignal.any([plan.signal, trouble.signal]);
  const folder = program && (await folderOf(plan, program, signal));
  const surroundings = program && surroundingsOf(plan, folder);
  const needs = { sandbox: needs_sandbox, around: surroundings, signal };
  await using team = await openTeam(plan, members, needs);
  const order = plan.recorded ? recordedOrder(plan.recorded.order) : freeOrder();
  const ids = members.map(({ agent_id }) => agent_id);
  const around = { plan, team, order, signal, ids, clocks: openClocks(ids) };
  const work = members.map(async (member) => {
    let report: AgentReport | undefined;
    try {
      report = await runAgent(agent, member, around);
      return report;
    } catch (error) {
      trouble.abort(error);
      throw error;
    } finally {
      await leave(member, around, report);
    }
  });
  // Every agent must have released what it uses before the attempt ends, whether it succeeds or fails.
  const settled = await Promise.allSettled(work);
  if (trouble.signal.aborted) throw trouble.signal.reason;
  plan.signal.throwIfAborted();
  const broken = settled.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
  const ended_at = new Date();
  return withoutSecrets({
    attempt: plan.attempt,
    agents: settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])),
    ...(folder && { program: { packages: folder.packages, sha256: folder.sha256 } }),
    messages: await team.mailbox.history(),
    order: order.log,
    mailbox: plan.mailroom.description,
    started_at: started_at.toISOString(),
    ended_at: ended_at.toISOString(),
    wall_ms: ended_at.getTime() - started_at.getTime(),
  });
}

function agentOf({ agent_path, config: { agent } }: AttemptPlan) {
  return agent_path === undefined ? loadAgent(agent) : loadAgentAt(agent, agent_path);
}

async function folderOf(
  { programs, task, config }: AttemptPlan,
  program: Program,
  signal: AbortSignal,
): Promise<KeptProgram | undefined> {
  if (programs === undefined) throw new RangeError(`${config.agent} needs the gateway's port`);
  return await programs.folderOf(program, task, signal);
}

function surroundingsOf({ programs }: AttemptPlan, program: KeptProgram | undefined): Surroundings {
  const gateway = programs && { socket: programs.port.socket };
  return { ...(gateway && { gateway }), ...(program && { program }) };
}

/** Before anything is hashed, so that files, rows and hashes agree. The models' records were clean from the start. */
function withoutSecrets(report: AttemptReport): AttemptReport {
  const agents = report.agents.map(({ model, ...left }): AgentReport => {
    const clean = redactDeep(left);
    const repairs = { patch_repairs: ["secret redacted"] } as const;
    return { ...clean, model, ...(clean.patch === left.patch ? {} : repairs) };
  });
  return { ...report, agents, messages: redactDeep(report.messages) };
}

type Around = {
  readonly plan: AttemptPlan;
  readonly team: Team;
  readonly order: Order;
  readonly signal: AbortSignal;
  readonly ids: readonly string[];
  readonly clocks: ReadonlyMap<string, AgentClock>;
};

/** The others are told that the agent has ended, and with what, even if it broke. */
async function leave(
  { agent_id }: Member,
  { team, order, signal }: Around,
  report: AgentReport | undefined,
): Promise<void> {
  const finish = () => team.mailbox.finish(agent_id, endingOf(agent_id, report));
  if (signal.aborted) await finish();
  else await order.pass({ agent_id, what: "finish", signal }, finish);
  order.leave(agent_id);
}

async function runAgent(agent: Agent, member: Member, around: Around): Promise<AgentReport> {
  const { plan, team, order, signal, ids } = around;
  const { config, task } = plan;
  const { agent_id } = member;
  const started = performance.now();
  const commands: RanCommand[] = [];
  const recorded = plan.recorded?.commands.get(agent_id);
  const step = () => stepsOf(model?.calls) || null;
  const place = { agent_id, order, signal, commands, recorded, step };
  const partners = ids.filter((id) => id !== agent_id);
  let model: MeteredModel | undefined;
  using clock = around.clocks.get(agent_id) ?? new AgentClock();
  const sandbox = team.sandboxes.get(agent_id);
  using _alive = sandbox && keepAlive(sandbox, clock);
  const begun_ms = clock.elapsed_ms;
  const job: AgentJob = {
    ...member,
    partners,
    repo: task.repo,
    limits: config,
    config: config.agent_config ?? defaultAgentConfig(),
    git: team.git,
    mailbox:
      config.messaging && partners.length > 0
        ? orderedMailbox(clockedMailbox(team.mailbox, clock, partners), place)
        : undefined,
    signal,
    clock,
    port: plan.programs?.port,
    model_name: config.model?.replace(/^[^/]*\//, ""),
    async openSandbox() {
      if (sandbox) return clockedSandbox(orderedSandbox(sandbox, place), clock);
      throw new Fault("agent_failed", `the agent ${config.agent} has no sandbox`, {
        hint: "agents of Tandem that ask for one say so in the registry",
      });
    },
    async openModel() {
      model ??= await plan.openModel(
        {
          attempt_key: attemptKey(plan.attempt),
          task_dir: task.dir,
          setting: config.setting,
          features: plan.attempt.features,
          agent_id,
        },
        clock.call,
      );
      return model;
    },
  };
  const result = await agent(job);
  const wall_ms = performance.now() - started;
  return {
    ...result,
    agent_id,
    features: member.features.map(({ feature_id }) => feature_id),
    wall_ms: Math.round(wall_ms),
    stopped_ms: Math.max(0, Math.round(wall_ms - (clock.elapsed_ms - begun_ms))),
    model,
    commands,
    fetches: await team.fetches(agent_id),
  };
}
