// Owns the kinds of columns of a report: what a value is decides how it is written.

/**
 * `rate`: a proportion; `signed`: a difference of two; `p`: a p-value; `number`: any other fraction; `usd`: US dollars;
 * `ms`: milliseconds.
 */
export type Kind = "text" | "flag" | "count" | "rate" | "signed" | "p" | "number" | "usd" | "ms";
