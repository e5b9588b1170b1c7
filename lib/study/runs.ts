// Owns what a study's arms come to in the ledger: for each the run that has its configuration, and its attempts.
import type { Ledger } from "../../db/ledger.ts";
import { UsageError } from "../fault.ts";
import { unknownName } from "../nearest.ts";
import { configHash, type RunConfig } from "../pair/config.ts";
import { type PlannedAttempt, plannedAttempts } from "../pair/planned.ts";
import { runConfig } from "../steps/config.ts";
import type { Unit } from "../steps/select.ts";
import { type Arm, armRequest } from "./arms.ts";
import type { Study } from "./file.ts";

/** An arm with the run it is kept in, and its attempts in the order of the pairs; finished ones are marked. */
export type StudyArm = {
  readonly arm: Arm;
  readonly run: string;
  readonly config: RunConfig;
  readonly pairs: readonly Unit[];
  readonly attempts: readonly PlannedAttempt[];
  /** JSON file of prices over the built-in table. */
  readonly prices_file?: string | undefined;
};

/**
 * The arms of a study (all when none is named). An arm whose configuration changed has a run of its own, numbered; going
 * back to an earlier configuration finds that one's run. Throws UsageError for an arm that there is not.
 */
export async function studyArms(
  study: Study,
  { ledger, pairs, arms }: { ledger: Ledger; pairs: readonly Unit[]; arms: readonly string[] },
): Promise<StudyArm[]> {
  const known = study.arms.map(({ name }) => name);
  const unknown = arms.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(unknownName("arm", unknown, known));
  const wanted = study.arms.filter(({ name }) => arms.length === 0 || arms.includes(name));
  const found: StudyArm[] = [];
  for (const arm of wanted) {
    const config = await runConfig(armRequest(arm), { ledger, backend: study.sandbox.backend });
    const run = runNameOf(ledger, arm.run, config);
    const attempts = plannedAttempts({
      ledger,
      run_name: run,
      pairs,
      tries: arm.tries,
      force: false,
    });
    found.push({ arm, run, config, pairs, attempts, prices_file: arm.prices_file });
  }
  return found;
}

/** The first of `name`, `name+2`, `name+3`, … that has this configuration or is free. */
export function runNameOf(ledger: Ledger, name: string, config: RunConfig): string {
  const wanted = configHash(config);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}+${number}`;
    const known = ledger.runs.find(candidate);
    if (known === undefined || known.config_hash === wanted) return candidate;
  }
}
