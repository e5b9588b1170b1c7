// Owns the content of result.json, in CooperBench's terms or in Tandem's; every field may be absent or wrong.
import { z } from "zod";
import { AGENT_OUTCOMES, SETTINGS } from "../../core/vocabulary.ts";
import { moment } from "./time.ts";

// A field that is wrong counts as absent: the others still hold.
const text = z.string().optional().catch(undefined);
const count = z.number().int().nonnegative().optional().catch(undefined);
const amount = z.number().nonnegative().optional().catch(undefined);
const numbers = z.array(z.number().int().nonnegative()).optional().catch(undefined);
const record = z.record(z.string(), z.unknown()).optional().catch(undefined);

const agentSchema = z.looseObject({
  feature_id: count,
  features: numbers,
  status: text,
  outcome: z.enum(AGENT_OUTCOMES).optional().catch(undefined),
  limit_reached: text,
  error: text,
  steps: count,
  cost: amount,
  cost_usd: amount,
  messages_sent: count,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  model_ms: count,
  wall_ms: count,
});
/** What result.json says about one agent. */
export type AgentSays = z.infer<typeof agentSchema>;

const resultSchema = z.looseObject({
  repo: text,
  task_id: count,
  features: numbers,
  setting: z.enum(SETTINGS).optional().catch(undefined),
  run_name: text,
  agent_framework: text,
  model: text,
  duration_seconds: amount,
  wall_ms: count,
  agents: record,
});

/** The setting that result.json names, or shows by having one agent. */
export function settingSaid(result: unknown): "coop" | "solo" | undefined {
  const said = resultSchema.safeParse(result).data;
  if (said?.setting !== undefined) return said.setting;
  if (isRecord(said?.agent)) return "solo";
  return said?.agents === undefined ? undefined : "coop";
}

/** The setting as result.json names it, whatever it is: `team` from 0.0.16 on. */
export function wordSaid(result: unknown): string | undefined {
  const { setting } = asRecord(result);
  return typeof setting === "string" && /^[A-Za-z][A-Za-z0-9_-]*$/.test(setting)
    ? setting
    : undefined;
}

export type Says = {
  readonly repo: string | undefined;
  readonly task_id: number | undefined;
  readonly features: readonly number[] | undefined;
  readonly run_name: string | undefined;
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** Milliseconds; undefined if not recorded. */
  readonly wall_ms: number | undefined;
  readonly agents: ReadonlyMap<string, AgentSays>;
};

/** What a result.json says; nothing if it is absent or not an object. */
export function readSays(result: unknown): Says {
  const said = resultSchema.safeParse(result).data;
  const started_at = moment(said?.started_at);
  const ended_at = moment(said?.ended_at);
  const between =
    started_at === null || ended_at === null
      ? undefined
      : Date.parse(ended_at) - Date.parse(started_at);
  const seconds = said?.duration_seconds;
  const wall_ms = said?.wall_ms ?? (seconds === undefined ? between : Math.round(seconds * 1000));
  const framework = typeof said?.agent === "string" ? said.agent : undefined;
  return {
    repo: said?.repo,
    task_id: said?.task_id,
    features: said?.features,
    run_name: said?.run_name,
    agent: said?.agent_framework ?? framework,
    model: said?.model,
    started_at,
    ended_at,
    wall_ms: wall_ms === undefined || wall_ms < 0 ? undefined : wall_ms,
    agents: agentsSaid(said),
  };
}

function agentsSaid(said: z.infer<typeof resultSchema> | undefined): Map<string, AgentSays> {
  const several = Object.entries(said?.agents ?? {});
  const entries = isRecord(said?.agent) ? [["agent1", said.agent] as const] : several;
  return new Map(
    entries.flatMap(([agent_id, value]) => {
      const agent = agentSchema.safeParse(value).data;
      return agent === undefined ? [] : [[agent_id, agent] as const];
    }),
  );
}

/** Whether a value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as a JSON object; an empty one if it is not an object. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
