// Owns the folders that the local sandboxes of an attempt have in common, and their removal.
import { mkdirSync, realpathSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { scratch } from "../files.ts";
import type { Share, ShareOptions } from "./sandbox.ts";
import { checkedAgentIds } from "./share.ts";

/** Names of folders have an end (255 bytes), names of units need not. */
const LABEL_LENGTH = 24;

/**
 * A folder an agent, under the same path inside and outside: bubblewrap makes the others' read-only. Without
 * bubblewrap (`--unsafe-local`) the paths are the same, but nothing keeps an agent from writing to all of them.
 * Folders of dead processes are removed when the next scratch folder is made.
 */
export async function openLocalShare(options: ShareOptions): Promise<Share> {
  options.signal?.throwIfAborted();
  const agentIds = checkedAgentIds(options.agent_ids);
  const parent = join(tmpdir(), `tandem-${userInfo().uid}`);
  const folder = scratch(parent, options.label.replaceAll("/", "_").slice(-LABEL_LENGTH));
  const folders = agentIds.map((agent_id) => {
    const path = join(realpathSync(folder.path), agent_id);
    mkdirSync(path);
    return { agent_id, source: path, path };
  });
  return { folders, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}
