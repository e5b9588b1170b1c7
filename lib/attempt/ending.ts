// Owns the text that tells an agent's partners of its end: how it came, and what was handed in.

import type { AgentResult } from "../agent/agent.ts";
import { plural } from "../core/text.ts";
import { parsePatch } from "../patch/parse.ts";

type End = Pick<AgentResult, "outcome" | "limit_reached" | "patch" | "patch_source" | "taken">;

const MOST_FILES = 20;

/** One line; `end` is undefined for an agent that broke off. */
export function endingOf(agent_id: string, end: End | undefined): string {
  if (end === undefined) return `[${agent_id} has broken off and handed in nothing]`;
  return `[${howEnded(agent_id, end)}; ${handedIn(end)}. It reads no more messages.]`;
}

function howEnded(agent_id: string, { outcome, limit_reached }: End): string {
  if (limit_reached !== null) return `${agent_id} was ended at its limit of ${limit_reached}`;
  if (outcome === "limit reached") return `${agent_id} was ended at a limit`;
  if (outcome === "refused") return `${agent_id} was ended because its model's provider refuses`;
  return `${agent_id} has ended`;
}

function handedIn({ patch, patch_source, taken }: End): string {
  if (taken?.size_bytes !== undefined)
    return `its patch of ${taken.size_bytes} bytes is too large and does not count`;
  if (patch_source === "not taken") return "its work could not be taken";
  if (patch.length === 0) return "it handed in no change";
  const { files } = parsePatch(patch);
  const paths = files.flatMap(({ old_path, new_path }) => new_path ?? old_path ?? []);
  const count = plural(paths.length, "file");
  const rest = paths.length > MOST_FILES ? ` and ${paths.length - MOST_FILES} more` : "";
  const named = `${paths.slice(0, MOST_FILES).join(", ")}${rest}`;
  return `it handed in a patch of ${patch.length} bytes to ${count} (${named})`;
}
