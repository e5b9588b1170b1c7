// Owns the shape of the ledger as a whole: every table, and the row types inferred from them.
import type { controls, workers } from "./control-tables.ts";
import type { editions, features, pairs, tasks } from "./dataset-tables.ts";
import type { annotations, imported, labels, published } from "./import-tables.ts";
import type {
  checks,
  earlierScores,
  merges,
  scores,
  sides,
  suiteResults,
} from "./result-tables.ts";
import type {
  agentCommands,
  agents,
  attempts,
  calls,
  faults,
  messages,
  runs,
  steps,
} from "./run-tables.ts";
import type { artefacts, journal, leases, processes, superseded } from "./work-tables.ts";

export type * from "../lib/core/vocabulary.ts";
export * from "./control-tables.ts";
export * from "./dataset-tables.ts";
export * from "./import-tables.ts";
export * from "./result-tables.ts";
export type { Taken } from "./run-tables.ts";
export {
  agentCommands,
  agents,
  attempts,
  calls,
  faults,
  messages,
  programCommands,
  runs,
  steps,
} from "./run-tables.ts";
export * from "./work-tables.ts";

export type EditionRow = typeof editions.$inferSelect;
export type TaskRow = typeof tasks.$inferSelect;
export type FeatureRow = typeof features.$inferSelect;
export type PairRow = typeof pairs.$inferSelect;
export type RunRow = typeof runs.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type AgentRow = typeof agents.$inferSelect;
export type StepRow = typeof steps.$inferSelect;
export type CommandRow = typeof agentCommands.$inferSelect;
export type CallRow = typeof calls.$inferSelect;
export type MessageRow = typeof messages.$inferSelect;
export type MergeRow = typeof merges.$inferSelect;
export type SideRow = typeof sides.$inferSelect;
export type CheckRow = typeof checks.$inferSelect;
export type SuiteResultRow = typeof suiteResults.$inferSelect;
export type ScoreRow = typeof scores.$inferSelect;
export type EarlierScoreRow = typeof earlierScores.$inferSelect;
export type FaultRow = typeof faults.$inferSelect;
export type ProcessRow = typeof processes.$inferSelect;
export type LeaseRow = typeof leases.$inferSelect;
export type WorkerRow = typeof workers.$inferSelect;
export type ControlRow = typeof controls.$inferSelect;
export type JournalRow = typeof journal.$inferSelect;
export type SupersededRow = typeof superseded.$inferSelect;
export type ArtefactRow = typeof artefacts.$inferSelect;
export type ImportedRow = typeof imported.$inferSelect;
export type PublishedRow = typeof published.$inferSelect;
export type LabelRow = typeof labels.$inferSelect;
export type AnnotationRow = typeof annotations.$inferSelect;
