// Owns teams for tests: sandboxes of two or more agents that share git, on any backend, closed together.
import type { Backend, Sandbox, Share, TaskFiles } from "../sandbox/sandbox.ts";
import { run } from "../sandbox/task.fixture.ts";
import { setUpTeam } from "./git.ts";

export type Shell = (command: string) => Promise<{ exit_code: number; text: string }>;
export type TeamInTest = AsyncDisposable & {
  readonly share: Share;
  readonly sandboxes: readonly Sandbox[];
  /** One a member: runs a command in the member's repository. */
  readonly shells: readonly Shell[];
  /** Absolute path of an agent's shared folder. */
  folder(agent_id: string): string;
};

/** `agent1` up to `agent<size>`, each in a sandbox of its own. */
export async function openTeam(
  backend: Backend,
  task: TaskFiles,
  size: number,
): Promise<TeamInTest> {
  await using resources = new AsyncDisposableStack();
  const agent_ids = Array.from({ length: size }, (_, index) => `agent${index + 1}`);
  const share = resources.use(await backend.openShare({ label: "run/pair.team", agent_ids }));
  const opening = agent_ids.map(async (agent_id) => {
    const member = { share, agent_id };
    const label = `run/pair.${agent_id}`;
    const sandbox = await backend.open({ task, label, purpose: "agent", share: member });
    resources.use(sandbox);
    await setUpTeam(sandbox, member);
    return sandbox;
  });
  const sandboxes = await Promise.all(opening);
  const kept = resources.move();
  return {
    share,
    sandboxes,
    shells: sandboxes.map((sandbox) => (command: string) => run(sandbox, command)),
    folder: (agent_id) => share.folders.find((one) => one.agent_id === agent_id)?.path ?? "",
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Commits a file with that content; quiet. */
export const commit = (path: string, text: string) =>
  `printf '%s' '${text}' >${path} && git add ${path} && git commit -qm '${path}'`;
