// Owns reading one attempt's folder into one shape, whatever form it has: the content of its files, and what is wrong.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Setting } from "../../../db/schema.ts";
import type { PairId } from "../../core/keys.ts";
import {
  isBroken,
  isPersonal,
  type KnownFile,
  SHARED_KINDS,
  type SharedKind,
  SOLO_AGENT,
} from "../forms.ts";
import { parseJson, readBounded } from "./bytes.ts";
import { MOST_FILES, type Oversized, type Sighted, type Sighting } from "./folder.ts";
import {
  type AgentSays,
  asRecord,
  isRecord,
  readSays,
  type Says,
  settingSaid,
  wordSaid,
} from "./result.ts";
import { type ForeignVerdict, readVerdict } from "./verdict.ts";
import type { Place } from "./walk.ts";

/** One agent's files; undefined if none could be read. */
export type ForeignAgent = {
  readonly agent_id: string;
  readonly features: readonly number[];
  readonly says: AgentSays | undefined;
  readonly patch: Buffer | undefined;
  /** Size in bytes of a patch that is too large to be read; undefined for any other. */
  readonly patch_bytes: number | undefined;
  readonly trajectory: Document | undefined;
  readonly full_trajectory: Document | undefined;
};
/** A JSON file: its bytes, and its value unless it is damaged. */
export type Document = { readonly bytes: Buffer; readonly value?: unknown };
export type ForeignAttempt = {
  readonly place: Place;
  readonly setting: Setting;
  /** Which pair, by the path, or else by result.json; undefined when neither names one. */
  readonly pair: PairId | undefined;
  readonly says: Says;
  readonly verdict: ForeignVerdict;
  readonly agents: readonly ForeignAgent[];
  readonly documents: Readonly<Record<SharedKind, Document | undefined>>;
  readonly content_sha256: string;
  readonly problems: readonly string[];
};

/** Interprets what was read. Never throws because of its content. */
export function readAttempt({
  place,
  files,
  oversized,
  content_sha256,
  ...sighted
}: Sighted): ForeignAttempt {
  const problems = [...sighted.problems];
  const document = (kind: KnownFile["kind"]) => documentOf(files, problems, { kind });
  const documents = Object.fromEntries(
    SHARED_KINDS.map((kind) => [kind, document(kind)]),
  ) as ForeignAttempt["documents"];
  const says = readSays(documents.result?.value);
  const setting = settingOf(place, files, documents.result?.value);
  const verdict = readVerdict({
    evaluation: documents.eval?.value,
    independent: documents.independent?.value,
    features: place.features,
  });
  problems.push(...verdict.problems);
  if (verdict.error !== null) problems.push(`eval.json reports an error: ${verdict.error}`);
  return {
    place,
    setting,
    pair: pairOf(place, says, problems),
    says,
    verdict,
    agents: agentsOf({ place, setting, says, files, oversized }, problems),
    documents,
    content_sha256,
    problems,
  };
}

/** The setting of an attempt, and CooperBench's name for it: by its path, or else by its files. */
export function peekSetting(place: Place): { readonly setting: Setting; readonly word: string } {
  const { setting, word } = place;
  if (setting !== undefined && word !== undefined) return { setting, word };
  const bytes = readBounded(join(place.folder, "result.json")).value;
  const result = bytes && parseJson(bytes).value;
  const shown = settingSaid(result) ?? settingByNames(safeNames(place.folder));
  return { setting: shown, word: word ?? wordSaid(result) ?? shown };
}

function settingOf(place: Place, files: readonly Sighting[], result: unknown): Setting {
  const names = files.map(({ path }) => path.split("/")[0] ?? "");
  return place.setting ?? settingSaid(result) ?? settingByNames(names);
}

function settingByNames(names: readonly string[]): Setting {
  return names.some((name) => /^solo($|\.patch$|_traj\.json$)/.test(name)) ? "solo" : "coop";
}

function safeNames(folder: string): string[] {
  return readdirSync(folder).slice(0, MOST_FILES);
}

const TABLES: ReadonlySet<KnownFile["kind"]> = new Set(["result", "eval", "independent"]);

