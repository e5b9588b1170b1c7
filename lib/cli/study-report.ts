// Owns a study's reports: one on standard output, and one in each file that the study names.

import { policyOf, type Study } from "../study/file.ts";
import type { Call, Part } from "./step.ts";

type Options = {
  readonly study: Study;
  readonly runs: readonly string[];
  readonly dataset_dir: string;
  readonly call: Call;
  readonly report: Part;
};

/** Writes and prints the reports of these runs, those that have attempts. */
export async function reportStudy(options: Options): Promise<void> {
  const { study, runs, dataset_dir, call, report } = options;
  const { ledger, json, quiet } = call.args;
  const places = { ledger, "log-dir": call.args["log-dir"], "dataset-dir": dataset_dir };
  const flags = { ...places, json, quiet, name: runs.join(",") };
  const shared = { ...call, words: [] };
  for (const { path, format, policy, parts } of study.reports) {
    const chosen = {
      ...flags,
      policy,
      format,
      ...(parts && format !== "html" ? { parts: parts.join(",") } : {}),
    };
    await report({ ...chosen, out: path }, shared);
    call.out.say(`report: ${path}`);
  }
  const policy = policyOf(study.evaluation);
  await report({ ...flags, policy, format: call.out.json ? "json" : "table" }, shared);
}
