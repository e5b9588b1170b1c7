// Owns the agent `null`: it does nothing, which is the floor every other agent stands on.
import type { AgentJob, AgentResult } from "./agent.ts";

export async function nullAgent(_job: AgentJob): Promise<AgentResult> {
  return {
    patch: new Uint8Array(),
    patch_source: "none",
    outcome: "empty patch",
    limit_reached: null,
    steps: [],
    transcript: [],
  };
}
