// Owns what a look at a part of the laboratory finds, whoever looks.

/** `missing` stops what was asked for, `poor` does not; `hint` says what to do about either. */
export type Finding = {
  readonly part: string;
  readonly state: "good" | "poor" | "missing";
  readonly found: string;
  readonly hint?: string;
};
