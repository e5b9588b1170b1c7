// Owns the study's shape for editors and other programs: JSON Schema.
import { z } from "zod";
import type { Settings } from "../config/setting.ts";
import { SETTINGS } from "../config/settings.ts";
import { studySchema } from "./schema.ts";

/** JSON Schema (draft 2020-12) of a study as it is written; what only whole studies show (names, what fits together) is not in it. */
export function studyJsonSchema(settings: Settings = SETTINGS): object {
  const { $schema, ...schema } = z.toJSONSchema(studySchema(settings), { io: "input" });
  return { $schema, title: "A study of Tandem", ...schema };
}

/** The same as a file has it. */
export function schemaText(): string {
  return `${JSON.stringify(studyJsonSchema(), null, 2)}\n`;
}
