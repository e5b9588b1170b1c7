// Owns which run each found attempt goes to: its name here, what is known about it, and that no other run is touched.

import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import type { Ledger } from "../../../db/ledger.ts";
import type { RunRow, Setting } from "../../../db/schema.ts";
import { datasetHash } from "../../attempt/start.ts";
import { UsageError } from "../../core/fault.ts";
import { sha256 } from "../../core/files.ts";
import { checkedRunName } from "../../core/keys.ts";
import { gitVersion, TANDEM_VERSION } from "../../core/versions.ts";
import { canonicalJson } from "../../model/request.ts";
import { peekSetting } from "../read/attempt.ts";
import { parseJson, readBounded } from "../read/bytes.ts";
import { asRecord, readSays } from "../read/result.ts";
import type { Place } from "../read/walk.ts";
import { type Known, knownOf, UNKNOWN } from "./earlier.ts";

export type RunPlan = { readonly row: RunRow; readonly places: readonly Place[] };
export type RunsRequest = {
  readonly ledger: Ledger;
  readonly log_dir: string;
  /** Name of the run, if there is only one; its folder's otherwise. */
  readonly name?: string | undefined;
  /** Put before every run's name. */
  readonly prefix?: string | undefined;
};
type Group = { readonly folder: string; readonly name: string; readonly places: readonly Place[] };

/** The runs that places belong to: a run has one setting, so a folder with both makes two. Throws UsageError. */
export async function planRuns(
  request: RunsRequest,
  places: readonly Place[],
): Promise<{ readonly plans: readonly RunPlan[]; readonly warnings: readonly string[] }> {
  const groups = [...Map.groupBy(places, folderOf)].map(([folder, own]) => groupOf(folder, own));
  if (request.name !== undefined && groups.length > 1)
    throw new UsageError(
      `there are ${groups.length} runs (${groups.map(({ name }) => name).join(", ")}): -n can name only one; --prefix puts a prefix before each name`,
    );
  const git_version = await gitVersion();
  const warnings: string[] = [];
  const plans: RunPlan[] = [];
  const taken = new Map<string, string>();
  for (const group of groups)
    for (const { name, setting, word, places: own } of settingsOf(request, group)) {
      const other = taken.get(name);
      if (other !== undefined)
        throw new UsageError(
          `${other} and ${group.folder} would both be run "${name}": import one at a time, with -n`,
        );
      taken.set(name, group.folder);
      checkFree(request, { name, setting, folder: group.folder });
      const known = knownOf(group.folder, own, {
        before: request.ledger.runs.find(name),
        warnings,
      });
      plans.push({
        places: own,
        row: runRow({ ...request, name, setting, word, git_version }, group.folder, known),
      });
    }
  return { plans, warnings };
}

/** If a pair's folder has no task in its path, there is no run above it either. */
function folderOf({ task, folder, run }: Place): string {
  return task === undefined || run.folder === "" ? folder : run.folder;
}

function groupOf(folder: string, places: readonly Place[]): Group {
  const [first] = places;
  if (first && folder !== first.folder) return { folder, name: first.run.name, places };
  const result = first && readBounded(join(first.folder, "result.json")).value;
  const said = readSays(result && parseJson(result).value).run_name;
  return { folder, name: said ?? "imported", places };
}

/** coop first, which keeps the folder's name; other settings append their own, unless they had the name before. */
function settingsOf({ ledger, name, prefix = "" }: RunsRequest, group: Group) {
  const byWord = new Map<string, { setting: Setting; word: string; places: Place[] }>();
  for (const place of group.places) {
    const { setting, word } = peekSetting(place);
    const entry = byWord.get(word) ?? { setting, word, places: [] };
    entry.places.push(place);
    byWord.set(word, entry);
  }
  const base = name ?? `${prefix}${usableName(group.name)}`;
  checkedRunName(base);
  const known = ledger.runs.find(base);
  const settings = [...byWord.values()].sort(
    (a, b) => rank(a) - rank(b) || (a.word < b.word ? -1 : 1),
  );
  const keeper =
    known !== undefined && sourceOf(known) === group.folder ? wordOf(known) : settings[0]?.word;
  return settings.map((entry) => ({
    ...entry,
    name: entry.word === keeper ? base : `${base}-${usableName(entry.word)}`,
  }));
}

function rank({ setting, word }: { readonly setting: Setting; readonly word: string }): number {
  if (word === "coop") return 0;
  return setting === "solo" ? 2 : 1;
}

/** A valid name for a run: what no key may contain becomes a dash. */
function usableName(name: string): string {
  const clean = name
    .replace(/[^A-Za-z0-9._+@=-]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[^A-Za-z0-9]+|-+$/g, "")
    .slice(0, 180);
  return clean === "" ? "imported" : clean;
}

/** Where a run was imported from; undefined for one of Tandem's. */
export function sourceOf({ config }: Pick<RunRow, "config">): string | undefined {
  const { source } = asRecord(config.imported);
  return typeof source === "string" ? source : undefined;
}

/** CooperBench's name for an imported run's setting. */
export function wordOf({ config, setting }: Pick<RunRow, "config" | "setting">): string {
  const { word } = asRecord(config.imported);
  return typeof word === "string" ? word : setting;
}

type Wanted = { readonly name: string; readonly setting: Setting; readonly folder: string };

function checkFree({ ledger, log_dir }: RunsRequest, { name, setting, folder }: Wanted): void {
  const target = join(realFolder(log_dir), name);
  if (isWithin(target, folder) || isWithin(folder, target))
    throw new UsageError(
      `${folder} is where run "${name}" would be written: choose another name with -n, or another --log-dir`,
    );
  const known = ledger.runs.find(name);
  if (known && (sourceOf(known) !== folder || known.setting !== setting))
    throw new UsageError(
      `run "${name}" exists and was not imported from ${folder}: choose another name with -n or --prefix`,
    );
  if (!known && existsSync(target) && readdirSync(target).length > 0)
    throw new UsageError(
      `${target} holds a run that this ledger does not know: choose another name with -n, or another --log-dir`,
    );
}

function realFolder(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}

/** Whether a folder is another one or is inside it. */
export function isWithin(folder: string, other: string): boolean {
  return folder === other || folder.startsWith(other.endsWith(sep) ? other : other + sep);
}

type Naming = RunsRequest & {
  readonly name: string;
  readonly setting: Setting;
  readonly word: string;
  readonly git_version: string;
};

function runRow(naming: Naming, folder: string, known: Known): RunRow {
  const { ledger, setting, word, git_version } = naming;
  const agent = known.agent ?? UNKNOWN;
  const model = known.model ?? null;
  const named = word === setting ? {} : { word };
  const imported = { source: folder, ...named, files: known.files };
  const config = { setting, agent, model, imported };
  return {
    run: naming.name,
    setting,
    agent,
    model,
    config,
    config_hash: sha256(canonicalJson(config)),
    tandem_version: TANDEM_VERSION,
    bun_version: Bun.version,
    git_version,
    dataset_hash: datasetHash(ledger),
    edition: null,
    created_at: known.started_at ?? new Date().toISOString(),
  };
}
