// Owns reading a study: from a file and the command line to arms, pairs, limits and reports with everything filled in.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Settings } from "../config/setting.ts";
import { SETTINGS } from "../config/settings.ts";
import { defined } from "../core/defined.ts";
import { UsageError } from "../core/fault.ts";
import { sortedFeatures } from "../core/keys.ts";
import { near } from "../core/nearest.ts";
import { type Place, type Problem, problemError, shapeProblems } from "../core/problems.ts";
import { safeParse } from "../core/safe-parse.ts";
import { parseToml, type Toml, TomlError } from "../core/toml.ts";
import { DEFAULT_POLICY, type Policy } from "../core/vocabulary.ts";
import { resolvedArms } from "./arms.ts";
import { formatOf, meaningProblems } from "./check.ts";
import { type StudyFile, studyFile, studySchema, studyShape } from "./schema.ts";
import { refuseSecrets } from "./secrets.ts";
import { applySets, type Sets } from "./sets.ts";

export { type Arm, armRequest } from "./arms.ts";

const LARGEST_BYTES = 1024 * 1024;

export type StudySource = {
  /** The file's name: messages begin with it, paths inside the file are relative to its folder. */
  readonly path: string;
  /** `a.b=c`, as `--set` takes them. */
  readonly sets?: readonly string[] | undefined;
  /** A table other than Tandem's own. */
  readonly settings?: Settings | undefined;
};

/** The study in the file. Throws UsageError, also for a file that cannot be read. */
export function loadStudy(path: string, sets: readonly string[] = []): Study {
  return parseStudy(readText(path), { path, sets });
}

/**
 * The study that the text describes, with the command line's values over the text's. Throws UsageError: one line that
 * names the first problem's place (`study.toml:12: …`, or `--set …`) and counts the others.
 */
export function parseStudy(
  text: string,
  { path, sets = [], settings = SETTINGS }: StudySource,
): Study {
  refuseSecrets(text, path, sets);
  const toml = readToml(text, path);
  const origins = applySets(toml.value, sets);
  const refuse = (problems: readonly Problem[]) =>
    problemError(path, problems, (problem) => placeOf(problem, toml, origins));
  const schema = settings === SETTINGS ? studyFile : studySchema(settings);
  const parsed = safeParse(schema, toml.value);
  if (!parsed.success)
    throw refuse(shapeProblems(parsed.error, { value: toml.value, shape: studyShape() }));
  const isSet = (at: Problem["path"]) => origins.originOf(at) !== undefined;
  const problems = meaningProblems(parsed.data, isSet);
  if (problems.length > 0) throw refuse(problems);
  return resolved(parsed.data, resolve(path), settings);
}

/**
 * A study with everything filled in: paths are absolute, arms have what they take from the defaults, times are
 * milliseconds.
 */
export type Study = ReturnType<typeof resolved>;

function resolved(file: StudyFile, path: string, settings: Settings) {
  const absolute = (name: string | undefined) =>
    name === undefined ? undefined : resolve(dirname(path), name);
  const { name, description, dataset, concurrency, retries, evaluation } = file;
  const { task: task_id, features, ...pairs } = file.pairs;
  const { backend, unsafe_local, ...options } = file.sandbox;
  return {
    name,
    description,
    path,
    dataset: { ...dataset, dir: absolute(dataset.dir), from: absolute(dataset.from) },
    /** A Selection, and what is drawn from it; `limit` comes last: at most this many of the pairs drawn. */
    pairs: { ...pairs, task_id, features: features && sortedFeatures(features) },
    arms: resolvedArms(file, path, settings),
    /** US dollars that the whole study may cost; null: no limit. */
    budget_usd: file.budget.usd ?? null,
    sandbox: {
      ...{ backend, unsafe_local },
      backend_options: defined({ ...options, engines: absolute(options.engines) }),
    },
    concurrency,
    retries: { faults: retries.faults, wait_ms: Math.round(retries.wait_s * 1000) },
    /** How long a call waits for a provider that is down; undefined: the library's default. */
    max_outage_ms:
      retries.max_outage_s === undefined ? undefined : Math.round(retries.max_outage_s * 1000),
    /** `auto`, or an address; undefined: messages stay in the process. */
    redis: file.messages.redis,
    evaluation: {
      policies: evaluation.policies,
      timeout_ms: Math.round(evaluation.timeout_s * 1000),
      premerge: evaluation.premerge,
    },
    reports: file.reports.map((report) => ({
      path: resolve(dirname(path), report.path),
      format: report.format ?? formatOf(report.path) ?? "json",
      policy: report.policy ?? policyOf(evaluation),
      parts: report.parts,
    })),
  };
}

/** What is reported unless a report says otherwise: the default policy, if the study has it. */
export function policyOf({ policies }: { readonly policies: readonly Policy[] }): Policy {
  return policies.includes(DEFAULT_POLICY) ? DEFAULT_POLICY : (policies[0] ?? DEFAULT_POLICY);
}

function placeOf({ path, at }: Problem, toml: Toml, origins: Sets): Place {
  const set = origins.originOf(path);
  if (set !== undefined) return { set };
  for (let length = path.length; length > 0; length--) {
    const lines = toml.linesOf(path.slice(0, length));
    // A missing value is missing from the table around it, whose name is the place to look at.
    if (lines !== undefined) return { line: length === path.length ? lines[at] : lines.key };
  }
  return { line: 1 };
}

function readToml(text: string, path: string): Toml {
  try {
    return parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) throw new UsageError(`${path}:${error.line}: ${error.message}`);
    throw error;
  }
}

function readText(path: string): string {
  const bytes = readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is not a study: it is not UTF-8`);
  }
}

/** What may have been meant by a file that is not there. */
function instead(path: string): string {
  const folder = dirname(path);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const best = near(
    basename(path),
    files.filter((file) => file.endsWith(".toml")),
  );
  return best === undefined ? "`tandem init` writes one" : `did you mean ${join(folder, best)}?`;
}

function readBytes(path: string): Uint8Array {
  const refuse = (problem: string) => new UsageError(`${path} is not a study: ${problem}`);
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw refuse("it is a folder");
    if (!stat.isFile() && !stat.isFIFO()) throw refuse("it is not a file");
    const bytes = stat.size > LARGEST_BYTES ? undefined : readFileSync(path);
    if (bytes !== undefined && bytes.length <= LARGEST_BYTES) return bytes;
    throw refuse("it is larger than 1 MiB");
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof Error)) throw error;
    throw "code" in error && error.code === "ENOENT"
      ? new UsageError(`there is no study ${path}: ${instead(path)}`)
      : refuse(`it cannot be read (${error.message})`);
  }
}
