// Owns the shape of a study: which keys there are, what each may hold, and their defaults.
import { z } from "zod";
import { type SectionFields, sectionSchema } from "../config/schema.ts";
import { ABOUT, type Section, type Settings } from "../config/setting.ts";
import { SETTINGS } from "../config/settings.ts";
import { type Shape, shapeOf } from "../core/shape.ts";
import { orList } from "../core/text.ts";
import { DEFAULT_POLICY, EVALUATED_POLICIES } from "../core/vocabulary.ts";
import { HUB_IDS } from "../dataset/origin.ts";
import { PART_NAMES } from "../report/parts/registry.ts";
import { STRATA } from "../stages/sample.ts";

export const REPORT_FORMATS = ["md", "json", "table", "csv", "tex", "parquet", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const text = z.string().min(1);
const atLeastOne = z.int().min(1);

/** What a value is for, and one as it may be written. */
function about<T extends z.ZodType>(schema: T, description: string, example: unknown): T {
  return schema.meta({ description, examples: [example] });
}

export type ArmFields = SectionFields<"arm">;

const dataset = z
  .strictObject({
    from: about(text, "copy it from this folder", "../CooperBench/dataset"),
    hub: about(text, "fetch it from this dataset of the hub", HUB_IDS[0]),
    revision: about(text, "branch, tag or commit of the hub's", "main"),
    endpoint: about(text, "address of the hub", "https://huggingface.co"),
    dir: about(text, "folder of the dataset (without it: that of --dataset-dir)", "dataset"),
    edition: about(text, "edition that pairs are of (without it: the current one)", "august"),
  })
  .partial();

const sample = z.strictObject({
  size: atLeastOne,
  seed: z.int().min(0).default(42),
  stratify: z.enum(STRATA).optional(),
});

const pairs = z
  .strictObject({
    subset: about(text, "only pairs of this subset", "lite"),
    repo: about(text, "only this repository", "go_chi_task"),
    task: about(z.int().min(0), "only this task", 26),
    features: about(
      z.array(z.int().min(0)).min(2),
      "only pairs with exactly these features",
      [1, 2],
    ),
    keys: about(z.array(text).min(1), "these pairs, in this order", [
      "go_chi_task/task26/features_1_2",
    ]),
    sample: about(sample, `draw from those pairs; stratify may be ${orList(STRATA)}`, {
      size: 20,
      seed: 42,
    }),
    limit: about(atLeastOne, "at most this many of what is left, after the draw", 2),
  })
  .partial();

const part = z.enum([...PART_NAMES, "all"]);
/** A list, or one value. */
const parts = about(
  z.union([z.array(part).min(1), part]),
  'a list, or "all" (without it: the quick ones)',
  "all",
).transform((given) => [given].flat());
const report = z.strictObject({
  path: about(text, "file or folder/, relative to this study", "report.md"),
  format: about(
    z.enum(REPORT_FORMATS),
    "where the path's ending does not show it",
    "md",
  ).optional(),
  policy: about(
    z.enum(EVALUATED_POLICIES),
    `one of evaluation.policies (without it: ${DEFAULT_POLICY}, or their first)`,
    DEFAULT_POLICY,
  ).optional(),
  parts: parts.optional(),
});

/** The whole file, with the settings of this table. */
export function studySchema(settings: Settings = SETTINGS) {
  const section = <S extends Section>(name: S, without: readonly string[] = []) =>
    sectionSchema(name, settings, without).describe(ABOUT[name]);
  return z.strictObject({
    name: about(text, "its runs are called <name>-<arm>", "first"),
    description: about(z.string(), "what it is to find out", "Does talking help?").optional(),
    dataset: dataset.prefault({}).describe("where tasks come from; the demo task is there"),
    pairs: pairs.prefault({}).describe("which pairs: what is given narrows; else all"),
    defaults: section("arm", ["replay"]).prefault({}),
    arms: z.record(z.string(), section("arm")).describe("what is compared"),
    budget: section("budget").prefault({}),
    sandbox: section("sandbox").prefault({}),
    concurrency: section("concurrency").prefault({}),
    retries: section("retries").prefault({}),
    messages: section("messages").prefault({}),
    evaluation: section("evaluation").prefault({}),
    reports: z.array(report).default([]).describe("files that are written at the end"),
  });
}
export const studyFile = studySchema();
/** A study as it is written, with the defaults filled in. */
export type StudyFile = z.infer<typeof studyFile>;

/** The shape of the whole file, for suggesting what exists in place of an unknown name. */
export function studyShape(): Shape {
  return shapeOf(studyFile);
}
