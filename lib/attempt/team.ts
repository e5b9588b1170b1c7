// Owns what an attempt prepares before any of its agents starts: who they are, their mailbox, remote and sandboxes.
import type { Feature } from "../agent/agent.ts";
import { attemptKey } from "../core/keys.ts";
import type { OpenOptions, Sandbox, Share } from "../sandbox/sandbox.ts";
import { type FetchTaken, setUpTeam, takenFetches } from "../team/git.ts";
import type { Mailbox } from "../team/mailbox.ts";
import type { AttemptPlan } from "./plan.ts";

export type Member = { readonly agent_id: string; readonly features: readonly Feature[] };

/** coop: agent1 has the first feature, agent2 the second, and so on. solo: agent1 has all. */
export function teamOf(plan: Pick<AttemptPlan, "config" | "features">): Member[] {
  if (plan.config.setting === "solo") return [{ agent_id: "agent1", features: plan.features }];
  return plan.features.map((feature, index) => ({
    agent_id: `agent${index + 1}`,
    features: [feature],
  }));
}

export type Team = AsyncDisposable & {
  readonly mailbox: Mailbox;
  /** Sandboxes by agent; none for agents that need none. */
  readonly sandboxes: ReadonlyMap<string, Sandbox>;
  readonly git: boolean;
  /** What the agent's fetches have taken so far; undefined where no branches are shared. */
  fetches(agent_id: string): Promise<readonly FetchTaken[] | undefined>;
};

type Needs = {
  readonly sandbox: boolean;
  /** What the agent's program needs around it. */
  readonly around?: Surroundings | undefined;
  readonly signal: AbortSignal;
};
/** Of a program in the sandbox: the gateway's port, and its own folder. */
export type Surroundings = Pick<OpenOptions, "gateway" | "program">;

/**
 * Opens everything the members need, the sandboxes side by side: agents start together or not at all. Throws the
 * first Fault; then nothing is left open.
 */
export async function openTeam(
  plan: AttemptPlan,
  members: readonly Member[],
  needs: Needs,
): Promise<Team> {
  const { config, backend, mailroom } = plan;
  const { signal, around } = needs;
  const agent_ids = members.map(({ agent_id }) => agent_id);
  const label = attemptKey(plan.attempt);
  const git = config.git && needs.sandbox && members.length > 1;
  await using resources = new AsyncDisposableStack();
  const mailbox = resources.use(await mailroom.open({ attempt_key: label, agent_ids, signal }));
  const share = git
    ? resources.use(await backend.openShare({ label, agent_ids, signal }))
    : undefined;
  const opened = await Promise.allSettled(
    needs.sandbox
      ? agent_ids.map((agent_id) => openSandbox(plan, { agent_id, share, around, signal }))
      : [],
  );
  const sandboxes = opened.map((one) =>
    one.status === "fulfilled" ? resources.use(one.value) : undefined,
  );
  const broken = opened.find((one) => one.status === "rejected");
  if (broken) throw broken.reason;
  const byAgent = new Map(
    agent_ids.flatMap((agent_id, index) => {
      const sandbox = sandboxes[index];
      return sandbox ? [[agent_id, sandbox] as const] : [];
    }),
  );
  const kept = resources.move();
  return {
    mailbox,
    git,
    sandboxes: byAgent,
    async fetches(agent_id) {
      const sandbox = git ? byAgent.get(agent_id) : undefined;
      return sandbox && (await takenFetches(sandbox, signal));
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Opening = {
  readonly agent_id: string;
  readonly share: Share | undefined;
  readonly around: Surroundings | undefined;
  readonly signal: AbortSignal;
};

async function openSandbox(
  plan: AttemptPlan,
  { agent_id, share, around, signal }: Opening,
): Promise<Sandbox> {
  await using resources = new AsyncDisposableStack();
  const member = share && { share, agent_id };
  const sandbox = resources.use(
    await plan.backend.open({
      task: plan.task,
      label: `${attemptKey(plan.attempt)}.${agent_id}`,
      purpose: "agent",
      signal,
      ...{ ...(member ? { share: member } : {}), ...around },
    }),
  );
  const recorded = plan.recorded?.fetches.get(agent_id);
  if (member) await setUpTeam(sandbox, member, { signal, recorded });
  resources.move();
  return sandbox;
}
