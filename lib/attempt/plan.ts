// Owns what goes into an attempt and what comes out of it.
import type { AgentResult, Feature } from "../agent/agent.ts";
import type { Installed } from "../agent/installed/install.ts";
import type { Program } from "../agent/installed/program.ts";
import type { AttemptId } from "../core/keys.ts";
import type { MeteredModel } from "../model/metered.ts";
import type { Caller, CallWatch } from "../model/model.ts";
import type { Port } from "../model/port/contract.ts";
import type { Backend, ProgramSource, TaskFiles } from "../sandbox/sandbox.ts";
import type { FetchTaken } from "../team/git.ts";
import type { Message } from "../team/mailbox.ts";
import type { Mailroom } from "../team/room.ts";
import type { CommandResult, RanCommand } from "./commands.ts";
import type { RunConfig } from "./config.ts";

export type AttemptPlan = {
  readonly attempt: AttemptId;
  readonly config: RunConfig;
  /** Where the agent's file is, when not where the configuration says. */
  readonly agent_path?: string | undefined;
  readonly task: TaskFiles;
  /** The features of the pair, ascending. */
  readonly features: readonly Feature[];
  readonly backend: Backend;
  readonly mailroom: Mailroom;
  /** A model for one of the agents; agents that need none never ask. */
  readonly openModel: (caller: Caller, watch: () => CallWatch) => Promise<MeteredModel>;
  /** For agents that are programs in the sandbox: the gateway's port, and where a program's folder is. */
  readonly programs?: Programs | undefined;
  /** The attempt that this one repeats. */
  readonly recorded?: RecordedAttempt | undefined;
  /** Told the name of the engine that its sandboxes stand on, where there are several. */
  readonly on_place?: ((where: string) => void) | undefined;
  readonly signal: AbortSignal;
};

/** What programs of agents need in a run. */
export type Programs = {
  readonly port: Port;
  /** The folder of a program for a task's sandboxes, installed when it is not yet. Throws Fault `agent_failed` where none fits. */
  readonly folderOf: (
    program: Program,
    task: TaskFiles,
    signal: AbortSignal,
  ) => Promise<KeptProgram | undefined>;
};

/** Where sandboxes find a program, and what is installed there: packages with versions, and the SHA-256 of all contents. */
export type KeptProgram = ProgramSource & Pick<Installed, "packages" | "sha256">;

/** What a replay follows: the order of events, the results of each agent's commands, and what its fetches took. */
export type RecordedAttempt = {
  readonly order: readonly string[];
  readonly commands: ReadonlyMap<string, readonly CommandResult[]>;
  readonly fetches: ReadonlyMap<string, readonly FetchTaken[]>;
};

/** What one agent left; `wall_ms` from its start to its end, of which its clock stood still for `stopped_ms`. */
export type AgentReport = AgentResult & {
  readonly agent_id: string;
  readonly features: readonly number[];
  readonly wall_ms: number;
  readonly stopped_ms?: number;
  /** The model it asked, with every call; undefined when it asked none. */
  readonly model: MeteredModel | undefined;
  /** Its commands and their results, in order. */
  readonly commands: readonly RanCommand[];
  /** What was done to its patch; absent if the patch is as the agent left it. */
  readonly patch_repairs?: readonly PatchRepair[];
  /** Which publications its fetches took, in order; undefined when it shared no branches. */
  readonly fetches?: readonly FetchTaken[] | undefined;
};

/** The one change that an agent's patch may undergo before it is kept. */
export type PatchRepair = "secret redacted";

export type AttemptReport = {
  readonly attempt: AttemptId;
  readonly agents: readonly AgentReport[];
  /** What was installed for agents that are programs in the sandbox. */
  readonly program?: Pick<Installed, "packages" | "sha256"> | undefined;
  readonly messages: readonly Message[];
  /** The order in which the agents touched what they share. */
  readonly order: readonly string[];
  /** Where messages were kept. */
  readonly mailbox: string;
  readonly started_at: string;
  readonly ended_at: string;
  readonly wall_ms: number;
};
