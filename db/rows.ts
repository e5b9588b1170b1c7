// Owns how many rows one statement inserts.
import { chunks } from "../lib/core/lists.ts";

/** Each row has some twenty values, and a statement of SQLite binds no more than 32,766. */
const MOST_ROWS = 100;

/** The rows in parts that one statement takes; none for no rows. A statement for each row would take far more memory. */
export function inParts<Row>(rows: readonly Row[]): Row[][] {
  return chunks(rows, MOST_ROWS);
}
