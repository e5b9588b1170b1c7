// Owns an attempt's files in the documented form: Tandem's as they are in the logs, imported ones with the fields they came with.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { attemptKey } from "../../core/keys.ts";
import { SHARED_FILES, SHARED_KINDS } from "../forms.ts";
import { type Exported, type Files, folderOf, importedTrajectory, logFile } from "./attempt.ts";

/** Where an attempt is below its run's folder. */
export function documentedFolder({ attempt }: Pick<Exported, "attempt">): string {
  return attemptKey(attempt).slice(attempt.run.length + 1);
}

/** All files of an attempt, by path inside its folder. */
export function documentedFiles(exported: Exported): Files {
  const files: Files = new Map();
  for (const kind of SHARED_KINDS) putShared(exported, SHARED_FILES[kind], files);
  for (const agent of exported.attempt.agents) {
    const folder = folderOf(exported, agent);
    const { imported } = exported;
    if (imported === undefined || `${agent.agent_id}/patch.diff` in imported.files)
      files.set(`${folder}/patch.diff`, exported.patchOf(agent));
    for (const kind of ["trajectory", "full_trajectory"] as const) {
      const path = `${folder}/${kind}.json`;
      const own = imported === undefined && kind === "trajectory";
      const bytes = own ? logFile(exported, path) : importedTrajectory(exported, agent, kind);
      if (bytes) files.set(path, bytes);
    }
  }
  return files;
}

/** What is written for an attempt of Tandem's. */
const OWN: readonly string[] = ["result.json", "conversation.json", "eval.json"];

function putShared(exported: Exported, name: string, files: Files): void {
  const raw = exported.imported?.files[name];
  if (raw !== undefined) files.set(name, { json: raw });
  else if (!OWN.includes(name)) return;
  // Tandem's evaluation may still be to come, and what the imported logs lacked is not made up.
  else if (exported.imported === undefined || name === "eval.json") {
    if (name === "eval.json" && !existsSync(join(exported.folder, name))) return;
    const bytes = logFile(exported, name);
    if (bytes) files.set(name, bytes);
  }
}
