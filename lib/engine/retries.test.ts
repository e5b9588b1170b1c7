import { describe, expect, test } from "bun:test";
import { FAULT_CODES, Fault, type FaultCode } from "../core/fault.ts";
import { canMove, NO_RETRIES, retryAfter } from "./retries.ts";

const fault = (code: FaultCode) => new Fault(code, "it broke", { hint: "wait" });
const TWO = { faults: 2, wait_ms: 1000 };

/** What somebody has to do something about: the same again would only cost. */
const LASTING: FaultCode[] = [
  "bad_file",
  "budget_reached",
  "context_too_long",
  "dataset_changed",
  "dataset_missing",
  "disk_failed",
  "disk_full",
  "internal",
  "interrupted",
  "isolation_missing",
  "lease_lost",
  "model_auth",
  "model_request",
  "model_unusable",
  "not_writable",
  "patch_missing",
  "program_unfit",
  "prompt_cut",
  "recording_exhausted",
  "recording_missing",
  "result_too_large",
];
const PASSING: FaultCode[] = [
  "agent_failed",
  "bytes_missing",
  "engine_gone",
  "git_failed",
  "ledger_locked",
  "mailbox_gone",
  "model_failed",
  "no_image",
  "output_unread",
  "provider_down",
  "queue_gone",
  "runner_died",
  "sandbox_failed",
  "setup_failed",
  "worker_lost",
];

test.each(PASSING)("%s may pass", (code) => {
  expect(retryAfter(fault(code), 1, TWO)).toBe(1000);
});
test.each(LASTING)("%s stays", (code) => {
  expect(retryAfter(fault(code), 1, TWO)).toBeUndefined();
});
test("no code is on both lists, and every code of a unit's work is on one", () => {
  const named = [...PASSING, ...LASTING];
  expect(new Set(named).size).toBe(named.length);
  const others = FAULT_CODES.filter((code) => !named.includes(code));
  // Faults of opening the ledger, of fetching and of launching workers come before there are units.
  for (const code of others) expect(code).toMatch(/^(hub|ledger|dataset|git|foreign|launch)_/);
});

describe("waits", () => {
  const CASES: [tries: number, faults: number, wait_ms: number, expected: number | undefined][] = [
    [1, 3, 5_000, 5_000],
    [2, 3, 5_000, 10_000],
    [3, 3, 5_000, 20_000],
    [4, 3, 5_000, undefined],
    [1, 1, 0, 0],
    [9, 9, 5_000, 300_000],
    [2_000, 5_000, 5_000, 300_000],
    [1, 0, 5_000, undefined],
  ];
  test.each(CASES)(
    "after try %d of at most %d faults, from %d ms: %p",
    (tries, faults, wait_ms, expected) => {
      expect(retryAfter(fault("provider_down"), tries, { faults, wait_ms })).toBe(expected);
    },
  );
  test("there are none where none were asked for", () => {
    expect(retryAfter(fault("engine_gone"), 1, NO_RETRIES)).toBeUndefined();
  });
});

test("Show 3: what broke for its place's sake goes on in another one, but not from place to place for ever", () => {
  const moving = new Fault("engine_gone", "it broke", { hint: "wait", elsewhere: true });
  expect([0, 4, 5].map((moves) => canMove(moving, moves))).toEqual([true, true, false]);
  expect(canMove(fault("engine_gone"), 0)).toBe(false);
});
