// Owns the two kinds of trouble that are not results: faults (the laboratory broke) and usage errors.

type FaultRow = {
  readonly means: string;
  /** It may be over in a moment: the unit is tried again within the call. Others stay until a person acts. */
  readonly passes?: true;
  /** Every later unit of the run would meet it too: nothing more is begun. */
  readonly stops_run?: true;
};

/**
 * Every way the laboratory can break. A fault is never scored and never cached; the unit is
 * tried again on the next call.
 */
export const FAULTS = {
  agent_failed: { means: "an agent's own program threw, or gave no result", passes: true },
  bad_file: { means: "a file that Tandem or a person wrote cannot be read" },
  budget_reached: {
    means: "the run's budget is used up, or what is left of it cannot be known",
    stops_run: true,
  },
  bytes_missing: {
    means: "bytes that another process needs, or left for this one, are gone",
    passes: true,
  },
  context_too_long: {
    means: "a request is longer than the model accepts, and no agent can shorten it",
  },
  dataset_changed: { means: "a task has changed since the attempt was made" },
  dataset_invalid: { means: "the dataset's files are not what they should be" },
  dataset_missing: { means: "the dataset, or a part of it, is missing" },
  disk_failed: { means: "a disk could not be read or written" },
  disk_full: { means: "there is no space left" },
  engine_gone: { means: "the container engine does not answer", passes: true },
  foreign_fault: { means: "an imported attempt broke in the system that made it" },
  git_failed: { means: "git failed unexpectedly", passes: true },
  git_too_old: { means: "git is older than merging needs" },
  hub_auth: { means: "the dataset's hub wants a token" },
  hub_gone: { means: "the dataset's hub does not answer" },
  hub_missing: { means: "the dataset's hub does not have it" },
  hub_rate_limited: { means: "the dataset's hub refuses because of too many requests" },
  internal: { means: "a defect of Tandem" },
  interrupted: { means: "the process was told to stop" },
  isolation_missing: { means: "commands of a model cannot be isolated on this machine" },
  launch_failed: { means: "workers elsewhere could not be started, ended or looked at" },
  lease_lost: { means: "another process took over the unit" },
  ledger_locked: { means: "another program holds the ledger", passes: true },
  ledger_newer: { means: "a newer Tandem wrote the ledger" },
  ledger_unreadable: { means: "the ledger is damaged, or is not a ledger" },
  mailbox_gone: { means: "the server for agents' messages stays unreachable", passes: true },
  model_auth: {
    means: "the provider refuses the key, or its account has no money",
    stops_run: true,
  },
  model_failed: { means: "a model's answer is not one that can be used", passes: true },
  model_request: { means: "the provider refuses the request" },
  model_unusable: { means: "no request to this model can be answered", stops_run: true },
  no_image: { means: "a task's image is not here and cannot be fetched", passes: true },
  not_writable: { means: "a folder or file cannot be written" },
  output_unread: { means: "a suite's output could not be read whole", passes: true },
  patch_missing: { means: "a needed patch is missing" },
  program_unfit: { means: "an agent program cannot be installed, or does not run in the image" },
  prompt_cut: { means: "the model's server cuts prompts silently" },
  provider_down: { means: "the provider failed for longer than a call waits", passes: true },
  queue_gone: { means: "the server of the queue stays unreachable", passes: true },
  recording_exhausted: { means: "a recording ends before its agent does" },
  recording_missing: { means: "there is no recording to answer from" },
  result_too_large: {
    means: "a worker's result is larger than what travels through the queue's server",
  },
  runner_died: { means: "a suite's runner ended before its tests did", passes: true },
  sandbox_failed: { means: "a sandbox ended while it was needed", passes: true },
  setup_failed: { means: "a task's repository cannot be prepared", passes: true },
  worker_lost: { means: "the workers that took the unit ended before it was done", passes: true },
} as const satisfies Readonly<Record<string, FaultRow>>;
export type FaultCode = keyof typeof FAULTS;
export const FAULT_CODES = Object.keys(FAULTS) as [FaultCode, ...FaultCode[]];

/** The table's row of a fault. */
export function faultRow(code: FaultCode): FaultRow {
  return FAULTS[code];
}

type FaultDetails = {
  readonly hint: string;
  readonly cause?: unknown;
  /** Whether the same work may be done at once in another place: where it broke it was for that place's sake. */
  readonly elsewhere?: boolean | undefined;
};

