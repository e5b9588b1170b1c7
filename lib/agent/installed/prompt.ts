// Owns what an agent program is told: the same templates as every agent's, with the channels that it has.
import type { AgentJob } from "../agent.ts";
import { jobView, openingPrompts } from "../prompts.ts";
import { fill, type JobView } from "../templates.ts";
import { CHANNELS } from "./channels.ts";
import type { Program } from "./program.ts";

/** One text: programs have a system prompt of their own. */
export function programPrompt(program: Program, job: AgentJob, base_commit: string): string {
  const view: JobView = {
    ...jobView(job, base_commit),
    program: true,
    fenced: false,
    channel_tools: toolNames(program),
    own_tools: program.own_tools.map((name) => `\`${name}\``).join(" and "),
  };
  const { system, task } = openingPrompts(job, view);
  return `${system.trim()}\n\n${task.trim()}\n`;
}

function toolNames({ mcp_tool }: Program): string {
  if (mcp_tool === undefined) return "";
  const names = Object.keys(CHANNELS).map((tool) => `\`${fill(mcp_tool, { tool })}\``);
  return names.join(", ");
}
