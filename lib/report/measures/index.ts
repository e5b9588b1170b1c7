// Owns the door to the measures: one function a part of a report, each from a ledger and names of runs to rows.

export { MEASURE_COLUMNS, MEASURE_PARTS } from "./columns.ts";
export { anatomyPart, type ConflictOptions, conflictPart } from "./conflicts.ts";
export {
  type ConversationParts,
  conversationPart,
  conversationParts,
  planningPart,
  speechActPart,
} from "./conversations.ts";
export { costPart } from "./cost.ts";
export { couplingPart, couplingSpreadPart } from "./coupling.ts";
export type { Measured, MeasureScope, MeasureSource } from "./measure.ts";
export { type SplitOptions, splitPart } from "./splits.ts";
export { talkPart } from "./talking.ts";
