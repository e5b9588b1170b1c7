// Owns the study that `init` writes: what runs at once, and every other key with its default in a comment.

import { GOLD_AGENT } from "../core/gold.ts";
import { orList } from "../core/text.ts";
import { studyJsonSchema } from "./json-schema.ts";

/** What is written, keys by section; everything else is a comment. */
type Given = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** The part of a JSON Schema that a key's line is made of. */
type Key = {
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Key>>;
  readonly items?: Key;
};

/** Beside the study; its first line names it for editors. */
export const SCHEMA_FILE = "study.schema.json";

/** Columns before the comment behind a key. */
const WIDTH = 36;

const ARMS = `# Arms are what is compared. Each takes of [defaults] what it can use, and may have any of its keys, or replay = "RUN".
[arms.gold]                         # the reference patches: the ceiling
agent = "${GOLD_AGENT}"

[arms.coop]                         # an agent per feature, who may talk: [defaults] as they are

[arms.solo]                         # one agent for both features
setting = "solo"
`;

/** The text of a study of this name, on the demo task with recorded answers: it needs no key. `file` is what it is called. */
export function studyTemplate({ name, file }: { name: string; file: string }): string {
  const given: Given = {
    top: { name },
    pairs: { repo: "demo_task" },
    defaults: { model: "replay/demo" },
    reports: { path: `${name}/report.md` },
  };
  return `${opening(file)}\n${sections(studyJsonSchema(), given).join("\n")}`;
}

function opening(file: string): string {
  return `#:schema ./${SCHEMA_FILE}
# A study: arms, pairs, limits, reports. It runs as it is, on the demo task, without a key. "# key = value" shows a key
# with its default, or an example where there is none: remove the "# " to set it. Paths are relative to this file.
#   npx tandem pipeline -f ${file} --dry-run       what is done, what is left, what it costs, what it can show
#   npx tandem pipeline -f ${file}                 do it; the same again goes on after any interruption
`;
}

function sections(schema: object, given: Given): string[] {
  const { properties = {} }: Key = schema;
  const top = Object.entries(properties).filter(([, key]) => isPlain(key));
  const tables = Object.entries(properties).filter(([, key]) => !isPlain(key));
  return [
    lines(Object.fromEntries(top), given.top),
    ...tables.map(([name, { properties: keys, items, description }]) => {
      const head = (text: string) => `${text.padEnd(WIDTH - 1)} # ${description}\n`;
      if (keys !== undefined) return head(`[${name}]`) + lines(keys, given[name]);
      if (items?.properties) return head(`[[${name}]]`) + lines(items.properties, given[name]);
      return ARMS;
    }),
  ];
}

/** A value of its own, not a table or a list of them. */
function isPlain({ properties, items, examples }: Key): boolean {
  return properties === undefined && items === undefined && examples !== undefined;
}

function lines(keys: Readonly<Record<string, Key>>, given: Readonly<Record<string, unknown>> = {}) {
  return Object.entries(keys)
    .map(([name, key]) => line(name, key, given[name]))
    .join("");
}

function line(name: string, key: Key, given: unknown): string {
  const [example] = key.examples ?? [];
  const written = `${name} = ${tomlText(given ?? key.default ?? example)}`;
  const isExample = given === undefined && key.default === undefined;
  const words = key.enum ?? key.items?.enum;
  const choice = words === undefined ? "" : `${orList(words)}: `;
  const comment = `${isExample ? "(example) " : ""}${choice}${key.description ?? ""}`;
  return `${(given === undefined ? `# ${written}` : written).padEnd(WIDTH - 1)} # ${comment}\n`;
}

function tomlText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = Object.entries(value).map(([key, one]) => `${key} = ${tomlText(one)}`);
  return `{ ${inner.join(", ")} }`;
}
