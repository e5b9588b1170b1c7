// Owns answering a user's query, or one of Tandem's by name, in any format of a report.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { visibleJson } from "../core/visible.ts";
import type { ReportTable } from "../report/line.ts";
import type { Output } from "./output.ts";
import type { Target } from "./report-target.ts";
import { put, writeParts, writeSheets } from "./report-write.ts";

const QUERIES = join(import.meta.dir, "../../db/queries");
/** Flags that narrow a report do not apply to a query. */
const NOT_WITH = [
  "name",
  "subset",
  "repo",
  "task",
  "features",
  "limit",
  "gradeable",
  "edition",
  "parts",
  "against",
  "changed",
  "margin",
  "across-editions",
  "labels",
  "columns",
  "intervals",
];

type Call = {
  readonly args: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
  readonly out: Output;
  readonly target: Target;
  /** Path of the ledger. */
  readonly ledger: string;
};

/** Prints or writes the answer: JSON lines or a table when no format is named. Throws UsageError, in one line. */
export async function answerQuery({ args, words, out, target, ledger }: Call): Promise<number> {
  const useless = NOT_WITH.find((flag) => args[flag] !== undefined);
  if (useless !== undefined || words.length > 0)
    throw new UsageError(
      `--query takes no ${useless ? `--${useless}` : "keys"}: put it in the SQL`,
    );
  if (target.format === "html") throw new UsageError("--query answers with a table, not a site");
  const { name, text } = queryOf(String(args.query));
  const { askLedger } = await import("../../db/query.ts");
  const rows = askLedger(ledger, text);
  const asked = args.format !== undefined || target.path !== undefined;
  if (!asked) {
    for (const row of rows) out.emit(row);
    return 0;
  }
  const labels = Object.keys(rows[0] ?? {}).slice(0, 1);
  await write({ name, title: titleOf(name, text), labels, notes: [], rows }, { out, target });
  return 0;
}

async function write(
  table: ReportTable,
  { out, target }: { out: Output; target: Exclude<Target, { format: "html" }> },
): Promise<void> {
  const { format } = target;
  if (format === "json") return put(visibleJson(JSON.stringify(table.rows)), { out, target });
  if (format === "csv" || format === "parquet")
    return await writeParts([table], { out, target, format });
  const { querySheet } = await import("../report/sheet.ts");
  await writeSheets([querySheet(table)], { out, target, title: `Answer of ${table.name}` });
}

type Query = { readonly name: string; readonly text: string };

/** Tandem's own queries, in the order of their names. */
export function queries(): Query[] {
  const names = readdirSync(QUERIES).flatMap((file) => /^(.+)\.sql$/.exec(file)?.[1] ?? []);
  return names
    .sort()
    .map((name) => ({ name, text: readFileSync(join(QUERIES, `${name}.sql`), "utf8") }));
}

/** One of Tandem's queries by name, or the text of a file. */
function queryOf(asked: string): Query {
  const all = queries();
  const ours = all.map(({ name }) => name);
  const own = all.find(({ name }) => name === asked);
  if (own !== undefined) return own;
  if (existsSync(asked))
    return { name: basename(asked, ".sql"), text: readFileSync(asked, "utf8") };
  if (/\.sql$|\//.test(asked)) throw new UsageError(`there is no file ${asked}`);
  throw new UsageError(`--query: ${unknownName("query", asked, ours)} (or name a .sql file)`);
}

/** The question in a query's first comment, if there is one. */
function titleOf(name: string, text: string): string {
  return /^--\s*(\S.*)/.exec(text.trimStart())?.[1] ?? name;
}
