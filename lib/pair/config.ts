// Owns a run's frozen configuration: what it holds, its hash, and what may not change under one name.
import type { Setting } from "../../db/schema.ts";
import type { AgentName } from "../agent/registry.ts";
import { UsageError } from "../fault.ts";
import { sha256 } from "../files.ts";
import { checkedRunName } from "../keys.ts";

/** Everything that decides what an attempt of the run does. Limits: steps a agent, US dollars, milliseconds. */
export type RunConfig = {
  readonly setting: Setting;
  readonly agent: AgentName;
  readonly model: string | null;
  readonly backend: string;
  readonly messaging: boolean;
  readonly max_steps: number;
  readonly max_cost_usd: number | null;
  readonly max_wall_ms: number;
  readonly command_timeout_ms: number;
};

/** SHA-256 of the configuration in a fixed order of fields. */
export function configHash(config: RunConfig): string {
  return sha256(JSON.stringify(Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Throws UsageError that names the first field in which a run of that name was made differently. */
export function checkSameConfig(
  run: string,
  stored: Readonly<Record<string, unknown>>,
  wanted: RunConfig,
): void {
  for (const [field, value] of Object.entries(wanted))
    if (stored[field] !== value)
      throw new UsageError(
        `run "${run}" was made with ${field} ${JSON.stringify(stored[field] ?? null)}, not ${JSON.stringify(value)}: choose another name with -n`,
      );
}

/** The name of a run when none is given: `<setting>-<agent>-[model]-[subset]-[repo]-[task]`. Source: the existing system's rule. */
export function defaultRunName(
  config: Pick<RunConfig, "setting" | "agent" | "model">,
  filter: { subset?: string | undefined; repo?: string | undefined; task_id?: number | undefined },
): string {
  const parts = [
    config.setting,
    config.agent,
    config.model,
    filter.subset,
    filter.repo,
    filter.task_id,
  ];
  const name = parts.filter((part) => part !== undefined && part !== null).join("-");
  return checkedRunName(name.replaceAll("/", "-"));
}
