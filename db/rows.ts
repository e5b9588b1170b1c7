// Owns how many rows one statement inserts.

/** Each row has some twenty values, and a statement of SQLite binds no more than 32,766. */
const MOST_ROWS = 100;

/** The rows in parts that one statement takes; none for no rows. A statement for each row would take far more memory. */
export function inParts<Row>(rows: readonly Row[]): Row[][] {
  const parts = Math.ceil(rows.length / MOST_ROWS);
  return Array.from({ length: parts }, (_, part) =>
    rows.slice(part * MOST_ROWS, (part + 1) * MOST_ROWS),
  );
}
