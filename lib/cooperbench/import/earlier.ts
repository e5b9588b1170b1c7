// Owns what is known about an imported run: by its own files, by its attempts, and by an earlier import that saw more.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { RunRow } from "../../../db/schema.ts";
import { RUN_FILES } from "../forms.ts";
import { parseJson, readBounded } from "../read/bytes.ts";
import { asRecord, readSays } from "../read/result.ts";
import { moment } from "../read/time.ts";
import type { Place } from "../read/walk.ts";

/** The agent's name if none is recorded. */
export const UNKNOWN = "unknown";

export type Known = {
  readonly agent: string | undefined;
  readonly model: string | undefined;
  readonly started_at: string | null;
  readonly files: Readonly<Record<string, unknown>>;
};

type Looking = {
  /** The run as an earlier import left it. */
  readonly before: RunRow | undefined;
  readonly warnings: string[];
};

/**
 * What the run's own files say, else its first attempt that says it. What an earlier import knew and this one cannot
 * see stays.
 */
export function knownOf(
  folder: string,
  places: readonly Place[],
  { before, warnings }: Looking,
): Known {
  const within = places.some(({ run }) => run.within && run.folder === folder);
  const earlier = asRecord(asRecord(before?.config.imported).files);
  const files = within ? readRunFiles(folder, { earlier, warnings }) : { ...earlier };
  const config = asRecord(files["config.json"] ?? files["run.json"]);
  const said = {
    agent: textOf(config.agent_framework ?? config.agent),
    model: textOf(config.model),
  };
  const complete = said.agent !== undefined && (said.model !== undefined || config.model === null);
  const attempt = complete ? undefined : firstSays(places);
  const agent = before?.agent === UNKNOWN ? undefined : before?.agent;
  return {
    agent: said.agent ?? agent ?? attempt?.agent,
    model: said.model ?? textOf(before?.model) ?? attempt?.model,
    started_at: moment(config.started_at ?? config.created_at),
    files,
  };
}

function firstSays(places: readonly Place[]) {
  for (const { folder } of places) {
    const { value: bytes } = readBounded(join(folder, "result.json"));
    const says = readSays(bytes && parseJson(bytes).value);
    if (says.agent !== undefined || says.model !== undefined) return says;
  }
  return undefined;
}

/** A file that is now damaged adds nothing new: what it said earlier stays. */
function readRunFiles(
  folder: string,
  { earlier, warnings }: Pick<Looking, "warnings"> & { earlier: Readonly<Record<string, unknown>> },
): Record<string, unknown> {
  const files: Record<string, unknown> = {};
  for (const name of [...RUN_FILES, "run.json"]) {
    const path = join(folder, name);
    if (!readdirSync(folder).includes(name)) continue;
    const bytes = readBounded(path);
    const json = bytes.value === undefined ? bytes : parseJson(bytes.value);
    if (json.problem !== undefined) warnings.push(`${path} ${json.problem}`);
    const value = json.value ?? earlier[name];
    if (value !== undefined) files[name] = value;
  }
  return files;
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
