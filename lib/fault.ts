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
  "prompt_cut",
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

/** Codes of the operating system, and SQLite's, which bun:sqlite gives in the same field. */
const ERRNO_FAULTS: Record<string, { code: FaultCode; hint: string }> = {
  ENOSPC: { code: "disk_full", hint: "free some disk space and run the same command again" },
  EDQUOT: { code: "disk_full", hint: "free some of your quota and run the same command again" },
  EACCES: {
    code: "not_writable",
    hint: "make the folder writable, or choose another with its flag",
  },
  EPERM: {
    code: "not_writable",
    hint: "make the folder writable, or choose another with its flag",
  },
  EROFS: { code: "not_writable", hint: "the file system is read-only: choose another folder" },
  SQLITE_BUSY: {
    code: "ledger_locked",
    hint: "another program holds the ledger: wait for it or close it, then run again",
  },
  SQLITE_FULL: {
    code: "disk_full",
    hint: "free some disk space and run the same command again",
  },
  SQLITE_IOERR: {
    code: "disk_full",
    hint: "the disk of the ledger is full or failing: see to it, then run the same command again",
  },
  SQLITE_READONLY: {
    code: "not_writable",
    hint: "make the ledger and its folder writable, or name another with --ledger",
  },
};

/** Any thrown value as a Fault; errors of the operating system and of SQLite get the code and hint they deserve. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  // What went wrong in the work, not what went wrong in clearing up after it.
  if (error instanceof SuppressedError) return asFault(error.suppressed);
  const message = error instanceof Error ? error.message : String(error);
  const errno = errnoOf(error);
  const known =
    errno !== undefined && Object.hasOwn(ERRNO_FAULTS, errno) ? ERRNO_FAULTS[errno] : undefined;
  if (known) return new Fault(known.code, message, { hint: known.hint, cause: error });
  return new Fault("internal", message, {
    hint: "this looks like a defect of Tandem: run again with --debug and report the trace",
    cause: error,
  });
}

function errnoOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  if (typeof error.code !== "string") return undefined;
  return error.code.startsWith("SQLITE_IOERR") ? "SQLITE_IOERR" : error.code;
}
