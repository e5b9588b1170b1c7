// Owns asking the ledger a question of a user's: one statement that reads, over a connection that cannot write.
import { SQLiteError } from "bun:sqlite";
import { UsageError } from "../lib/core/fault.ts";
import { openDatabaseToRead } from "./read.ts";

/** A value of an answer; whole numbers that a double cannot hold, and bytes (in hex), are text. */
export type Answer = string | number | null;

/** Strings, quoted names and comments: what may hold a semicolon that ends nothing. */
const NO_CODE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
const READS = /^(SELECT|WITH|VALUES|EXPLAIN)\b/i;

/**
 * The rows of one SELECT over the ledger at `path`, columns in their order. Throws UsageError, in one line, for what is
 * not one statement, for a write, for wrong SQL, and for columns of one name.
 */
export function askLedger(path: string, text: string): Record<string, Answer>[] {
  checkStatement(text);
  // VACUUM INTO would write a file even so; what may begin a statement is checked above.
  const { database, close } = openDatabaseToRead(path, { safeIntegers: true });
  try {
    using statement = database.prepare<Record<string, unknown>, []>(text);
    checkColumns(statement.columnNames);
    if (statement.paramsCount > 0)
      throw new UsageError("the query has parameters: write their values into it");
    return statement.all().map(answerOf);
  } catch (error) {
    if (!(error instanceof SQLiteError)) throw error;
    if (/readonly/i.test(error.message))
      throw new UsageError("the query would change the ledger: it can only read");
    if (/^SQLITE_(BUSY|LOCKED|CANTOPEN|IOERR|FULL|CORRUPT)/.test(error.code ?? "")) throw error;
    throw new UsageError(`the query is wrong: ${error.message}`);
  } finally {
    close();
  }
}

function checkStatement(text: string): void {
  const code = text
    .replaceAll(NO_CODE, (part) => (/^(--|\/\*)/.test(part) ? " " : "x"))
    .trim()
    .replace(/(\s*;)+$/, "");
  if (code === "") throw new UsageError("the query is empty");
  if (code.includes(";"))
    throw new UsageError("the query has several statements: give one that reads");
  const [word = ""] = code.split(/\s/);
  if (!READS.test(code))
    throw new UsageError(
      `the query begins with ${word}: it must begin with SELECT, WITH, VALUES or EXPLAIN`,
    );
}

function checkColumns(names: readonly string[]): void {
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined)
    throw new UsageError(`the query has two columns "${twice}": name one of them with AS`);
}

function answerOf(row: Readonly<Record<string, unknown>>): Record<string, Answer> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: unknown): Answer {
  if (typeof value === "bigint")
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  return typeof value === "string" || typeof value === "number" ? value : null;
}