/** The laboratory's failure: what broke (`code`, `message`), what to do about it (`hint`), and why (`cause`). */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  readonly hint: string;
  readonly elsewhere: boolean | undefined;

  constructor(code: FaultCode, message: string, details: FaultDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
    this.elsewhere = details.elsewhere;
  }
}

/** The caller's mistake: one line that says what is wrong and what to do. Scripts exit 2 on it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Known = { readonly code: FaultCode; readonly hint: string };
const FULL: Known = {
  code: "disk_full",
  hint: "free some disk space and run the same command again",
};
const FAILED: Known = {
  code: "disk_failed",
  hint: "the disk does not read or write as it should: check it (the system's log shows more), then run the same command again",
};
const SHUT: Known = {
  code: "not_writable",
  hint: "make the folder writable, or choose another with its flag",
};
const SHUT_LEDGER: Known = {
  code: "not_writable",
  hint: "make the ledger and its folder writable, or name another with --ledger",
};
const HELD_LEDGER: Known = {
  code: "ledger_locked",
  hint: "another program holds the ledger: wait for it or close it, then run again",
};
const DAMAGED_LEDGER: Known = {
  code: "ledger_unreadable",
  hint: "check-ledger shows what is damaged: restore the ledger from a copy, then run the same command again",
};
const MOVED_LEDGER: Known = {
  code: "ledger_unreadable",
  hint: "stop whatever else uses it, put the file back, then run the same command again",
};

/** Codes of the operating system, and SQLite's, which bun:sqlite gives in the same field. */
const ERRNO_FAULTS: Readonly<Record<string, Known>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, hint: "free some of your quota and run the same command again" },
  EIO: FAILED,
  EACCES: SHUT,
  EPERM: SHUT,
  EROFS: { ...SHUT, hint: "the file system is read-only: choose another folder" },
  SQLITE_BUSY: HELD_LEDGER,
  SQLITE_LOCKED: HELD_LEDGER,
  SQLITE_PROTOCOL: HELD_LEDGER,
  SQLITE_CANTOPEN: SHUT_LEDGER,
  SQLITE_PERM: SHUT_LEDGER,
  SQLITE_READONLY: SHUT_LEDGER,
  SQLITE_READONLY_DBMOVED: MOVED_LEDGER,
  SQLITE_CORRUPT: DAMAGED_LEDGER,
  SQLITE_NOTADB: DAMAGED_LEDGER,
  SQLITE_FULL: FULL,
  SQLITE_IOERR: FAILED,
  // The file next to the ledger that processes share cannot grow.
  SQLITE_IOERR_SHMSIZE: FULL,
  SQLITE_IOERR_VNODE: MOVED_LEDGER,
};

/** The fault of a ledger whose file is not the one that was opened. */
export function movedLedger(path: string, how: "deleted" | "replaced"): Fault {
  return new Fault(MOVED_LEDGER.code, `${path} was ${how} while it was open`, MOVED_LEDGER);
}

/** The fault of a value in the ledger that its place cannot hold: which place, and what is there instead. */
export function damagedValue(place: string, stored: unknown, cause?: unknown): Fault {
  const shown = String(stored).slice(0, 60);
  return new Fault(DAMAGED_LEDGER.code, `${place} holds an impossible value: ${shown}`, {
    hint: DAMAGED_LEDGER.hint,
    cause,
  });
}

/** Any thrown value as a Fault; errors of the operating system and of SQLite get the code and hint they deserve. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // What went wrong in the work, not what went wrong in clearing up after it.
  if (error instanceof SuppressedError) return asFault(error.suppressed);
  const message = errorMessage(error);
  const known = knownOf(error) ?? (error instanceof Error ? knownOf(error.cause) : undefined);
  if (known) return new Fault(known.code, message, { hint: known.hint, cause: error });
  return new Fault("internal", message, {
    hint: "this looks like a defect of Tandem: run again with --debug and report the trace",
    cause: error,
  });
}

/** By its code; SQLite's longer codes (`SQLITE_BUSY_SNAPSHOT`) are kinds of the shorter. */
function knownOf(error: unknown): Known | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  if (typeof error.code !== "string") return undefined;
  const [, primary = ""] = /^(SQLITE_[A-Z]+)_/.exec(error.code) ?? [];
  const name = [error.code, primary].find((code) => Object.hasOwn(ERRNO_FAULTS, code));
  return name === undefined ? undefined : ERRNO_FAULTS[name];
}

/** What an error says, whatever was thrown. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
