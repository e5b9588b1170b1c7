// Owns the shape of a study: which keys there are, what each may hold, and their defaults.
import { z } from "zod";
import { type SectionFields, sectionSchema } from "../config/schema.ts";
import type { Settings } from "../config/setting.ts";
import { SETTINGS } from "../config/settings.ts";
import { EVALUATED_POLICIES } from "../core/vocabulary.ts";
import { PART_NAMES } from "../report/parts/registry.ts";
import { STRATA } from "../stages/sample.ts";

export const REPORT_FORMATS = ["md", "json", "table", "csv", "tex", "parquet", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const text = z.string().min(1);
const atLeastOne = z.int().min(1);

export type ArmFields = SectionFields<"arm">;

const dataset = z
  .strictObject({ from: text, hub: text, revision: text, endpoint: text, dir: text, edition: text })
  .partial();

const pairs = z
  .strictObject({
    subset: text,
    repo: text,
    task: z.int().min(0),
    features: z.array(z.int().min(0)).min(2),
    keys: z.array(text).min(1),
    sample: z.strictObject({
      size: atLeastOne,
      seed: z.int().min(0).default(42),
      stratify: z.enum(STRATA).optional(),
    }),
    limit: atLeastOne,
  })
  .partial();

const part = z.enum([...PART_NAMES, "all"]);
/** A list, or one value. */
const parts = z.union([z.array(part).min(1), part]).transform((given) => [given].flat());
const report = z.strictObject({
  path: text,
  format: z.enum(REPORT_FORMATS).optional(),
  policy: z.enum(EVALUATED_POLICIES).optional(),
  parts: parts.optional(),
});

/** The whole file, with the settings of this table. */
export function studySchema(settings: Settings = SETTINGS) {
  const arm = sectionSchema("arm", settings);
  return z.strictObject({
    name: text,
    description: z.string().optional(),
    dataset: dataset.prefault({}),
    pairs: pairs.prefault({}),
    defaults: sectionSchema("arm", settings, ["replay"]).prefault({}),
    arms: z.record(z.string(), arm),
    budget: sectionSchema("budget", settings).prefault({}),
    sandbox: sectionSchema("sandbox", settings).prefault({}),
    concurrency: sectionSchema("concurrency", settings).prefault({}),
    retries: sectionSchema("retries", settings).prefault({}),
    messages: sectionSchema("messages", settings).prefault({}),
    evaluation: sectionSchema("evaluation", settings).prefault({}),
    reports: z.array(report).default([]),
  });
}
export const studyFile = studySchema();
/** A study as it is written, with the defaults filled in. */
export type StudyFile = z.infer<typeof studyFile>;

/** A part of the shape, as far as names of keys and kinds of values go. */
export type Shape = {
  readonly keys?: Readonly<Record<string, Shape>>;
  /** A table with names of its author's choice, all of this shape. */
  readonly named?: Shape;
  readonly items?: Shape;
  readonly isText: boolean;
};

/** The shape of the whole file, for suggesting what exists in place of an unknown name. */
export function studyShape(): Shape {
  return shapeOf(z.toJSONSchema(studyFile, { io: "input" }));
}

type Json = z.core.JSONSchema._JSONSchema;

function shapeOf(schema: Json): Shape {
  if (typeof schema === "boolean") return { isText: false };
  const { properties, additionalProperties, items, type } = schema;
  return {
    isText: type === "string",
    ...(properties && { keys: mapped(properties) }),
    ...(typeof additionalProperties === "object" && { named: shapeOf(additionalProperties) }),
    ...(typeof items === "object" && !Array.isArray(items) && { items: shapeOf(items) }),
  };
}

function mapped(properties: Readonly<Record<string, Json>>): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, shapeOf(schema)]),
  );
}
