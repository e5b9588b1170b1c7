// Owns refusals in the form that OpenAI's two wires share.
import type { RefusalKind } from "./wire.ts";

const ERRORS: Record<RefusalKind, readonly [status: number, type: string, code: string | null]> = {
  "bad request": [400, "invalid_request_error", null],
  "context too long": [400, "invalid_request_error", "context_length_exceeded"],
  unauthorized: [401, "invalid_request_error", "invalid_api_key"],
  over: [403, "permission_error", null],
  "not found": [404, "invalid_request_error", "not_found"],
  "too large": [413, "invalid_request_error", "request_too_large"],
  "try again": [503, "server_error", null],
};

export function openaiRefusal(kind: RefusalKind, message: string) {
  const [status, type, code] = ERRORS[kind];
  return { status, body: { error: { message, type, param: null, code } } };
}
