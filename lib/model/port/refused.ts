// Owns a refusal as a response: what went wrong, in the form of the wire, and whether to ask again.
import { errorMessage, Fault, type FaultCode } from "../../core/fault.ts";
import { redact } from "../../core/redact.ts";
import { Refusal, type RefusalKind, type Wire } from "../wire/wire.ts";

/** Failures after which a shorter or another request may do: the program is told, and goes on. */
const PASSING: Partial<Record<FaultCode, RefusalKind>> = {
  context_too_long: "context too long",
  model_request: "bad request",
};

/** What a program is to do about an error: only `try again` is ever asked again, and `over` is the end. */
export function kindOf(error: unknown): RefusalKind {
  if (error instanceof Refusal) return error.kind;
  return (error instanceof Fault ? PASSING[error.code] : undefined) ?? "over";
}

export function messageOf(error: unknown): string {
  return redact(errorMessage(error));
}

/** Seconds after which a program asks again whose call is still under way: it joins the call. */
const RETRY_AFTER_S = "1";

export function refused(wire: Wire | undefined, error: unknown): Response {
  const kind = kindOf(error);
  const message = messageOf(error);
  const form = wire?.refusal(kind, message) ?? { status: 500, body: { error: { message } } };
  const again = kind === "try again";
  return Response.json(form.body, {
    status: form.status,
    // The second is what clients of two providers look for before they look at the status.
    headers: {
      "x-should-retry": String(again),
      ...(again ? { "retry-after": RETRY_AFTER_S } : {}),
    },
  });
}
