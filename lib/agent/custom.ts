// Owns what a custom agent is given and returns: a small surface over a job, for a module's one function.
import { z } from "zod";
import { AGENT_OUTCOMES } from "../core/vocabulary.ts";
import type { Answer, ModelRequest } from "../model/model.ts";
import type { Awakening } from "../team/mailbox.ts";
import type { AgentJob, Feature } from "./agent.ts";

export type { ChatTurn } from "../model/model.ts";

/** The repository's copy that the agent works on. The harness closes it. */
export type OwnSandbox = {
  /** Absolute path of the repository inside, where commands start. */
  readonly repo_path: string;
  /** The commit that patches are made against. */
  readonly base_commit: string;
  /**
   * Runs a bash command in a fresh shell; standard output and error as one string. Default limit:
   * limits.command_timeout_ms.
   */
  exec(
    command: string,
    options?: { timeout_ms?: number; max_output_bytes?: number },
  ): Promise<Ended>;
  /** Bytes of the file at an absolute path inside; undefined when there is none. */
  get(path: string): Promise<Uint8Array | undefined>;
  put(path: string, content: Uint8Array | string): Promise<void>;
};
export type Ended = {
  readonly exit_code: number;
  readonly output: string;
  readonly timed_out: boolean;
  readonly duration_ms: number;
};

/** Every call is metered, recorded and counted as a step of the agent. */
export type OwnModel = {
  complete(
    request: Pick<ModelRequest, "turns"> & Partial<Omit<ModelRequest, "turns">>,
  ): Promise<Answer>;
};

export type OwnMailbox = {
  /** To one partner by its id, or to `all`. */
  send(recipient: string, content: string): Promise<void>;
  /**
   * What has come since the last call; `waits` where the sender waits for an answer. The sender `tandem` reports once
   * that a partner has ended, and what it handed in.
   */
  receive(): Promise<
    { readonly sender: string; readonly content: string; readonly waits?: true }[]
  >;
  /** Until something has come, all partners have finished, or the time (milliseconds) is over. */
  wait(timeout_ms: number): Promise<Awakening>;
};

/** A job as a module's function gets it. The harness enforces limits: the model and the signal end at them. */
export type OwnJob = Pick<
  AgentJob,
  "agent_id" | "partners" | "repo" | "limits" | "config" | "git" | "signal"
> & {
  /** What to build: numbers and texts. */
  readonly features: readonly Pick<Feature, "feature_id" | "description">[];
  /** The same sandbox at every call. */
  readonly openSandbox: () => Promise<OwnSandbox>;
  readonly model: OwnModel;
  /** Undefined when messaging is off or there is no partner to write to. */
  readonly mailbox: OwnMailbox | undefined;
};

const toolCall = z.object({
  id: z.string(),
  name: z.string(),
  arguments: z.record(z.string(), z.unknown()),
  malformed: z.string().exactOptional(),
});
const step = z.number().int().positive().exactOptional();
const turn = z.discriminatedUnion("role", [
  z.object({ role: z.enum(["system", "user"]), content: z.string(), step }),
  z.object({
    role: z.literal("assistant"),
    content: z.string(),
    tool_calls: z.array(toolCall).default([]),
    step,
  }),
  z.object({ role: z.literal("tool"), tool_call_id: z.string(), content: z.string(), step }),
]);
const count = z.number().int().nonnegative().default(0);
const stepRecord = z.object({
  started_at: z.iso.datetime().exactOptional(),
  model_ms: count,
  exec_ms: count,
  commands: count,
  exit_code: z.number().int().nullable().default(null),
  messages_sent: count,
  messages_received: count,
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  cost_usd: z.number().nonnegative().nullable().default(null),
});

/**
 * What the function returns; every field may be absent. `patch`: without it the harness takes patch.txt from the
 * sandbox, else the work tree's own difference. `transcript` and `steps`: without them, the last conversation with the
 * model, and one row per call of it. `outcome`: for an agent that has a limit of its own.
 */
export const ownResult = z
  .object({
    patch: z.union([z.instanceof(Uint8Array), z.string()]).optional(),
    outcome: z.enum(AGENT_OUTCOMES).optional(),
    transcript: z.array(turn).optional(),
    steps: z.array(stepRecord).optional(),
  })
  .readonly();
export type OwnResult = z.input<typeof ownResult>;
export type FullOwnResult = z.output<typeof ownResult>;

/** The default export of an agent's module. */
export type OwnAgent = (job: OwnJob) => Promise<OwnResult>;
