// Owns docs/ledger.md: every table and view with its columns, made from their declarations and the comments on them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { getTableName, getViewSelectedFields, is } from "drizzle-orm";
import {
  getTableConfig,
  getViewConfig,
  SQLiteColumn,
  SQLiteTable,
  SQLiteView,
} from "drizzle-orm/sqlite-core";
import { isJson } from "./columns.ts";
import { MEANINGS } from "./meanings.ts";
import * as schema from "./schema.ts";
import * as views from "./views.ts";

const DECLARED_IN = [
  "run-tables.ts",
  "result-tables.ts",
  "work-tables.ts",
  "control-tables.ts",
  "import-tables.ts",
  "dataset-tables.ts",
  "views.ts",
];

/** The comments where something is declared. */
type Said = { readonly about: string; readonly columns: ReadonlyMap<string, string> };
/** A table or a view with what its columns hold; meanings are undefined where none is declared. */
export type Described = {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly { name: string; kind: string; meaning: string | undefined }[];
};

/** All tables, or all views, in the order of their declarations. */
export function described(kind: "tables" | "views"): Described[] {
  const all = new Map(DECLARED_IN.flatMap((file) => [...commentsOf(textOf(file))]));
  const declared = kind === "tables" ? tables() : ownViews();
  const order = [...all.keys()];
  return declared
    .sort((one, other) => order.indexOf(one.name) - order.indexOf(other.name))
    .map(({ name, columns }) => {
      const said = all.get(name) ?? { about: "", columns: new Map<string, string>() };
      return {
        name,
        about: said.about,
        columns: columns.map(({ name: column, kind }) => {
          const own = said.columns.get(column) ?? MEANINGS[`${name}.${column}`];
          const meaning = own ?? MEANINGS[column];
          return { name: column, kind, meaning };
        }),
      };
    });
}

type Declared = { readonly name: string; readonly columns: { name: string; kind: string }[] };

function tables(): Declared[] {
  return Object.values(schema)
    .filter((one) => is(one, SQLiteTable))
    .map((table) => {
      const { columns, primaryKeys } = getTableConfig(table);
      const keys = new Set(primaryKeys.flatMap((key) => key.columns.map(({ name }) => name)));
      const isKey = (column: SQLiteColumn) => column.primary || keys.has(column.name);
      return {
        name: getTableName(table),
        columns: columns.map((column) => ({ name: column.name, kind: kindOf(column, isKey) })),
      };
    });
}

function ownViews(): Declared[] {
  return Object.values(views)
    .filter((one) => is(one, SQLiteView) && one !== views.objects)
    .map((view) => {
      const fields = Object.values(getViewSelectedFields(view));
      const columns = fields.filter((one) => is(one, SQLiteColumn));
      return {
        name: getViewConfig(view).name,
        columns: columns.map((column) => ({ name: column.name, kind: kindOf(column) })),
      };
    });
}

function kindOf(column: SQLiteColumn, isKey: (column: SQLiteColumn) => boolean = () => false) {
  const type = isJson(column)
    ? "JSON"
    : column.dataType === "boolean"
      ? "0 or 1"
      : column.getSQLType();
  if (isKey(column)) return `${type}, key`;
  return column.notNull ? type : `${type} or null`;
}

const textOf = (file: string) => readFileSync(join(import.meta.dir, file), "utf8");
const DECLARATION = /^export const \w+ = sqlite(?:Table|View)\(\s*"(\w+)"/;
const COLUMN = /^\s+(\w+): /;

/** The comments before declarations of tables and views, and before the columns within them. */
function commentsOf(text: string): Map<string, Said> {
  const found = new Map<string, { about: string; columns: Map<string, string> }>();
  const blocks = text.split(/^(?=\/\*\*|export |const |function |type )/m);
  for (const [at, block] of blocks.entries()) {
    const [, name] = DECLARATION.exec(block) ?? [];
    if (name === undefined) continue;
    const before = blocks[at - 1] ?? "";
    const about = before.startsWith("/**") ? proseOf(before) : "";
    found.set(name, { about, columns: columnComments(block) });
  }
  return found;
}

function columnComments(block: string): Map<string, string> {
  const pieces = block.split(/(\/\*\*[\s\S]*?\*\/)/);
  const pairs = pieces.flatMap((piece, at): (readonly [string, string])[] => {
    const [, column] = COLUMN.exec(pieces[at + 1] ?? "") ?? [];
    return piece.startsWith("/**") && column !== undefined ? [[column, proseOf(piece)]] : [];
  });
  return new Map(pairs);
}

function proseOf(comment: string): string {
  return comment
    .replace(/^\/\*\*\s*|\s*\*\/\s*$/g, "")
    .replace(/\s*\n\s*\*\s?/g, " ")
    .trim();
}

const HEAD = `# The ledger

Made from the declarations in \`db/\` by \`npm run docs\`; do not edit it here.

One SQLite file holds everything except the files under the logs. Query it with any SQLite client, or with \`report --query\`, which cannot write. Views are for
people: their names and columns stay. Tables are what the program works on; \`db/schema.ts\` has their types. \`db/queries/\` has queries ready to run.

Times are UTC in ISO 8601, hashes SHA-256 in lowercase hex, feature numbers are written as \`1,2\`. Null means unknown or not applicable, never zero.

Texts of commands are kept since the table \`agent_commands\` was added. For older attempts, \`commands\` has as many rows as the agent ran, with the exit code
of a step's last one and the time of one that was its step's only; their texts are in \`trajectory.json\`. The files of patches (\`touched\`) are read from the
patches themselves; those of older attempts are read when the ledger is first opened.

\`pairs_wide\` has a column per run. It is made again in the transaction that adds a run, or, if a program that does not know of it added one, when the
ledger is next opened for writing. So every reader sees it complete, and no reader ever writes. Its column \`runs\` holds the same for any number of runs.
`;

/** The whole document. Throws RangeError for a column without a meaning. */
export function ledgerDocument(): string {
  const part = (title: string, all: readonly Described[]) =>
    [`## ${title}`, ...all.map(sectionOf)].join("\n\n");
  return `${[HEAD.trimEnd(), part("Views", described("views")), part("Tables", described("tables"))].join("\n\n")}\n`;
}

function sectionOf({ name, about, columns }: Described): string {
  const rows = columns.map(({ name: column, kind, meaning }) => {
    if (meaning === undefined) throw new RangeError(`${name}.${column} has no meaning`);
    return `| \`${column}\` | ${kind} | ${cell(meaning)} |`;
  });
  const table = ["| column | kind | what it holds |", "| --- | --- | --- |", ...rows].join("\n");
  return [`### ${name}`, about, table].filter((text) => text !== "").join("\n\n");
}

function cell(meaning: string): string {
  const text = meaning.replaceAll("|", "\\|");
  return text.endsWith(".") ? text.slice(0, -1) : text;
}