function documentOf(
  files: readonly Sighting[],
  problems: string[],
  wanted: { readonly kind: KnownFile["kind"]; readonly of?: (file: Sighting) => boolean },
): Document | undefined {
  const file = files.find((one) => one.kind === wanted.kind && (wanted.of?.(one) ?? true));
  if (file === undefined) return undefined;
  const { value, problem } = parseJson(file.bytes);
  if (problem !== undefined) problems.push(`${file.path} ${problem}`);
  const empty = value !== undefined && TABLES.has(file.kind) && !isRecord(value);
  if (empty)
    problems.push(`${file.path} is not a table of names and values: nothing is read from it`);
  return value === undefined ? { bytes: file.bytes } : { bytes: file.bytes, value };
}

function pairOf(place: Place, says: Says, problems: string[]): PairId | undefined {
  const { features, task } = place;
  if (task === undefined)
    return says.repo === undefined || says.task_id === undefined
      ? undefined
      : { repo: says.repo, task_id: says.task_id, features };
  const others = [...(says.features ?? features)].sort((a, b) => a - b).join(",");
  const same =
    (says.repo ?? task.repo) === task.repo &&
    (says.task_id ?? task.task_id) === task.task_id &&
    others === features.join(",");
  if (!same)
    problems.push("result.json names a different pair than its folder does: the folder counts");
  return { ...task, features };
}

type Reading = {
  readonly place: Place;
  readonly setting: Setting;
  readonly says: Says;
  readonly files: readonly Sighting[];
  readonly oversized: readonly Oversized[];
};

/** coop: one agent per feature, ascending; solo: one with all. Files of anyone else are problems. */
function agentsOf(reading: Reading, problems: string[]): ForeignAgent[] {
  const members = membersOf(reading);
  const isOf = (member: (typeof members)[number], file: KnownFile) =>
    file.agent_id === undefined
      ? file.feature_id === member.features[0] && reading.setting === "coop"
      : file.agent_id === member.agent_id;
  for (const file of reading.files.filter(isPersonal))
    if (!members.some((member) => isOf(member, file)))
      problems.push(`${file.path} belongs to no agent of this pair: ignored`);
  return members.map((member) => {
    const of = (file: KnownFile) => isOf(member, file);
    const document = (kind: KnownFile["kind"]) => documentOf(reading.files, problems, { kind, of });
    const patch = reading.files.find((file) => file.kind === "patch" && of(file))?.bytes;
    const patch_bytes = reading.oversized.find(
      (file) => file.kind === "patch" && of(file),
    )?.size_bytes;
    const says = reading.says.agents.get(member.agent_id);
    if (patch === undefined && patch_bytes === undefined)
      problems.push(`no patch of ${member.agent_id}: taken as empty`);
    const trajectory = document("trajectory");
    const full_trajectory = document("full_trajectory");
    const agent = { ...member, says, patch, patch_bytes, trajectory, full_trajectory };
    const ended = errorOf(agent);
    if (ended !== undefined) problems.push(`${member.agent_id} ended with ${ended}`);
    return agent;
  });
}

/** The status that an agent ended with, by result.json, else by its trajectory. */
export function statusSaid({ says, trajectory }: ForeignAgent): string | undefined {
  const { status } = asRecord(trajectory?.value);
  return says?.status ?? (typeof status === "string" ? status : undefined);
}

/** What an agent's error is, as text that follows "ended with"; undefined if there was none. */
export function errorOf(agent: ForeignAgent): string | undefined {
  const error = agent.says?.error?.trim() ?? "";
  const status = statusSaid(agent);
  if (error !== "") return `an error: ${error}`;
  return isBroken(status) ? `status ${status}, with no details` : undefined;
}

/** Who worked on what: by result.json if it names an agent for each feature, else in the features' order. */
function membersOf({ place, setting, says }: Reading) {
  const { features } = place;
  if (setting === "solo") return [{ agent_id: SOLO_AGENT, features }];
  const named = features.map((feature) =>
    [...says.agents].find(([, agent]) => (agent.feature_id ?? agent.features?.[0]) === feature),
  );
  const ids = named.map((entry) => entry?.[0]);
  const usable = new Set(ids).size === ids.length && ids.every((id) => id && /^agent\d+$/.test(id));
  return features.map((feature, index) => ({
    agent_id: (usable ? ids[index] : undefined) ?? `agent${index + 1}`,
    features: [feature],
  }));
}
