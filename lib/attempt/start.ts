// Owns starting or continuing a run: its row, its run.json, and the refusal to change it under the same name.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { RunRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { sha256, writeJson } from "../core/files.ts";
import { checkedRunName } from "../core/keys.ts";
import { gitVersion, TANDEM_VERSION } from "../core/versions.ts";
import { editionOfHash } from "../dataset/edition.ts";
import { checkSameConfig, configHash, type RunConfig } from "./config.ts";

export type StartOptions = {
  readonly ledger: Ledger;
  readonly name: string;
  readonly config: RunConfig;
  readonly log_dir: string;
  /** Hash of the edition of the dataset that its attempts are made on; undefined where none is indexed. */
  readonly edition?: string | undefined;
  /** Whether another host is the server that the run was made with. */
  readonly same_server?: boolean | undefined;
};

/** The run under that name, made when it is new. Throws UsageError when it exists with another configuration or edition. */
export async function startRun(options: StartOptions): Promise<RunRow> {
  const { ledger, name, config, log_dir, edition } = options;
  const known = ledger.runs.find(checkedRunName(name));
  if (known) checkSameRun(options, known);
  const run =
    known ??
    ledger.runs.put({
      run: name,
      setting: config.setting,
      agent: config.agent,
      model: config.model,
      config,
      config_hash: configHash(config),
      tandem_version: TANDEM_VERSION,
      bun_version: Bun.version,
      git_version: await gitVersion(),
      dataset_hash: datasetHash(ledger),
      created_at: new Date().toISOString(),
      edition: edition ?? null,
    });
  // Two processes may start the same run at once: both must agree with what the ledger kept.
  checkSameRun(options, run);
  const file = join(log_dir, name, "run.json");
  if (!existsSync(file)) writeJson(file, run);
  return run;
}

/** Throws UsageError when there is a run of that name that was made differently. Writes nothing. */
export function checkStart(options: Omit<StartOptions, "log_dir">): void {
  const known = options.ledger.runs.find(checkedRunName(options.name));
  if (known) checkSameRun(options, known);
}

/** Throws UsageError naming what the stored run was made with, where that differs from what is asked for now. */
function checkSameRun(options: Omit<StartOptions, "log_dir">, stored: RunRow): void {
  const { ledger, name, config, edition, same_server } = options;
  checkSameConfig(name, stored.config, config, same_server);
  if (isSameEdition(stored, edition)) return;
  const [was, now] = [stored.edition ?? "", edition ?? ""].map((hash) =>
    editionOfHash(ledger, hash),
  );
  throw new UsageError(
    `run "${name}" was made on edition ${was} of the dataset, not ${now}: choose another name with -n, or continue with --edition ${was}`,
  );
}

/** Whether a run may go on under an edition; runs from before there were editions may under any. */
export function isSameEdition(
  { edition: stored }: Pick<RunRow, "edition">,
  edition: string | undefined,
): boolean {
  return stored === null || edition === undefined || stored === edition;
}

/** One hash for whatever is indexed now: the dataset's and the demo's. */
export function datasetHash(ledger: Ledger): string {
  const parts = [ledger.dataset.hash("dataset"), ledger.dataset.hash("demo")];
  return sha256(parts.map((part) => part ?? "-").join(" "));
}
