import { describe, expect, test } from "bun:test";
import { CALL_ENDS, type CallEnd, callRow } from "../core/ends.ts";
import { faultRow } from "../core/fault.ts";
import { ask, callerOf, never, scriptedGateway } from "./gateway.fixture.ts";
import { type FailureKind, ProviderError } from "./provider/error.ts";

/** All but what only who knows several answers can tell. */
type Failed = Exclude<CallEnd, "prompt cut">;
const ENDS = (Object.keys(CALL_ENDS) as CallEnd[]).filter(
  (end): end is Failed => end !== "prompt cut",
);
const MAX_OUTAGE_MS = 3_600_000;

function failureOf(end: Failed): ProviderError {
  if (end === "no connection")
    return new ProviderError({ kind: "connection", message: "words", began: false });
  if (end === "bad gateway")
    return new ProviderError({ kind: "server", message: "words", status: 502 });
  return new ProviderError({ kind: end satisfies FailureKind, message: "words", status: 418 });
}

describe.each(ENDS)("%s", (end) => {
  const { asked_again, fault, hint } = callRow(end);

  test("for ever: ends, and is asked again before that, as the table says", async () => {
    const options = { max_outage_ms: MAX_OUTAGE_MS };
    const { gateway, asked, clock } = await scriptedGateway(() => {
      throw failureOf(end);
    }, options);
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("x"), never)).rejects.toMatchObject({ code: fault, hint });
    const lasted = clock.now();
    if (asked_again === "never") expect([asked.length, lasted]).toEqual([1, 0]);
    if (asked_again === "a few times") expect(asked.length).toBe(8);
    if (asked_again === "through an outage") expect(lasted).toBe(MAX_OUTAGE_MS);
  });

  test("and stops the run, or does not, as the table says", async () => {
    const { gateway } = await scriptedGateway(() => {
      throw failureOf(end);
    });
    const model = await gateway.open(callerOf());
    await expect(model.complete(ask("x"), never)).rejects.toMatchObject({ code: fault });
    expect(gateway.stopped?.code).toBe(faultRow(fault).stops_run ? fault : undefined);
  });
});

const PASSING = ENDS.filter((end) => callRow(end).asked_again !== "never");
test.each(PASSING)("%s for a while: the call is answered, and its wait is told", async (end) => {
  const { gateway, clock } = await scriptedGateway((_, n) => {
    if (n < 5) throw failureOf(end);
    return { text: "at last" };
  });
  const model = await gateway.open(callerOf());
  const answer = await model.complete(ask("x"), never);
  expect(answer).toMatchObject({ text: "at last", retries: 4, waited_ms: clock.now() });
  expect(model.calls.at(-1)).toMatchObject({ retries: 4, waited_ms: clock.now() });
});
