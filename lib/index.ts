// Owns Tandem as a library: what the scripts do, as functions over an open ledger (`tandem/ledger`).

export type { AgentJob, AgentResult, Feature, Limits } from "./agent/agent.ts";
export { type AgentConfig, defaultAgentConfig, loadAgentConfig } from "./agent/config.ts";
export type { ChatTurn, OwnAgent, OwnJob, OwnResult } from "./agent/module.ts";
export type { RunConfig } from "./attempt/config.ts";
export { asFault, Fault, type FaultCode, UsageError } from "./core/fault.ts";
export { attemptKey, pairKey, parseAttemptKey, parsePairKey } from "./core/keys.ts";
export { indexDataset, loadSubset } from "./dataset/index.ts";
export { readDataset } from "./dataset/read.ts";
export { recipeOrder, samplePairs } from "./dataset/sample.ts";
export type { EvalUnit, MergeUnit } from "./engine/after.ts";
export type { UnitResult } from "./engine/attempt.ts";
export type { Places, SandboxOptions, StepOptions } from "./engine/places.ts";
export { type MergeJob, type MergeOutcome, mergeAttempts } from "./merge/merge.ts";
export type { GatewayEvent, GatewayState } from "./model/gateway-options.ts";
export type { Part, PartRegistry } from "./report/part.ts";
export { PARTS } from "./report/parts/registry.ts";
export { passRate, wilson } from "./report/rate.ts";
export type { Report } from "./report/report.ts";
export type { Backend, Sandbox, TaskFiles } from "./sandbox/sandbox.ts";
export { indexDemo, type Unit } from "./select/select.ts";
export type { Selection } from "./select/selection.ts";
export { type EvaluateOptions, evaluate, planEvaluation } from "./stages/evaluate.ts";
export { type MergeOptions, merge, planMerge } from "./stages/merge.ts";
export { pairs, report, reportTables } from "./stages/report.ts";
export { planRun, run } from "./stages/run.ts";
export type { RunOptions, RunReport } from "./stages/run-options.ts";
