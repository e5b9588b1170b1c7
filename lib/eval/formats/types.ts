// Owns the types that every reader of test output shares: statuses, counts and runs.

export type TestStatus = "passed" | "failed" | "skipped" | "error";
export type NamedTest = { readonly name: string; readonly status: TestStatus };

/** Numbers of tests. `errors` are tests or suites that could not run (setup, import, build). */
export type Counts = {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly errors: number;
};

/**
 * How sure a run is. `whole`: a summary where the runner's own surroundings prove it. `bare`: the
 * shape of a summary with nothing around it. `partial`: result lines only, the runner never finished.
 */
export const CERTAINTIES = ["whole", "bare", "partial"] as const;
export type Certainty = (typeof CERTAINTIES)[number];

/** One call of a test runner; `first_line` to `last_line` is the stretch of output that belongs to it. */
export type Run = {
  /** Anything but `partial` concluded. */
  readonly certainty: Certainty;
  readonly first_line: number;
  readonly last_line: number;
  readonly counts: Counts;
  readonly tests: readonly NamedTest[];
  /**
   * What its runner called it when it began: a path, a package, or "" where the runner's header names nothing. Undefined
   * where no line of a runner's told of its beginning; a test's own line begins nothing.
   */
  readonly announced?: string | undefined;
  /** Certainly began: its header cannot have been printed by a test of another run. */
  readonly certain?: boolean;
};

/** Reads one framework's output line by line. Lines carry no colours and no white space at their end. */
export interface Reader {
  line(text: string, number: number): void;
  end(): Run[];
}

/** What is known about an output before it is read. */
export type Origin = {
  /** Made with `-v` in GOFLAGS: a Go package that names no test ran none. */
  readonly go_verbose?: boolean;
};

/** How one framework's output is read: one object in the format's own file, under its name in the registry. */
export type Format = {
  readonly name: string;
  /** A fresh reader, for one output. */
  read(origin: Origin): Reader;
};

/** A format's row in the registry. */
export type FormatRow = {
  readonly recognises: RegExp;
  /** Its runner is asked to report its sessions outside its output. */
  readonly proves_sessions?: true;
  readonly load: () => Promise<Format>;
};

/** No suite has more in one run; a longer output is not worth the memory. */
const MOST_NAMED = 100_000;

/** Lists a test, as long as that makes sense. */
export function nameTest(tests: NamedTest[], test: NamedTest): void {
  if (tests.length < MOST_NAMED) tests.push(test);
}

/** The same for tests whose last status counts. */
export function setTest<Status>(tests: Map<string, Status>, name: string, status: Status): void {
  if (tests.size < MOST_NAMED || tests.has(name)) tests.set(name, status);
}

export const NO_TESTS: Counts = { passed: 0, failed: 0, skipped: 0, errors: 0 };

export function addCounts(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
    errors: left.errors + right.errors,
  };
}

export function totalOf(counts: Counts): number {
  return counts.passed + counts.failed + counts.skipped + counts.errors;
}

/** How many of the tests have each status. */
export function tally(tests: Iterable<NamedTest>): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0, errors: 0 };
  for (const { status } of tests) counts[status === "error" ? "errors" : status]++;
  return counts;
}

/**
 * `1 failed, 15 passed` as word → number; undefined unless every part is a number and a word.
 */
export function readParts(text: string, separator: string): Map<string, number> | undefined {
  const parts = new Map<string, number>();
  for (const part of text.split(separator)) {
    const match = /^(\d{1,9}) ([A-Za-z][A-Za-z ]*)$/.exec(part.trim());
    if (!match) return undefined;
    const [, amount = "", word = ""] = match;
    parts.set(word, (parts.get(word) ?? 0) + Number(amount));
  }
  return parts;
}

/** The sum of the parts under these words. */
export function sumOf(parts: ReadonlyMap<string, number>, ...words: string[]): number {
  return words.reduce((sum, word) => sum + (parts.get(word) ?? 0), 0);
}
