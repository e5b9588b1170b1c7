// Owns an agent's time: it stands still while the agent only waits for problems that are not its own.
import type { CallWatch } from "../model/model.ts";
import { Stopwatch } from "./stopwatch.ts";

/** `probing`: asking again after a failure, of which only an answer tells that it was the model's time. */
type CallState = "asking" | "probing" | "waiting";
/** A piece of time in which tries were under way whose end was not known. */
type Piece = { readonly ms: number; readonly tries: Map<object, CallState>; counted: boolean };

/** A wait for messages: it stands still while one of those who are waited for does. */
export type MailWait = Disposable & {
  /** Aborted when its own time is over. */
  readonly signal: AbortSignal;
};

/** A try under way when the time is over has this long to show whether it is answered, or is the provider's problem. */
const GRACE_MS = 60_000;

/**
 * One agent's time. It stands still while calls of a model are in flight, all of them wait for a turn or for another
 * try, no command runs, and no message is waited for but from those whose own time stands still. The time of a try that
 * failed is taken back; that of a later one counts once it is answered.
 */
export class AgentClock implements Disposable {
  private readonly now: () => number;
  private readonly time: Stopwatch;
  private readonly over = new AbortController();
  private readonly grace_ms: number;
  private grace: Timer | undefined;
  private readonly calls = new Map<object, CallState>();
  private readonly waits = new Map<Stopwatch, readonly string[]>();
  private readonly hearers = new Set<(stopped: boolean) => void>();
  private readonly onChange: () => void;
  private pieces: Piece[] = [];
  private marked: number;
  private commands = 0;

  /** `onChange` is called on everything that may stop clocks; a lone clock handles that itself. */
  constructor(
    onChange?: () => void,
    { now = () => performance.now(), grace_ms = GRACE_MS }: ClockOptions = {},
  ) {
    this.onChange = onChange ?? (() => this.settle(() => false));
    this.now = now;
    this.grace_ms = grace_ms;
    this.marked = now();
    this.time = new Stopwatch(now, () => this.end());
  }

  /** Milliseconds that counted. */
  get elapsed_ms(): number {
    return this.time.elapsed_ms;
  }

  get stopped(): boolean {
    return !this.time.runs;
  }

  /** The agent may work for this many milliseconds from now. */
  startLimit(max_wall_ms: number, run: AbortSignal): Deadline {
    this.time.limit(max_wall_ms);
    const { time, over } = this;
    return {
      signal: AbortSignal.any([run, over.signal]),
      leftMs: () => time.left_ms,
      ended: (error) => over.signal.aborted && error === over.signal.reason,
      [Symbol.dispose]: () => this[Symbol.dispose](),
    };
  }

  /** The limit strikes; only a try that may yet turn out to be none of the agent's time puts it off. */
  private end(): void {
    if (this.tries().size === 0 || this.commands > 0) this.endNow();
    else this.grace ??= setTimeout(() => this.endNow(), this.grace_ms);
  }

  private endNow(): void {
    this.over.abort(new DOMException("the agent's time is over", "TimeoutError"));
  }

  private tries(): Map<object, CallState> {
    return new Map([...this.calls].filter(([, state]) => state !== "waiting"));
  }

  /** A call of the model begins; the returned watch ends it. */
  readonly call = (): CallWatch => {
    const key = {};
    let failed = false;
    const be = (state: CallState) => this.change(() => this.calls.set(key, state));
    be("asking");
    return {
      asks: () => be(failed ? "probing" : "asking"),
      waits: (after) => {
        failed ||= after === "failure";
        this.change(() => {
          this.calls.set(key, "waiting");
          if (after === "failure") this.takeBack(key);
        });
      },
      [Symbol.dispose]: () => {
        this.change(() => this.calls.delete(key));
        this.count(key);
      },
    };
  };

  /** Time in which a command runs counts, whatever else happens. */
  async during<T>(command: () => Promise<T>): Promise<T> {
    this.change(() => this.commands++);
    try {
      return await command();
    } finally {
      this.change(() => this.commands--);
    }
  }

  /** A wait of this many milliseconds for these agents begins. */
  waitFor(partners: readonly string[], timeout_ms: number): MailWait {
    const over = new AbortController();
    const end = () => over.abort(new DOMException("the wait is over", "TimeoutError"));
    const wait = new Stopwatch(this.now, end);
    wait.limit(timeout_ms);
    this.change(() => this.waits.set(wait, partners));
    return {
      signal: over.signal,
      [Symbol.dispose]: () => {
        wait[Symbol.dispose]();
        this.change(() => this.waits.delete(wait));
      },
    };
  }

  /** Called whenever the time stops or runs again. */
  onStop(hear: (stopped: boolean) => void): void {
    this.hearers.add(hear);
  }

  /** Whether the agent only waits, given which others do. */
  mayStop(isStopped: (agent_id: string) => boolean): boolean {
    if (this.commands > 0 || this.calls.size + this.waits.size === 0) return false;
    if ([...this.calls.values()].includes("asking")) return false;
    return [...this.waits.values()].every((partners) => partners.some(isStopped));
  }

  /** Stops or runs, with its waits, as it must. */
  settle(isStopped: (agent_id: string) => boolean): void {
    for (const [wait, partners] of this.waits) wait.run(!partners.some(isStopped));
    const stops = this.mayStop(isStopped);
    if (stops === this.stopped) return;
    this.time.run(!stops);
    for (const hear of this.hearers) hear(stops);
  }

  private change(make: () => void): void {
    this.mark();
    make();
    this.onChange();
    this.judge();
  }

  /** Once the tries that put the end off are over, the end comes, or not yet. */
  private judge(): void {
    if (this.grace === undefined) return;
    if (this.time.left_ms > 0) {
      clearTimeout(this.grace);
      this.grace = undefined;
    } else if (this.tries().size === 0 || this.commands > 0) this.endNow();
  }

  /** Keeps the time since the last change, where it is not known yet what it was. */
  private mark(): void {
    const now = this.now();
    const tries = this.tries();
    if (tries.size > 0 && this.commands === 0 && this.waits.size === 0)
      this.pieces.push({ ms: now - this.marked, tries, counted: !this.stopped });
    this.marked = now;
  }

  private takeBack(key: object): void {
    for (const piece of this.pieces) {
      if (!piece.tries.delete(key)) continue;
      if (!piece.counted || [...piece.tries.values()].includes("asking")) continue;
      piece.counted = false;
      this.time.add(-piece.ms);
    }
    this.pieces = this.pieces.filter(({ tries }) => tries.size > 0);
  }

  private count(key: object): void {
    for (const { tries, counted, ms } of this.pieces)
      if (tries.has(key) && !counted) this.time.add(ms);
    this.pieces = this.pieces.filter(({ tries }) => !tries.has(key));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.grace);
    this.time[Symbol.dispose]();
    for (const wait of this.waits.keys()) wait[Symbol.dispose]();
    this.hearers.clear();
  }
}

type ClockOptions = {
  /** Milliseconds. */
  readonly now?: () => number;
  readonly grace_ms?: number;
};

export type Deadline = Disposable & {
  /** Aborted when the time is over, or the run is stopped (then with the run's reason). */
  readonly signal: AbortSignal;
  /** Milliseconds; below zero when the time is over. */
  leftMs(): number;
  /** Whether this was thrown because the time is over. */
  ended(error: unknown): boolean;
};
