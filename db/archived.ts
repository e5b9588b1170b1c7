// Owns which rows of every table make up a run, and how they are asked for and stored.
import { getTableColumns, getTableName } from "drizzle-orm";
import { getTableConfig, type SQLiteColumn, type SQLiteTable } from "drizzle-orm/sqlite-core";
import * as schema from "./schema.ts";

type Archived = { readonly table: SQLiteTable; readonly where: string };

const OF_RUN = "run IN (SELECT value FROM json_each($runs))";
const OF_ATTEMPT = `attempt_key IN (SELECT attempt_key FROM attempts WHERE ${OF_RUN})`;
const SUITES = `SELECT suite_key FROM attempt_suites WHERE ${OF_ATTEMPT}`;
const PATCHES = [
  `SELECT patch FROM agents WHERE ${OF_ATTEMPT}`,
  `SELECT patch FROM sides WHERE ${OF_ATTEMPT}`,
  `SELECT diff FROM merges WHERE ${OF_ATTEMPT}`,
].join(" UNION ");

/** Rows by content, which several runs may rest on. Parents come first, here and below. */
const SHARED: readonly Archived[] = [
  { table: schema.patches, where: `hash IN (${PATCHES})` },
  {
    table: schema.outputs,
    where: `hash IN (SELECT output FROM suite_results WHERE suite_key IN (${SUITES}))`,
  },
  { table: schema.suiteResults, where: `suite_key IN (${SUITES})` },
];
const ofAttempts = [
  schema.agents,
  schema.steps,
  schema.calls,
  schema.agentCommands,
  schema.programCommands,
  schema.messages,
  schema.merges,
  schema.sides,
  schema.scores,
  schema.earlierScores,
  schema.attemptSuites,
  schema.artefacts,
  schema.imported,
  schema.labels,
  schema.annotations,
];
/** Rows that belong to one run and to no other. */
const OWN: readonly Archived[] = [
  { table: schema.runs, where: OF_RUN },
  { table: schema.attempts, where: OF_RUN },
  ...ofAttempts.map((table) => ({ table, where: OF_ATTEMPT })),
  ...[schema.faults, schema.journal, schema.superseded].map((table) => ({ table, where: OF_RUN })),
];
const TABLES = new Map([...SHARED, ...OWN].map((one) => [getTableName(one.table), one]));

export const SHARED_TABLES = SHARED.map(({ table }) => getTableName(table));
export const RUN_TABLES = OWN.map(({ table }) => getTableName(table));

/** Columns that travel: all but the numbers that a ledger counts by itself. Undefined for a table that does not. */
export function columnsOf(table: string): readonly SQLiteColumn[] | undefined {
  const found = TABLES.get(table);
  if (found === undefined) return undefined;
  return Object.values(getTableColumns(found.table)).filter((column) => !isCounter(column));
}

function isCounter(column: SQLiteColumn): boolean {
  return column.primary && column.getSQLType() === "integer";
}

/** The question for a table's rows of the runs in `$runs` (a JSON list), in an order that every ledger gives alike. */
export function selectText(table: string): string {
  const { columns, where, keys } = known(table);
  return `SELECT ${names(columns)} FROM ${table} WHERE ${where} ORDER BY ${names(keys)}`;
}

/** Storing one row, its values in the order of {@link columnsOf}; what is shared and there already stays as it is. */
export function insertText(table: string): string {
  const { columns } = known(table);
  const ending = SHARED_TABLES.includes(table) ? " ON CONFLICT DO NOTHING" : "";
  const places = columns.map(() => "?").join(", ");
  return `INSERT INTO ${table} (${names(columns)}) VALUES (${places})${ending}`;
}

function known(table: string) {
  const [found, columns] = [TABLES.get(table), columnsOf(table)];
  if (found === undefined || columns === undefined)
    throw new RangeError(`${table} is not a table of a run`);
  const { columns: all, primaryKeys } = getTableConfig(found.table);
  const keys = [...all.filter(({ primary }) => primary), ...(primaryKeys[0]?.columns ?? [])];
  return { columns, where: found.where, keys };
}

function names(columns: readonly SQLiteColumn[]): string {
  return columns.map(({ name }) => `"${name}"`).join(", ");
}
