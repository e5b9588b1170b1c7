// Owns what a study's arms are in the ledger: for each the run that has its configuration, and its attempts.
import type { Ledger } from "../../db/ledger.ts";
import type { RunRow } from "../../db/schema.ts";
import { goingOn } from "../agent/earlier-prompts.ts";
import { configHash, differInServerOnly, otherServer, type RunConfig } from "../attempt/config.ts";
import { type PlannedAttempt, plannedAttempts } from "../attempt/planned.ts";
import { isSameEdition } from "../attempt/start.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { editionNamed, editionOfPairs } from "../dataset/edition.ts";
import type { Unit } from "../select/select.ts";
import { runConfig } from "../stages/config.ts";
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
  /** Whether another host is the server that the run was made with. */
  readonly same_server?: boolean | undefined;
};

/**
 * The arms of a study (all when none is named). An arm whose configuration or edition changed has a separate, numbered
 * run; going back to an earlier one finds that one's run. Throws UsageError for an unknown arm.
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
    const made = await runConfig(armRequest(arm), { ledger, backend: study.sandbox.backend });
    const { prices_file, same_server } = arm;
    const run = runNameOf(ledger, arm.run, { config: made, edition, same_server });
    const config = goingOn(made, ledger.runs.find(run)?.config ?? {});
    const attempts = plannedAttempts({
      ledger,
      run_name: run,
      pairs,
      tries: arm.tries,
      force: false,
    });
    found.push({ arm, run, config, pairs, attempts, edition, prices_file, same_server });
  }
  return found;
}

type Made = Pick<StudyArm, "config" | "edition" | "same_server">;

/**
 * The run among `name`, `name+2`, `name+3`, … that is made like this: at the very same address, or at another one of
 * the same server; else the first name that is free. Throws UsageError if a run differs only in its server, and it was
 * not declared whether that is the same one.
 */
export function runNameOf(ledger: Ledger, name: string, made: Made): string {
  const { config, same_server } = made;
  const { named, free } = namedRuns(ledger, name);
  const known = named.filter((run) => isSameEdition(run, made.edition));
  const alike = known.filter(
    ({ config_hash, config: stored }) => config_hash === configHash(goingOn(config, stored)),
  );
  const found = alike.find((run) => run.config.base_url === config.base_url) ?? alike[0];
  if (found !== undefined) return found.run;
  const other = known.find((run) =>
    differInServerOnly(run.config as RunConfig, goingOn(config, run.config)),
  );
  if (other === undefined || same_server === false) return free;
  if (same_server) return other.run;
  throw otherServer(other.run, other.config, config, IN_STUDY);
}

const IN_STUDY = {
  go_on: "set same_server = true for the arm",
  instead: "same_server = false starts a separate run",
};

/** The runs of this name and its numbers, as far as these continue, and the first free one. */
export function namedRuns(ledger: Ledger, name: string) {
  const named: RunRow[] = [];
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}+${number}`;
    const known = ledger.runs.find(candidate);
    if (known === undefined) return { named, free: candidate };
    named.push(known);
  }
}
