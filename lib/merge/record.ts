// Owns the two forms a merge is kept in: ledger rows, and merge.json with the merged diffs.
import type { MergeRecord } from "../../db/merges.ts";
import type { OwnFiles } from "../core/artefacts.ts";
import { jsonText, sha256 } from "../core/files.ts";
import { STRATEGIES, type Strategy } from "../core/vocabulary.ts";
import type { PreparedInputs } from "./inputs.ts";
import type { MergeResult } from "./merge.ts";

/** The rows of a merge, one a strategy. */
export function mergeRecord(inputs: PreparedInputs, outcome: MergeResult): MergeRecord {
  const { conflicts } = outcome.naive;
  const merged_at = new Date().toISOString();
  const row = (strategy: Strategy): MergeRecord["rows"][number] => {
    const { status, tree, diff } = outcome[strategy];
    return {
      attempt_key: inputs.attempt.attempt_key,
      strategy,
      inputs_hash: inputs.inputs_hash,
      merged_at,
      base_kind: inputs.base ? "repository" : "patches",
      base_tree: outcome.base_tree,
      status,
      tree: tree ?? null,
      diff: diff ? sha256(diff) : null,
      conflict_at: outcome.naive.conflict_at ?? null,
      sections: conflicts.sections,
      lines: conflicts.lines,
      files: conflicts.files.length,
      score: conflicts.score,
      severity: conflicts.severity,
      reason: outcome.patches.flatMap(({ reason }) => reason ?? []).join("; ") || null,
    };
  };
  const diffs = STRATEGIES.flatMap((strategy) => outcome[strategy].diff ?? []);
  const kept = inputs.patches.map(({ patch }) => patch);
  return {
    rows: STRATEGIES.map(row),
    sides: inputs.patches.map((_, position) => sideRow(inputs, outcome, position)),
    patches: [...diffs, ...kept].map((bytes) => ({ hash: sha256(bytes), bytes })),
  };
}

function sideRow(
  inputs: PreparedInputs,
  outcome: MergeResult,
  position: number,
): MergeRecord["sides"][number] {
  const [agent, input, side] = [
    inputs.attempt.agents[position],
    inputs.patches[position],
    outcome.patches[position],
  ];
  if (!agent || !input || !side) throw new RangeError("a merge has one side an agent");
  return {
    attempt_key: inputs.attempt.attempt_key,
    agent_id: agent.agent_id,
    position,
    features: agent.features,
    status: side.status,
    tree: side.tree ?? null,
    patch: sha256(input.patch),
    reason: side.reason ?? null,
    repairs: [...side.repairs],
    left_out: [...input.left_out],
    marked: [...input.marked],
  };
}

/** The files that a merge leaves in its attempt's folder: the merged diffs, then merge.json. */
export function mergeFiles(inputs: PreparedInputs, outcome: MergeResult): OwnFiles {
  const diffs = STRATEGIES.map((strategy) => {
    const { diff } = outcome[strategy];
    return [`merged.${strategy}.diff`, diff] as const;
  });
  return { ...Object.fromEntries(diffs), "merge.json": jsonText(mergeJson(inputs, outcome)) };
}

function mergeJson(inputs: PreparedInputs, outcome: MergeResult) {
  const strategyJson = ({ status, tree }: MergeResult["union"]) => ({
    status,
    tree: tree ?? null,
  });
  return {
    key: inputs.attempt.attempt_key,
    status: outcome.status,
    base: { kind: inputs.base ? "repository" : "patches", tree: outcome.base_tree },
    patches: inputs.patches.map((_, position) => {
      const {
        attempt_key: _key,
        position: _position,
        ...side
      } = sideRow(inputs, outcome, position);
      return side;
    }),
    naive: {
      ...strategyJson(outcome.naive),
      conflict_at: outcome.naive.conflict_at ?? null,
      conflicts: outcome.naive.conflicts,
    },
    union: strategyJson(outcome.union),
    inputs_hash: inputs.inputs_hash,
  };
}
