// Owns which tests take so long that only the full check runs them, or who names them: half of the processors' time of all.

/** Paths, those of one kind together. */
export const LONG_TESTS: readonly string[] = [
  // Disks, ledgers, memory and machines that fail in the middle.
  "scripts/dev/powercut.test.ts",
  "scripts/dev/torture.test.ts",
  "scripts/faults-damage.test.ts",
  "scripts/faults-disk.test.ts",
  "scripts/faults-interrupt.test.ts",
  "scripts/faults-ledger.test.ts",
  "scripts/faults-model.test.ts",
  "scripts/faults-shared.test.ts",
  // Calls of several processes that share or kill each other's work.
  "lib/worker/study.test.ts",
  "scripts/killed-calls.test.ts",
  "scripts/shared-calls.test.ts",
  // Agents that wait, fail and are replayed, in whole studies.
  "scripts/agents-faults.test.ts",
  "scripts/agents-limits.test.ts",
  "scripts/agents-outage.test.ts",
  "scripts/agents-replay.test.ts",
  "scripts/agents-waits.test.ts",
  "lib/team/git-hostile.test.ts",
  "lib/team/git-replay.test.ts",
  // Runners, real or played, with outputs of all sizes.
  "lib/eval/output-stretch.test.ts",
  "lib/eval/proof-env.test.ts",
  "lib/eval/silent.test.ts",
  "scripts/eval-limits.test.ts",
  // Whole studies, packages and sites, and every command that the docs show.
  "lib/site/arms.test.ts",
  "scripts/demo.test.ts",
  "scripts/keys-said.test.ts",
  "scripts/pack.test.ts",
  "scripts/shown-commands.test.ts",
];
