// Owns how a fault goes from one process to another: as data, with secrets marked, and back.
import { z } from "zod";
import { asFault, FAULT_CODES, Fault, UsageError } from "../core/fault.ts";
import { redactDeep } from "../core/redact.ts";

export const carriedFault = z.object({
  code: z.enum(FAULT_CODES),
  message: z.string(),
  hint: z.string(),
  /** What it came from, as text. */
  cause: z.string().nullable(),
});
export type CarriedFault = z.infer<typeof carriedFault>;

/** Whatever was thrown, as data. A machine that cannot do what is asked (a UsageError) is the laboratory's trouble. */
export function carryFault(error: unknown): CarriedFault {
  const { code, message, hint, cause } =
    error instanceof UsageError ? unfit(error) : asFault(error);
  const text = cause === undefined || cause === null ? null : String(cause);
  return redactDeep({ code, message, hint, cause: text });
}

/** The reverse of {@link carryFault}; its cause is text. */
export function carriedAsFault({ code, message, hint, cause }: CarriedFault): Fault {
  return new Fault(code, message, cause === null ? { hint } : { hint, cause });
}

function unfit({ message }: UsageError): Fault {
  return new Fault("sandbox_failed", message, {
    hint: "this came from the worker's machine: change that machine, or the options of the call",
  });
}
