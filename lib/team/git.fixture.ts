// Owns teams for tests: sandboxes of two or more agents that share git, on any backend, closed together.

import { dockerPlace } from "../sandbox/docker/docker.fixture.ts";
import type { Backend, Sandbox, Share, TaskFiles } from "../sandbox/sandbox.ts";
import { run, SMALL_SETUP, taskPlace } from "../sandbox/task.fixture.ts";
import { setUpTeam, type TeamOptions } from "./git.ts";

/** A small task on a backend. */
export type TeamPlaceInTest = {
  readonly backend: Backend;
  readonly task: TaskFiles;
  end(): PromiseLike<void>;
};

export function localPlace(unsafe_local: boolean): TeamPlaceInTest {
  const place = taskPlace();
  const end = async (): Promise<void> => place[Symbol.dispose]();
  return { backend: place.backend(unsafe_local), task: place.task(SMALL_SETUP), end };
}

/** Its sandboxes have no network. */
export function enginePlace(): TeamPlaceInTest {
  const place = dockerPlace();
  return { backend: place.backend(), task: place.task, end: () => place[Symbol.asyncDispose]() };
}

export type Shell = (command: string) => Promise<{ exit_code: number; text: string }>;
export type TeamInTest = AsyncDisposable & {
  readonly share: Share;
  readonly sandboxes: readonly Sandbox[];
  /** One a member: runs a command in the member's repository. */
  readonly shells: readonly Shell[];
  /** Absolute path of an agent's shared folder. */
  folder(agent_id: string): string;
};

export type TeamMaking = Pick<TeamOptions, "patience_s"> & {
  readonly size: number;
  /** What each agent's fetches took in the attempt that is replayed. */
  readonly recorded?: Readonly<Record<string, TeamOptions["recorded"]>>;
};

/** `agent1` up to `agent<size>`, each in a sandbox of its own. */
export async function openTeam(
  backend: Backend,
  task: TaskFiles,
  { size, recorded = {}, patience_s }: TeamMaking,
): Promise<TeamInTest> {
  await using resources = new AsyncDisposableStack();
  const agent_ids = Array.from({ length: size }, (_, index) => `agent${index + 1}`);
  const share = resources.use(await backend.openShare({ label: "run/pair.team", agent_ids }));
  const opening = agent_ids.map(async (agent_id) => {
    const member = { share, agent_id };
    const label = `run/pair.${agent_id}`;
    const sandbox = await backend.open({ task, label, purpose: "agent", share: member });
    resources.use(sandbox);
    await setUpTeam(sandbox, member, { recorded: recorded[agent_id], patience_s });
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
