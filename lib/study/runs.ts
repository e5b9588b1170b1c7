// Owns what a study's arms come to in the ledger: for each the run that has its configuration, and its attempts.
import type { Ledger } from "../../db/ledger.ts";
import { editionNamed, editionOfPairs } from "../dataset/edition.ts";
import { UsageError } from "../fault.ts";
import { unknownName } from "../nearest.ts";
import { configHash, type RunConfig } from "../pair/config.ts";
import { type PlannedAttempt, plannedAttempts } from "../pair/planned.ts";
import { isSameEdition } from "../pair/start.ts";
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
  /** Hash of the edition of the dataset that it is made on. */
  readonly edition?: string | undefined;
  /** JSON file of prices over the built-in table. */
  readonly prices_file?: string | undefined;
};

/**
 * The arms of a study (all when none is named). An arm whose configuration or edition changed has a run of its own, numbered;
 * going back to an earlier one finds that one's run. Throws UsageError for an arm that there is not.
 */
export async function studyArms(
  study: Study,
  { ledger, pairs, arms }: { ledger: Ledger; pairs: readonly Unit[]; arms: readonly string[] },
): Promise<StudyArm[]> {
  const known = study.arms.map(({ name }) => name);
  const unknown = arms.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new UsageError(unknownName("arm", unknown, known));
  const wanted = study.arms.filter(({ name }) => arms.length === 0 || arms.includes(name));
  const named = editionNamed(ledger, study.dataset.edition);
  const edition = editionOfPairs(ledger, pairs, named?.hash);
  const found: StudyArm[] = [];
  for (const arm of wanted) {
    const config = await runConfig(armRequest(arm), { ledger, backend: study.sandbox.backend });
    const run = runNameOf(ledger, arm.run, { config, edition });
    const attempts = plannedAttempts({
      ledger,
      run_name: run,
      pairs,
      tries: arm.tries,
      force: false,
    });
    const { prices_file } = arm;
    found.push({ arm, run, config, pairs, attempts, edition, prices_file });
  }
  return found;
}

type Made = { readonly config: RunConfig; readonly edition?: string | undefined };

/** The first of `name`, `name+2`, `name+3`, … that is made like this or is free. */
export function runNameOf(ledger: Ledger, name: string, { config, edition }: Made): string {
  const wanted = configHash(config);
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}+${number}`;
    const known = ledger.runs.find(candidate);
    if (known === undefined) return candidate;
    if (known.config_hash === wanted && isSameEdition(known, edition)) return candidate;
  }
}
