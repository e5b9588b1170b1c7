// Owns what templates are filled with: one source for every agent, naming exactly the channels that are on.
import type { AgentJob } from "./agent.ts";
import { fill, type JobView } from "./templates.ts";

/** The word that hands in the work when a command prints it first. */
export const SUBMIT = "COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT";
/** Digits of a commit's id that identify it in any repository. */
const COMMIT_DIGITS = 12;

/** A job as the variables of templates. Without a partner no channel is on. */
export function jobView(job: AgentJob, base_commit: string): JobView {
  const has_partners = job.partners.length > 0;
  return {
    agent_id: job.agent_id,
    repo: job.repo,
    base: base_commit.slice(0, COMMIT_DIGITS),
    has_partners,
    one_partner: job.partners.length === 1,
    partner_list: job.partners.join(" and "),
    first_partner: job.partners[0] ?? "",
    messaging: has_partners && job.mailbox !== undefined,
    git: has_partners && job.git,
    fenced: job.config.tool_style === "fenced",
    max_steps: job.limits.max_steps,
    wait_s: Math.round(job.config.message_wait_ms / 1000),
    submit: SUBMIT,
    program: false,
    channel_tools: "",
    own_tools: "",
  };
}

/** The opening turns of a job: the system's and the user's text. */
export function openingPrompts(job: AgentJob, view: JobView): { system: string; task: string } {
  const features = job.features.map(({ feature_id, description }) => ({ feature_id, description }));
  return {
    system: fill(job.config.prompts.system, view),
    task: fill(job.config.prompts.task, { ...view, features }),
  };
}
