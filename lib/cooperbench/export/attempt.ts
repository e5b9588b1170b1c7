// Owns what an export knows of one attempt: its rows, its patches, what it was imported with, and its files in the logs.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attempt } from "../../../db/attempts.ts";
import type { Ledger } from "../../../db/ledger.ts";
import type { AgentRow, ImportedRow, MessageRow, RunRow } from "../../../db/schema.ts";
import { agentFolder } from "../../attempt/recorded.ts";
import { Fault } from "../../core/fault.ts";
import { keptTrajectory } from "../import/write.ts";
import { parseJson } from "../read/bytes.ts";

export type Exported = {
  readonly ledger: Ledger;
  readonly run: RunRow;
  readonly attempt: Attempt;
  readonly messages: readonly MessageRow[];
  readonly patchOf: (agent: AgentRow) => Uint8Array;
  /** Undefined for an attempt of Tandem's. */
  readonly imported: ImportedRow | undefined;
  /** The attempt's folder in the logs. */
  readonly folder: string;
  /** What could not be exported: it is omitted. */
  readonly problems: string[];
  readonly verdicts: Verdicts;
};
/** Tandem's verdicts and merges of a run, by attempt. */
export type Verdicts = {
  readonly scores: ReturnType<Ledger["scores"]["byAttempt"]>;
  readonly merges: ReturnType<Ledger["merges"]["byAttempt"]>;
};
/** Files by path inside the attempt's folder: bytes as they are, or a JSON value. */
export type Files = Map<string, Uint8Array | { readonly json: unknown }>;

/** Throws Fault `patch_missing` when the ledger lacks a patch. */
export function openExported(
  place: Pick<Exported, "ledger" | "run" | "verdicts"> & { readonly log_dir: string },
  attempt: Attempt,
): Exported {
  const { ledger, log_dir, run, verdicts } = place;
  const { attempt_key } = attempt;
  const bytes = ledger.dataset.patchBytes(attempt.agents.map(({ patch }) => patch));
  return {
    ledger,
    run,
    verdicts,
    attempt,
    messages: ledger.imported.messages(attempt_key),
    patchOf({ patch, agent_id }) {
      const found = bytes.get(patch);
      if (found) return found;
      throw new Fault(
        "patch_missing",
        `the ledger lacks the patch of ${agent_id} in ${attempt_key}`,
        {
          hint: "run or import the attempt again",
        },
      );
    },
    imported: ledger.imported.find(attempt_key),
    folder: join(log_dir, attempt_key),
    problems: [],
  };
}

/** The bytes of one of the attempt's files in the logs; undefined, and a problem, when it is not there. */
export function logFile({ folder, problems }: Exported, path: string): Uint8Array | undefined {
  const file = join(folder, path);
  if (existsSync(file)) return readFileSync(file);
  problems.push(`${path} is not in the logs`);
  return undefined;
}

/** The same as a value. */
export function logValue(exported: Exported, path: string): unknown {
  const bytes = logFile(exported, path);
  if (bytes === undefined) return undefined;
  const { value, problem } = parseJson(bytes);
  if (problem !== undefined) exported.problems.push(`${path} ${problem}`);
  return value;
}

/** An agent's folder in the logs. */
export function folderOf({ run }: Exported, agent: AgentRow): string {
  return agentFolder(run, agent.agent_id);
}

/** A trajectory as it was imported, byte for byte; undefined when it had none, or the logs are gone (a problem). */
export function importedTrajectory(
  exported: Exported,
  agent: AgentRow,
  kind: "trajectory" | "full_trajectory",
): Uint8Array | undefined {
  const path = join(folderOf(exported, agent), keptTrajectory(kind));
  const had = `${agent.agent_id}/${kind}.json` in (exported.imported?.files ?? {});
  if (!had && !existsSync(join(exported.folder, path))) return undefined;
  const bytes = logFile(exported, path);
  return bytes && Bun.zstdDecompressSync(bytes);
}
