// Owns what every backend asks of a share: names that can be folders, and who may write which folder.
import type { ShareMember } from "./sandbox.ts";

const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** The ids, which become names of folders and branches. Throws RangeError for others, and for one that comes twice. */
export function checkedAgentIds(agentIds: readonly string[]): readonly string[] {
  const wrong = agentIds.find((id, index) => !AGENT_ID.test(id) || agentIds.indexOf(id) !== index);
  if (wrong === undefined) return agentIds;
  throw new RangeError(`"${wrong}" cannot be the name of one agent's folder`);
}

/** A shared folder as one sandbox has it. */
export type SharedMount = {
  readonly source: string;
  readonly path: string;
  readonly writable: boolean;
};

/** The folders of the member's share; only the member's own is writable. Throws RangeError for a stranger. */
export function mountsOf(member: ShareMember | undefined): SharedMount[] {
  if (member === undefined) return [];
  const { share, agent_id } = member;
  const mounts = share.folders.map(({ source, path, ...folder }) => ({
    source,
    path,
    writable: folder.agent_id === agent_id,
  }));
  if (mounts.some(({ writable }) => writable)) return mounts;
  throw new RangeError(`${agent_id} has no folder in this share`);
}
