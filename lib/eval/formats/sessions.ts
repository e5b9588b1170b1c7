// Owns which summary belongs to a run: the last one before the next run begins, in every reader.
import type { Certainty, Counts, NamedTest, Run } from "./types.ts";

/** How deep sessions are looked for that others seem to lie in. */
const DEEPEST = 20;
/** More beginnings than any runner's loop has: from then on each takes the last one's place. */
const MOST_SESSIONS = 10_000;

export type Session<State> = State & {
  readonly first_line: number;
  /** As in {@link Run}. */
  announced: string | undefined;
  summary: { readonly counts: Counts; readonly line: number } | undefined;
};

/** What a reader makes of one session: undefined for what is not one. `partial` are its counts without a summary. */
export type Reading = {
  readonly tests: readonly NamedTest[];
  readonly partial: Counts;
  /** How sure its summary is; `whole` unless said. */
  readonly certainty?: Exclude<Certainty, "partial">;
  readonly certain?: boolean;
};

/**
 * The runs of one framework in one output, in order. Whatever looks like a summary before a later one of the same
 * session was printed by a test.
 */
export class Sessions<State extends object> {
  readonly all: Session<State>[] = [];

  get last(): Session<State> | undefined {
    return this.all.at(-1);
  }

  /** The last session, when it has no summary yet. */
  get open(): Session<State> | undefined {
    return this.last?.summary ? undefined : this.last;
  }

  begin(first_line: number, announced: string | undefined, state: State): Session<State> {
    const session = { ...state, first_line, announced, summary: undefined };
    if (this.all.length === MOST_SESSIONS) this.all.pop();
    this.all.push(session);
    return session;
  }

  conclude(counts: Counts, line: number, session: Session<State> | undefined = this.last): void {
    if (session) session.summary = { counts, line };
  }

  /** The last session of this kind, among the last few: an output may print any number of beginnings. */
  findLast(wanted: (session: Session<State>) => boolean): Session<State> | undefined {
    return this.all.slice(-DEEPEST).findLast(wanted);
  }

  /** Forgets what began behind a session, since its tests printed it, and gives it back. */
  dropBehind(session: Session<State>): Session<State>[] {
    return this.all.splice(this.all.lastIndexOf(session) + 1);
  }

  /** A session without a summary reaches to the next one's beginning, or to the output's last line. */
  runs(last_line: number, read: (session: Session<State>) => Reading | undefined): Run[] {
    return this.all.flatMap((session, index) => {
      const reading = read(session);
      if (!reading) return [];
      const { tests, partial, certainty = "whole", certain = false } = reading;
      const { summary, first_line, announced } = session;
      const end = (this.all[index + 1]?.first_line ?? last_line + 1) - 1;
      return {
        ...{ certainty: summary ? certainty : "partial", tests, announced, certain, first_line },
        last_line: summary?.line ?? Math.max(first_line, end),
        counts: summary?.counts ?? partial,
      };
    });
  }
}
