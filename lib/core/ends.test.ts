import { describe, expect, test } from "bun:test";
import {
  AGENT_ENDS,
  type AgentEnd,
  CALL_ENDS,
  type CallEnd,
  callRow,
  limitOf,
  reasonOfNothing,
  worstOutcome,
} from "./ends.ts";
import { FAULT_CODES, faultRow } from "./fault.ts";
import { AGENT_OUTCOMES, OUTCOMES } from "./vocabulary.ts";

const CALLS = Object.keys(CALL_ENDS) as CallEnd[];
const AGENTS = Object.keys(AGENT_ENDS) as AgentEnd[];

describe("in the table", () => {
  test("every outcome of an agent is an end's, and no end is anything else", () => {
    const outcomes = new Set(AGENTS.map((end) => AGENT_ENDS[end].outcome));
    expect([...outcomes].sort()).toEqual([...AGENT_OUTCOMES].sort());
  });

  test("an agent's outcome that is not its work handed in is an outcome of a pair", () => {
    const others = AGENT_OUTCOMES.filter((outcome) => outcome !== "submitted");
    for (const outcome of others) expect<readonly string[]>(OUTCOMES).toContain(outcome);
  });

  test("a limit is a limit by its outcome too", () => {
    for (const end of AGENTS)
      expect([end, limitOf(end) !== null]).toEqual([
        end,
        AGENT_ENDS[end].outcome === "limit reached",
      ]);
  });

  test.each(CALLS)("%s: what is asked again is a provider's trouble, which passes", (end) => {
    const { asked_again, fault, hint } = callRow(end);
    expect(FAULT_CODES).toContain(fault);
    expect(hint).not.toBe("");
    expect(fault === "provider_down").toBe(asked_again !== "never");
    if (asked_again !== "never") expect(faultRow(fault)).toMatchObject({ passes: true });
  });

  test("a fault that stops the run is not tried again", () => {
    for (const code of FAULT_CODES)
      expect(Object.keys(faultRow(code)).filter((key) => key !== "means").length).toBeLessThan(2);
  });
});

describe("of several agents", () => {
  test("the worst outcome names the attempt", () => {
    expect(worstOutcome(["submitted", "limit reached"])).toBe("limit reached");
    expect(worstOutcome(["refused", "limit reached"])).toBe("refused");
    expect(worstOutcome(["refused", "empty patch"])).toBe("empty patch");
    expect(worstOutcome([])).toBe("submitted");
  });

  test("the reason of nothing is named before the nothing", () => {
    expect(reasonOfNothing(["empty patch", "limit reached"])).toBe("limit reached");
    expect(reasonOfNothing(["limit reached", "patch too large"])).toBe("patch too large");
    expect(reasonOfNothing(["submitted", "empty patch"])).toBe("empty patch");
    expect(reasonOfNothing([])).toBe("empty patch");
  });
});
