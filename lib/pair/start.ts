// Owns starting or continuing a run: its row, its run.json, and the refusal to change it under the same name.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { RunRow } from "../../db/schema.ts";
import { sha256, writeJson } from "../files.ts";
import { checkedRunName } from "../keys.ts";
import { gitVersion, TANDEM_VERSION } from "../versions.ts";
import { checkSameConfig, configHash, type RunConfig } from "./config.ts";

export type StartOptions = {
  readonly ledger: Ledger;
  readonly name: string;
  readonly config: RunConfig;
  readonly log_dir: string;
};

/** The run under that name, made when it is new. Throws UsageError when it exists with another configuration. */
export async function startRun({ ledger, name, config, log_dir }: StartOptions): Promise<RunRow> {
  const known = ledger.runs.find(checkedRunName(name));
  if (known) checkSameConfig(name, known.config, config);
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
      edition: null,
      created_at: new Date().toISOString(),
    });
  // Two processes may start the same run at once: what the ledger kept is what both must agree with.
  checkSameConfig(name, run.config, config);
  const file = join(log_dir, name, "run.json");
  if (!existsSync(file)) writeJson(file, run);
  return run;
}

/** One hash for whatever is indexed now: the dataset's and the demo's. */
export function datasetHash(ledger: Ledger): string {
  const parts = [ledger.dataset.hash("dataset"), ledger.dataset.hash("demo")];
  return sha256(parts.map((part) => part ?? "-").join(" "));
}
