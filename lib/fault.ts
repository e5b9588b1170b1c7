// Owns the two kinds of trouble that are not results: faults (the laboratory broke) and usage errors.

/**
 * Every way the laboratory can break. A fault is never scored and never cached; the unit is
 * tried again on the next call.
 */
export const FAULT_CODES = [
  "agent_failed",
  "bad_file",
  "budget_reached",
  "context_too_long",
  "dataset_changed",
  "dataset_invalid",
  "dataset_missing",
  "disk_failed",
  "disk_full",
  "engine_gone",
  "foreign_fault",
  "git_failed",
  "git_too_old",
  "hub_auth",
  "hub_gone",
  "hub_missing",
  "hub_rate_limited",
  "internal",
  "interrupted",
  "isolation_missing",
  "lease_lost",
  "ledger_locked",
  "ledger_newer",
  "ledger_unreadable",
  "mailbox_gone",
  "model_auth",
  "model_failed",
  "model_request",
  "model_unusable",
  "no_image",
  "not_writable",
  "output_unread",
  "patch_missing",
  "provider_down",
  "recording_exhausted",
  "recording_missing",
  "runner_died",
  "sandbox_failed",
  "setup_failed",
] as const;
export type FaultCode = (typeof FAULT_CODES)[number];

type FaultDetails = { readonly hint: string; readonly cause?: unknown };

/** The laboratory's failure: what broke (`code`, `message`), what to do about it (`hint`), and why (`cause`). */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: FaultCode;
  readonly hint: string;

  constructor(code: FaultCode, message: string, details: FaultDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint;
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
  hint: "the disk does not read or write as it should: see to it (the system's log says more), then run the same command again",
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
  hint: "check-ledger tells what is damaged: restore the ledger from a copy, then run the same command again",
};
const MOVED_LEDGER: Known = {
  code: "ledger_unreadable",
  hint: "end what else uses it, put the file back, then run the same command again",
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
  // The file beside the ledger that processes share cannot grow.
  SQLITE_IOERR_SHMSIZE: FULL,
  SQLITE_IOERR_VNODE: MOVED_LEDGER,
};

/** The fault of a ledger whose file is not the one that was opened. */
export function movedLedger(path: string, how: "deleted" | "replaced"): Fault {
  return new Fault(MOVED_LEDGER.code, `${path} was ${how} while it was open`, MOVED_LEDGER);
}

/** Any thrown value as a Fault; errors of the operating system and of SQLite get the code and hint they deserve. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // What went wrong in the work, not what went wrong in clearing up after it.
  if (error instanceof SuppressedError) return asFault(error.suppressed);
  const message = error instanceof Error ? error.message : String(error);
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
