// Owns filling the prompt templates: one source for every agent, naming exactly the channels that are on.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Mustache from "mustache";
import type { AgentJob } from "./agent.ts";

/** The opening turns of a job: the system's and the user's text. */
export function openingPrompts(job: AgentJob): { system: string; task: string } {
  const view = {
    agent_id: job.agent_id,
    repo: job.repo,
    features: job.features,
    has_partners: job.partners.length > 0,
    one_partner: job.partners.length === 1,
    partner_list: job.partners.join(" and "),
    first_partner: job.partners[0] ?? "",
    messaging: job.mailbox !== undefined,
    max_steps: job.limits.max_steps,
  };
  return { system: render("system", view), task: render("task", view) };
}

function render(name: string, view: object): string {
  const template = readFileSync(join(import.meta.dir, "prompts", `${name}.mustache`), "utf8");
  return Mustache.render(template, view, {}, { escape: String });
}
