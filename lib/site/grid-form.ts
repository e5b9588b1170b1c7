// Owns the form of the grid's data: packed for its page, and unpacked by it. Runs in the page too.

/** A column: an arm. `who` is the same for arms of one agent and model. */
export type GridArm = {
  readonly name: string;
  readonly kind: "solo" | "coop" | "gold";
  readonly who: string;
};
/** The number of a text in `words`; that of 0 is empty. */
type Word = number;
/** 2 passed, 1 failed, 0 not scored, -1 a fault. */
type Ending = 2 | 1 | 0 | -1;
/**
 * Arm, run, try, ending, what it found (or its fault), why (a failure's cause, or how a pass came about), cost, whether
 * the merge conflicts (-1: not known, or nothing to merge), messages sent (-1: not known, or nobody to write to), marks;
 * then, where they do not follow from the others, its key and the path of its page.
 */
export type PackedAttempt = readonly [
  arm: number,
  run: Word,
  attempt: number,
  ending: Ending,
  found: Word,
  why: Word,
  cost: Word,
  conflict: 1 | 0 | -1,
  messages: number,
  marks: readonly Word[],
  ...odd: Word[],
];
/** Key of the pair, repository, task, features; difficulty in hundredths (-1: not known); files, attempts; path of its page. */
export type PackedPair = readonly [
  key: string,
  repo: Word,
  task: number,
  features: string,
  difficulty: number,
  files: readonly Word[],
  attempts: readonly PackedAttempt[],
  path: string,
];
export type PackedGrid = {
  readonly arms: readonly GridArm[];
  /** Whether arms stand for several runs: attempts are then named by their runs. */
  readonly by_arm: boolean;
  readonly words: readonly string[];
  readonly pairs: readonly PackedPair[];
};

export type GridAttempt = {
  readonly key: string;
  readonly path: string;
  /** Number of its arm. */
  readonly arm: number;
  /** What tells it from others of its arm. */
  readonly name: string;
  /** Null where it is not scored: it is not counted then. */
  readonly passed: boolean | null;
  readonly fault: boolean;
  readonly found: string;
  /** Of a failure; empty where it is not known. */
  readonly cause: string;
  /** How a pass came about, where that is not the plain way. */
  readonly way: string;
  readonly cost: string;
  readonly conflict: boolean | null;
  readonly messages: number | null;
  readonly marks: readonly string[];
  /** What the text filter looks into. */
  readonly text: string;
};
export type GridPair = {
  readonly key: string;
  /** Of the page that shows its attempts side by side; empty where it has one attempt alone. */
  readonly path: string;
  readonly repo: string;
  readonly task: number;
  readonly features: string;
  /** From 0 to 1. */
  readonly difficulty: number | null;
  readonly files: readonly string[];
  readonly attempts: readonly GridAttempt[];
  readonly text: string;
};
export type Grid = { readonly arms: readonly GridArm[]; readonly pairs: readonly GridPair[] };

/** The key that an attempt has unless it is told otherwise. */
export function usualKey(run: string, pair_key: string, attempt: number): string {
  return `${run}/${pair_key}${attempt === 1 ? "" : `~${attempt}`}`;
}

export function unpacked({ arms, by_arm, words, pairs }: PackedGrid): Grid {
  const word = (number: Word | undefined) => words[number ?? 0] ?? "";
  const attemptOf = (pair_key: string, packed: PackedAttempt): GridAttempt => {
    const [arm, run, attempt, ending, found, why, cost, conflict, messages, marks, odd, path] =
      packed;
    const key = word(odd) || usualKey(word(run), pair_key, attempt);
    const passed = ending > 0 ? ending === 2 : null;
    const tries = attempt === 1 ? "" : `try ${attempt}`;
    const shown = {
      found: word(found) || "not scored",
      cause: passed ? "" : word(why),
      way: passed ? word(why) : "",
      marks: marks.map(word),
    };
    const fault = ending === -1;
    return {
      ...{ ...shown, key, arm, passed, fault, cost: word(cost) },
      path: word(path) || `pairs/${key}.html`,
      name: by_arm ? [word(run), tries].filter(Boolean).join(", ") : tries || "try 1",
      conflict: conflict === -1 ? null : conflict === 1,
      messages: messages === -1 ? null : messages,
      text: [fault ? "fault" : "", ...Object.values(shown).flat()].join(" ").toLowerCase(),
    };
  };
  return {
    arms,
    pairs: pairs.map(([key, repo, task, features, difficulty, files, attempts, path]) => ({
      ...{ key, path, task, features },
      repo: word(repo),
      difficulty: difficulty === -1 ? null : difficulty / 100,
      files: files.map(word),
      attempts: attempts.map((attempt) => attemptOf(key, attempt)),
      text: `${key} task ${task} ${word(repo)} ${features.replaceAll(",", " + ")}`.toLowerCase(),
    })),
  };
}
