// Owns the agent `gold`: its patch is its features' gold patches. It needs no sandbox and no model.
import { Fault } from "../core/fault.ts";
import type { AgentJob, AgentResult } from "./agent.ts";

/**
 * One feature: the gold patch, byte for byte. Several (solo): gold patches have no joint form, so this agent
 * refuses with a Fault rather than inventing a merge.
 */
export async function goldAgent(job: AgentJob): Promise<AgentResult> {
  const [feature, ...others] = job.features;
  if (feature === undefined || others.length > 0)
    throw new Fault(
      "patch_missing",
      `there is no gold patch of features ${job.features.map((f) => f.feature_id).join(" and ")} together`,
      {
        hint: "run the gold agent with --setting coop",
      },
    );
  return {
    patch: feature.gold_patch,
    patch_source: "gold",
    outcome: feature.gold_patch.length === 0 ? "empty patch" : "submitted",
    limit_reached: null,
    steps: [],
    transcript: [],
  };
}
