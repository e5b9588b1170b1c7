// Owns the shape of a study: which keys there are, what each may hold, and what holds when nothing is said.
import { z } from "zod";
import { EVALUATED_POLICIES, SETTINGS } from "../../db/words.ts";
import { PART_NAMES } from "../report/parts.ts";
import { BACKENDS } from "../sandbox/open.ts";
import { STRATA } from "../steps/sample.ts";

export const REPORT_FORMATS = ["md", "json", "table", "csv", "tex", "parquet", "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

const text = z.string().min(1);
const aboveZero = z.number().positive();
const atLeastOne = z.int().min(1);
/** Timers count milliseconds in 31 bits. */
const seconds = z.number().positive().max(2_147_483);

const arm = z
  .strictObject({
    setting: z.enum(SETTINGS),
    agent: text,
    model: text,
    base_url: text,
    agent_config: text,
    git: z.boolean(),
    messaging: z.boolean(),
    cache: z.boolean(),
    replay: text,
    tries: atLeastOne,
    max_steps: atLeastOne,
    max_cost_usd: z.union([aboveZero, z.literal("none")], {
      error: 'must be a number above 0, or "none"',
    }),
    max_wall_s: seconds,
    command_timeout_s: seconds,
    prices: text,
  })
  .partial();
export type ArmFields = z.infer<typeof arm>;

const dataset = z
  .strictObject({ from: text, hub: text, revision: text, endpoint: text, dir: text })
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

const sandbox = z.strictObject({
  backend: z.enum(BACKENDS).default("local"),
  unsafe_local: z.boolean().default(false),
  registry: text.optional(),
  image_template: text.optional(),
  build: z.boolean().optional(),
  keep_images: z.int().min(0).optional(),
  memory_mib: z.int().min(64).optional(),
  cpus: aboveZero.optional(),
  pids: atLeastOne.optional(),
  disk_mib: atLeastOne.optional(),
  network: z.enum(["open", "none"]).optional(),
});

const report = z.strictObject({
  path: text,
  format: z.enum(REPORT_FORMATS).optional(),
  policy: z.enum(EVALUATED_POLICIES).optional(),
  parts: z.array(z.enum(PART_NAMES)).min(1).optional(),
});

export const studyFile = z.strictObject({
  name: text,
  description: z.string().optional(),
  dataset: dataset.prefault({}),
  pairs: pairs.prefault({}),
  defaults: arm.omit({ replay: true }).prefault({}),
  arms: z.record(z.string(), arm),
  budget: z.strictObject({ usd: aboveZero.optional() }).prefault({}),
  sandbox: sandbox.prefault({}),
  concurrency: z
    .strictObject({
      pairs: atLeastOne.default(20),
      suites: atLeastOne.optional(),
      model_calls: atLeastOne.optional(),
    })
    .prefault({}),
  retries: z
    .strictObject({
      faults: z.int().min(0).default(2),
      wait_s: z.number().min(0).max(2_147_483).default(5),
    })
    .prefault({}),
  messages: z.strictObject({ redis: text.optional() }).prefault({}),
  evaluation: z
    .strictObject({
      policies: z.array(z.enum(EVALUATED_POLICIES)).min(1).default(["union"]),
      timeout_s: seconds.default(600),
      premerge: z.boolean().default(true),
    })
    .prefault({}),
  reports: z.array(report).default([]),
});
/** A study as it is written, with the defaults of what is not said. */
export type StudyFile = z.infer<typeof studyFile>;

/** A part of the shape, as far as names of keys and kinds of values go. */
export type Shape = {
  readonly keys?: Readonly<Record<string, Shape>>;
  /** A table with names of its owner's choice, all of this shape. */
  readonly named?: Shape;
  readonly items?: Shape;
  readonly isText: boolean;
};

/** The shape of the whole file, for saying what there is instead of a name that there is not. */
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
