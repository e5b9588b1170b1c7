import { expect } from "bun:test";
import fc from "fast-check";
import { fuzz } from "../../core/fuzz.fixture.ts";
import { recordLike, texts } from "../../core/fuzz-inputs.fixture.ts";
import { ProviderError } from "./error.ts";
import { asProviderError, retryAfter } from "./failure.ts";

fuzz(
  "an error part of a stream is a ProviderError, whatever it holds",
  {
    runs: 5_600,
    input: recordLike([
      "message",
      "type",
      "code",
      "statusCode",
      "error",
      "overloaded",
      "rate_limit",
    ]),
  },
  (part) => {
    const made = asProviderError(part, "some/model");
    expect(made).toBeInstanceOf(ProviderError);
    if (!(made instanceof ProviderError)) return;
    expect(made.message.includes("\n") || made.message.length > 800).toBe(false);
    expect(made.retry_after_ms === null || made.retry_after_ms >= 0).toBe(true);
  },
);

const header = texts({
  tokens: ["1", "999", "Wed, 21 Oct 2099 07:28:00 GMT", '"retryDelay": "', "3.5", 's"', "-"],
});
fuzz(
  "a wait is none or not below nothing",
  { runs: 21_000, input: fc.tuple(header, header, header) },
  ([exact, after, body]) => {
    const wait = retryAfter({ headers: { "retry-after-ms": exact, "retry-after": after }, body });
    expect(wait === null || wait >= 0).toBe(true);
  },
);
