// Owns what is said of a message's effects: which files were edited after it, what it promised, whether that was kept, who answered.
import type { Said } from "../../labels/conversation.ts";

/** Whether files are to be changed (`touch`) or left alone (`keep_off`). */
export const PROMISE_KINDS = ["touch", "keep_off"] as const;
export type PromiseKind = (typeof PROMISE_KINDS)[number];
/** `open`: the rules cannot decide it. */
export const PROMISE_STATUSES = ["kept", "broken", "open"] as const;
export type PromiseStatus = (typeof PROMISE_STATUSES)[number];

/** What a message says that somebody will do with files: the sender of itself, or the sender of the reader, which is a request. */
export type PathPromise = {
  /** The agent who is bound: the sender, or the reader of a request. */
  readonly by: string;
  readonly kind: PromiseKind;
  /** As the repository or a patch spells them where exactly one file fits, else as the message does; globs and folders (`lib/`) stay. */
  readonly paths: readonly string[];
  /** Those files and no others: `I only edit src/a.ts`. */
  readonly only: boolean;
  /** Something inside the files, such as a function or lines: leaving it alone does not mean leaving the files alone. */
  readonly part: boolean;
  /** From now on: `I won't touch it any more`. What was done before does not count. */
  readonly further: boolean;
  /** The message calls a file new: it need not be known. */
  readonly fresh: boolean;
  /** The words that say it. */
  readonly quote: string;
};

export type JudgedPromise = PathPromise & {
  readonly status: PromiseStatus;
  /** One sentence: what it was decided by, or why it cannot be. */
  readonly why: string;
  /** The file that shows it; null where none does. */
  readonly path: string | null;
  /** The step of `by` in which that file was first edited after the promise; null where no such step is known. */
  readonly step: number | null;
};

/** A file that an agent's step wrote, by rule. */
export type FileEdit = { readonly agent_id: string; readonly step: number; readonly path: string };

/** A path that a message names, and what its reader handed in. */
export type NamedPath = {
  readonly path: string;
  /** Whether the reader's patch changes it; null where there is no patch to look at. */
  readonly in_patch: boolean | null;
  /** The reader's first step after reading that edited it; null where no such step is known. */
  readonly step: number | null;
};

/** The reader's first message back to the sender, sent after reading. */
export type Answer = {
  readonly seq: number;
  readonly sent_step: number | null;
  /** Steps of the reader from the one that read to the one that answered, both counted. */
  readonly steps: number | null;
  /** Time of these steps, models and commands, in milliseconds: the clock of the agent, not of the machine. */
  readonly duration_ms: number | null;
};

/** What one message did. A text that was sent to several readers has one effect per reader. */
export type MessageEffect = {
  readonly seq: number;
  readonly sender: string;
  readonly reader: string;
  /** Null where reading was not recorded. */
  readonly read: boolean | null;
  /** Whether the reader wrote back after reading. */
  readonly answered: boolean;
  readonly answer: Answer | null;
  /** What the reader edited from the step that read the message until it read the next one; null where that is not known. */
  readonly edited: readonly FileEdit[] | null;
  readonly named: readonly NamedPath[];
  readonly promises: readonly JudgedPromise[];
};

/** A call of a tool in a step, as trajectories keep it. */
export type StepCall = {
  readonly agent_id: string;
  readonly step: number;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
};

/** What effects are made from: an attempt's rows in the ledger, its agents' calls, the files of patches. */
export type Attempted = {
  readonly agents: readonly {
    readonly agent_id: string;
    /** Files of the patch that was handed in; null where none was. */
    readonly files: readonly string[] | null;
  }[];
  readonly messages: readonly (Said & { readonly seq: number })[];
  readonly steps: readonly {
    readonly agent_id: string;
    readonly step: number;
    readonly model_ms: number;
    readonly exec_ms: number;
  }[];
  /** False for logs that do not tell when messages were read. */
  readonly reads_kept: boolean;
  /** Null where the calls of steps are not known. */
  readonly calls: readonly StepCall[] | null;
  /** Further files that are known to be in the repository: those of the task's reference patches and tests. */
  readonly paths: readonly string[];
};
