// Owns how each form of a logs tree spells things: folders of pairs, files of an attempt, statuses of how an agent ended.
import type { AgentOutcome } from "../../db/schema.ts";

/** `released`: with a folder for the setting. `older`: without. `documented`: Tandem's. */
export const FORMS = ["released", "older", "documented"] as const;
export type Form = (typeof FORMS)[number];
/** The forms that are written. */
export const WRITTEN_FORMS = ["released", "documented"] as const;
export type WrittenForm = (typeof WRITTEN_FORMS)[number];

/** Files of a run as a whole, in the released form. */
export const RUN_FILES = ["config.json", "summary.json", "eval_summary.json"] as const;
export type RunFile = (typeof RUN_FILES)[number];

/** The agent of the solo setting, as its files call it; in Tandem it is `agent1`. */
const SOLO = "solo";
export const SOLO_AGENT = "agent1";

/** Files of one agent. */
const PERSONAL = ["patch", "trajectory", "full_trajectory"] as const;
/** JSON files of the attempt as a whole, in every form; those about tasks are a team's, from 0.0.16 on. */
export const SHARED_FILES = {
  result: "result.json",
  conversation: "conversation.json",
  eval: "eval.json",
  independent: "independent.json",
  task_log: "task_log.json",
  tasks: "tasks.json",
} as const;
export type SharedKind = keyof typeof SHARED_FILES;
export const SHARED_KINDS = Object.keys(SHARED_FILES).filter((kind): kind is SharedKind =>
  Object.hasOwn(SHARED_FILES, kind),
);
/** What a file of an attempt is, and whose: the released form numbers patches by feature, all others name the agent. */
export type KnownFile = {
  readonly kind: (typeof PERSONAL)[number] | SharedKind;
  readonly feature_id?: number;
  readonly agent_id?: string;
};

const PATTERNS: readonly (readonly [RegExp, (match: readonly string[]) => KnownFile])[] = [
  [/^agent(\d+)\.patch$/, ([, id]) => ({ kind: "patch", feature_id: Number(id) })],
  [/^agent(\d+)_traj\.json$/, ([, id]) => ({ kind: "trajectory", feature_id: Number(id) })],
  [
    /^(agent\d+|solo)_full_traj\.json$/,
    ([, id = ""]) => ({ kind: "full_trajectory", agent_id: agentOf(id) }),
  ],
  [/^solo\.patch$/, () => ({ kind: "patch", agent_id: SOLO_AGENT })],
  [/^solo_traj\.json$/, () => ({ kind: "trajectory", agent_id: SOLO_AGENT })],
  [/^(agent\d+|solo)\/patch\.diff$/, ([, id = ""]) => ({ kind: "patch", agent_id: agentOf(id) })],
  [
    /^(agent\d+|solo)\/(trajectory|full_trajectory)\.json$/,
    ([, id = "", kind]) => ({
      kind: kind === "trajectory" ? "trajectory" : "full_trajectory",
      agent_id: agentOf(id),
    }),
  ],
];

/** What a file is, by its path inside an attempt's folder; undefined for a name that is in no form. */
export function knownFile(path: string): KnownFile | undefined {
  const shared = SHARED_KINDS.find((kind) => SHARED_FILES[kind] === path);
  if (shared !== undefined) return { kind: shared };
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(path);
    if (match) return read(match);
  }
  return undefined;
}

/** Whether a file is one agent's. */
export function isPersonal({ kind }: KnownFile): boolean {
  return PERSONAL.some((personal) => personal === kind);
}

/** The kind of a file whose name is in no form: `*_stream.jsonl` for `agent2_stream.jsonl`. */
export function strangeKind(name: string): string {
  return name.replace(/^(?:agent\d+|solo)(?=[_.-])/, "*");
}

function agentOf(name: string): string {
  return name === SOLO ? SOLO_AGENT : name;
}

/** Whether a folder inside an attempt's can hold an agent's files. */
export function isAgentFolder(name: string): boolean {
  return /^(agent\d+|solo)$/.test(name);
}

/** The released form's name of an agent's file; a full trajectory goes by agent, the others by feature. */
export function releasedName(
  kind: "patch" | "trajectory" | "full_trajectory",
  agent: { readonly setting: string; readonly agent_id: string; readonly feature_id: number },
): string {
  const by = kind === "full_trajectory" ? agent.agent_id : `agent${agent.feature_id}`;
  const owner = agent.setting === "solo" ? SOLO : by;
  const endings = { patch: ".patch", trajectory: "_traj.json", full_trajectory: "_full_traj.json" };
  return `${owner}${endings[kind]}`;
}

export type PairFolder = {
  readonly features: readonly number[];
  readonly try: number;
  readonly documented: boolean;
};

/** `f1_f2`, or `features_1_2` with `~2` for the second try; undefined for any other name. */
export function parsePairFolder(name: string): PairFolder | undefined {
  const released = /^f\d+(?:_f\d+)+$/.test(name);
  const documented = /^features((?:_\d+){2,})(?:~([1-9]\d*))?$/.exec(name);
  if (!released && !documented) return undefined;
  const list = documented?.[1] ?? name;
  const features = (list.match(/\d+/g) ?? []).map(Number);
  if (new Set(features).size !== features.length) return undefined;
  return { features, try: Number(documented?.[2] ?? 1), documented: documented !== null };
}

/** `f1_f2`, ascending. */
export function releasedPair(features: readonly number[]): string {
  return features.map((id) => `f${id}`).join("_");
}

/** The released form's status for how an agent ended. It has none for an empty patch: the patch shows it. */
export function statusOf(outcome: AgentOutcome): string {
  if (outcome === "refused") return "Refused";
  return outcome === "limit reached" ? "LimitsExceeded" : "Submitted";
}

const BROKE = /^(?:failed|failure|crashed|crash)$|(?:error|exception)$/i;

/**
 * Whether a status says that the agent's own program, its provider or its machine broke: the word Error, or an
 * exception's name. Reaching a limit does not count.
 */
export function isBroken(status: string | undefined): boolean {
  return status !== undefined && BROKE.test(status) && !isLimit(status);
}

function isLimit(status: string): boolean {
  return /limit|exceeded/i.test(status);
}

/** Tandem's outcome for it: any status that mentions a limit or a refusal, else what the patch shows. */
export function outcomeOf(status: string | undefined, patch: Uint8Array): AgentOutcome {
  if (status !== undefined && isLimit(status)) return "limit reached";
  if (status !== undefined && /refus/i.test(status)) return "refused";
  return isBlank(patch) ? "empty patch" : "submitted";
}

/** Whether a patch is only white space. */
export function isBlank(patch: Uint8Array): boolean {
  return patch.every((byte) => byte === 32 || (byte >= 9 && byte <= 13));
}
