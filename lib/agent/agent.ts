// Owns what an agent is: a job in, a patch and a transcript out.
import type { AgentOutcome, PatchSource, Taken } from "../../db/schema.ts";
import type { AgentEnd, LimitReached } from "../core/ends.ts";
import type { ChatTurn, Model, Usage } from "../model/model.ts";
import type { Port } from "../model/port/contract.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import type { Mailbox } from "../team/mailbox.ts";
import type { AgentClock } from "./clock.ts";
import type { AgentConfig } from "./config.ts";

/** A feature to build: its number, its text, and its gold patch (which only the agent `gold` looks at). */
export type Feature = {
  readonly feature_id: number;
  readonly description: string;
  readonly gold_patch: Uint8Array;
};

/** When an agent must stop. Null means no limit. */
export type Limits = {
  readonly max_steps: number;
  readonly max_cost_usd: number | null;
  readonly max_wall_ms: number;
  readonly command_timeout_ms: number;
};

/** One agent's part of an attempt. */
export type AgentJob = {
  readonly agent_id: string;
  /** The others, in order; empty for solo. */
  readonly partners: readonly string[];
  readonly repo: string;
  readonly features: readonly Feature[];
  readonly limits: Limits;
  readonly config: AgentConfig;
  /** Undefined when messaging is off or there is no partner to write to. */
  readonly mailbox: Mailbox | undefined;
  /** Whether the sandbox's repository has the remote `team`, with one branch per agent. */
  readonly git: boolean;
  /** Opens the agent's sandbox; agents that need none never call it. The attempt closes it. */
  readonly openSandbox: () => Promise<Sandbox>;
  readonly openModel: () => Promise<Model>;
  /** The gateway as a port, for programs in the sandbox. */
  readonly port?: Port | undefined;
  /** The model's name without its provider, as programs are to say it. */
  readonly model_name?: string | undefined;
  /** Is notified of the model's waits and of commands; a job without one gets a clock that never pauses. */
  readonly clock?: AgentClock;
  readonly signal: AbortSignal;
};

/** What one model call and its commands did; times in milliseconds, tokens as counts. */
export type StepRecord = Usage & {
  readonly step: number;
  readonly started_at: string;
  readonly model_ms: number;
  readonly exec_ms: number;
  readonly commands: number;
  readonly exit_code: number | null;
  readonly messages_sent: number;
  readonly messages_received: number;
  readonly cost_usd: number | null;
  /** Which helper of an agent program made the call, from 1; absent: the agent itself. */
  readonly helper?: number;
};

/** A command that an agent program ran itself; null: its result does not state how it ended. */
export type SeenCommand = {
  readonly step: number;
  readonly command: string;
  readonly exit_code: number | null;
};

/**
 * Records that from here on the model saw `content`, as a user's turn, in place of the transcript's turns from
 * `from_turn` up to, not including, `until_turn` (positions in the transcript, from 0).
 */
export type SummaryTurn = {
  readonly role: "summary";
  readonly content: string;
  readonly from_turn: number;
  readonly until_turn: number;
  /** Why, when the prompt's size was not the only reason. */
  readonly reason?: string;
};

/**
 * A turn of the conversation as the trajectory keeps it: all of them, nothing shortened by compaction. No times: the
 * same answers give the same transcript, and times are in the steps.
 */
export type TranscriptTurn = (ChatTurn | SummaryTurn) & Pick<StepRecord, "step" | "helper">;

/** Why an agent is ended before it hands in its work; null when it handed it in. */
export type EarlyEnd = Extract<AgentEnd, LimitReached | "refused"> | null;
/** This many answers in a row that the provider's filter withheld end an agent: outcome `refused`. */
export const MOST_REFUSALS = 3;

/** What an agent program wrote about its session, in a form of its own. */
export type OwnRecord = { readonly name: string; readonly bytes: Uint8Array };

export type AgentResult = {
  /** The agent's work; no bytes when there is none. Never changed in transit. */
  readonly patch: Uint8Array;
  readonly patch_source: PatchSource;
  /** What else to know about how the patch was taken. */
  readonly taken?: Taken;
  readonly outcome: AgentOutcome;
  /** Which limit ended the work, when one did. */
  readonly limit_reached: LimitReached | null;
  readonly steps: readonly StepRecord[];
  readonly transcript: readonly TranscriptTurn[];
  readonly own_record?: OwnRecord;
  /** Of a program that runs its commands itself, as its calls and their results tell. */
  readonly program_commands?: readonly SeenCommand[];
};

export type Agent = (job: AgentJob) => Promise<AgentResult>;
