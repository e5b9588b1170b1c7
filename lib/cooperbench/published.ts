// Owns reading a table of outcomes that others published: which pair and model, passed or not, in several spellings.
import type { Ledger } from "../../db/ledger.ts";
import type { PublishedRow, Setting } from "../../db/schema.ts";
import { Fault, UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { type PairId, pairKey, sortedFeatures } from "../core/keys.ts";
import { type KnownPairs, knownPairs } from "./import/pairs.ts";
import { parseJson, readBounded } from "./read/bytes.ts";
import { asRecord, isRecord } from "./read/result.ts";

export type TableRequest = {
  readonly ledger: Ledger;
  readonly file: string;
  /** The table's name in the ledger. */
  readonly source: string;
  readonly setting: Setting;
};
export type TableImport = {
  /** One entry per pair: its key, and the number of models' outcomes. */
  readonly pairs: readonly { readonly key: string; readonly models: number }[];
  readonly faults: readonly { readonly key: string; readonly fault: Fault }[];
  readonly counts: ReturnType<Ledger["imported"]["putPublished"]>;
};

/**
 * Makes the stored table of that name and setting equal to the file's: `{task: {model: {passed, hasConflict}}}`, or a
 * list of `{repo, taskId, features, results}` (by itself or as `tasks`). Pairs that the dataset lacks are omitted and
 * come back as faults. Throws UsageError for a file that is not such a table.
 */
export function importTable({ ledger, file, source, setting }: TableRequest): TableImport {
  const { value: bytes, problem } = readBounded(file);
  const json = bytes === undefined ? undefined : parseJson(bytes);
  if (bytes === undefined || json?.value === undefined)
    throw new UsageError(`${file} ${problem ?? json?.problem}: name a JSON table of outcomes`);
  const entries = entriesOf(json.value, file);
  if (entries.length === 0) throw new UsageError(`${file} holds no outcome`);
  const repos = entries.map(({ task }) => parsePairSpelling(task)?.repo ?? "");
  const known = knownPairs(ledger, repos);
  const about = { source, setting, content_sha256: sha256(bytes) };
  const rows = new Map<string, PublishedRow>();
  const pairs: { key: string; models: number }[] = [];
  const faults: { key: string; fault: Fault }[] = [];
  for (const entry of entries) {
    try {
      const pair_key = checkedPair(entry.task, known);
      const outcomes = outcomesOf(entry);
      for (const outcome of outcomes)
        rows.set(`${pair_key} ${outcome.model}`, {
          ...about,
          pair_key,
          ...outcome,
          imported_at: new Date().toISOString(),
        });
      pairs.push({ key: pair_key, models: outcomes.length });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      faults.push({ key: entry.task, fault: error });
    }
  }
  const counts = ledger.imported.putPublished({ source, setting }, [...rows.values()]);
  return { pairs, faults, counts };
}

type Entry = { readonly task: string; readonly results: unknown };

function entriesOf(table: unknown, file: string): Entry[] {
  const listed = Array.isArray(table) ? table : asRecord(table).tasks;
  if (Array.isArray(listed)) return listed.map((entry) => entryOf(asRecord(entry)));
  const inner = isRecord(listed) ? listed : table;
  if (isRecord(inner) && Object.values(inner).some((results) => isRecord(results)))
    return Object.entries(inner).map(([task, results]) => ({ task, results }));
  throw new UsageError(
    `${file} is not a table of outcomes: it must be {"<task>": {"<model>": {"passed": …, "hasConflict": …}}}`,
  );
}

function entryOf(entry: Readonly<Record<string, unknown>>): Entry {
  const { repo, results, features, f1, f2 } = entry;
  const task = entry.taskId ?? entry.task_id ?? entry.task;
  const list = features ?? [f1, f2];
  const pair = (Array.isArray(list) ? list : [list]).join("_");
  return { task: `${repo}/${task}/${pair}`, results };
}

function outcomesOf({ task, results }: Entry) {
  return Object.entries(asRecord(results)).map(([model, said]) => {
    const { passed, hasConflict, has_conflict = hasConflict } = asRecord(said);
    if (typeof passed === "boolean")
      return {
        model,
        passed,
        has_conflict: typeof has_conflict === "boolean" ? has_conflict : null,
      };
    throw new Fault("bad_file", `${task}: "passed" of ${model} is neither true nor false`, {
      hint: "fix the table, or omit that task",
    });
  });
}

const FEATURE = "(?:features?[_-]?|f)?(\\d{1,9})";
const SPELLING = new RegExp(
  `^(.+?)[/_:-](?:task)?(\\d{1,9})[/_:-]${FEATURE}((?:[_,/&+-]${FEATURE})+)(?:\\.json)?$`,
  "i",
);

/**
 * The pair that a spelling means: `go_chi_task/26/f1_f2`, `go_chi_task/task26/features_1_2`, `go_chi_task/26/1,2`,
 * `go_chi_task_task26_feature1_feature2` and the like; undefined for anything else.
 */
export function parsePairSpelling(text: string): PairId | undefined {
  const [, repo = "", task, first, others = ""] = SPELLING.exec(text.replaceAll(/\s/g, "")) ?? [];
  const rest = others.match(/\d+/g) ?? [];
  const features = [first, ...rest].map(Number);
  const usable = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(repo) && rest.length > 0;
  if (!usable || new Set(features).size !== features.length) return undefined;
  return { repo, task_id: Number(task), features: sortedFeatures(features) };
}

/** Throws Fault `bad_file` for an unknown spelling, `dataset_missing` for a pair that the dataset lacks. */
function checkedPair(task: string, known: KnownPairs): string {
  const pair = parsePairSpelling(task);
  if (pair === undefined)
    throw new Fault("bad_file", `"${task}" is not a pair (like go_chi_task/26/f1_f2)`, {
      hint: "give tasks as repository, task and features",
    });
  const whole = { ...pair, repo: `${pair.repo}_task` };
  const named = pair.repo.endsWith("_task") ? pair : whole;
  known.taskHash(named);
  return pairKey(named);
}
