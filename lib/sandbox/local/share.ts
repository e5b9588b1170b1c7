// Owns the folders that the local sandboxes of an attempt have in common, and their removal.
import { mkdirSync, realpathSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { scratch } from "../../core/files.ts";
import type { Share, ShareOptions } from "../sandbox.ts";
import { checkedAgentIds } from "../share.ts";

/** Names of folders have an end (255 bytes), names of units need not. */
const LABEL_LENGTH = 24;

/** Where isolated sandboxes have them, as containers do. */
const PARENT = "/team";

/**
 * A folder an agent: bubblewrap makes the others' read-only. Without bubblewrap (`--unsafe-local`) they are at the same
 * paths inside and outside, and nothing keeps an agent from writing to all of them.
 * Folders of dead processes are removed when the next scratch folder is made.
 */
export async function openLocalShare(
  options: ShareOptions,
  { isolated }: { readonly isolated: boolean } = { isolated: false },
): Promise<Share> {
  options.signal?.throwIfAborted();
  const agentIds = checkedAgentIds(options.agent_ids);
  const parent = join(tmpdir(), `tandem-${userInfo().uid}`);
  const folder = scratch(parent, options.label.replaceAll("/", "_").slice(-LABEL_LENGTH));
  const folders = agentIds.map((agent_id) => {
    const source = join(realpathSync(folder.path), agent_id);
    mkdirSync(source);
    return { agent_id, source, path: isolated ? join(PARENT, agent_id) : source };
  });
  return { folders, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
