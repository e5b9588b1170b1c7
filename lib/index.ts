// Owns Tandem as a library: what the scripts do, as functions over an open ledger (`tandem/ledger`).

export type { AgentJob, AgentResult, Feature, Limits } from "./agent/agent.ts";
export { indexDataset, loadSubset } from "./dataset/index.ts";
export { readDataset } from "./dataset/read.ts";
export { recipeOrder, samplePairs } from "./dataset/sample.ts";
export { type EvalPlan, type EvalUnit, evaluateRuns } from "./eval/run.ts";
export { asFault, Fault, type FaultCode, UsageError } from "./fault.ts";
export { attemptKey, pairKey, parseAttemptKey, parsePairKey } from "./keys.ts";
export { type MergeJob, type MergeOutcome, mergeAttempts } from "./merge/merge.ts";
export { type MergePlan, type MergeUnit, mergeRuns } from "./merge/run.ts";
export type { RunConfig } from "./pair/config.ts";
export { type RunPlan, runPairs, type UnitResult } from "./pair/run.ts";
export { startRun } from "./pair/start.ts";
export { passRate, wilson } from "./report/rate.ts";
export { makeReport, type Report } from "./report/report.ts";
export { openBackend } from "./sandbox/open.ts";
export type { Backend, Sandbox, TaskFiles } from "./sandbox/sandbox.ts";
