// Owns drawing work under way while it happens: in place on a terminal, as an occasional plain line elsewhere.
import { asFault } from "../core/fault.ts";
import { renderBoard } from "../status/board.ts";
import { armLine, isNews } from "../status/plain.ts";
import type { Status } from "../status/status.ts";
import { isScreen, openScreen, type ScreenStream } from "./screen.ts";

export type Board = Disposable & {
  /** A message: above the board, or among the plain lines. */
  event(line: string): void;
  /** Lets `write` write to the terminal, such as results, without disturbing the board. */
  above(write: () => void): void;
};
export type BoardOptions = {
  /** Draws nothing; only what is given to `event` and `above` is written. */
  readonly quiet: boolean;
  readonly read: () => Status;
  /** Standard error when absent. */
  readonly stream?: ScreenStream;
};

const READ_MS = 1000;
const REDRAW_MS = 200;
const TELL_MS = 30_000;
/** Looking takes at most this share of the runner's time. */
const READ_SHARE = 0.05;

/** The runner's own board, until it is disposed of; then nothing of it is left on the terminal. */
export function openBoard(options: BoardOptions): Board {
  const { stream = process.stderr, quiet } = options;
  if (quiet)
    return {
      event: (line) => say(stream, line),
      above: (write) => write(),
      [Symbol.dispose]: () => undefined,
    };
  return isScreen(stream) ? drawing({ ...options, stream }) : telling({ ...options, stream });
}

function say(stream: ScreenStream, line: string): void {
  stream.write(line.endsWith("\n") ? line : `${line}\n`);
}

type Open = BoardOptions & { readonly stream: ScreenStream };

function drawing({ read, stream }: Open): Board {
  let last: Status | undefined;
  let drawn_ms = Number.NEGATIVE_INFINITY;
  let later: ReturnType<typeof setTimeout> | undefined;
  const draw = () => {
    clearTimeout(later);
    later = undefined;
    drawn_ms = performance.now();
    if (last !== undefined) screen.draw(renderBoard(last, screen.size()));
  };
  const redraw = () => {
    if (later === undefined)
      later = setTimeout(draw, Math.max(0, drawn_ms + REDRAW_MS - performance.now())).unref();
  };
  const screen = openScreen(stream, redraw);
  const event = (line: string) => screen.above(() => say(stream, line));
  const looking = lookAgain({
    read,
    seen(status) {
      last = status;
      redraw();
    },
    failed(words) {
      screen.clear();
      last = undefined;
      event(words);
    },
  });
  draw();
  return {
    event,
    above: screen.above,
    [Symbol.dispose]() {
      looking[Symbol.dispose]();
      clearTimeout(later);
      screen.clear();
      screen[Symbol.dispose]();
    },
  };
}

function telling({ read, stream }: Open): Board {
  const event = (line: string) => say(stream, line);
  const told = new Map<string, { arm: Status["arms"][number]; at_ms: number }>();
  const looking = lookAgain({
    read,
    seen(status) {
      const now = performance.now();
      for (const arm of status.arms) {
        const before = told.get(arm.run);
        const isDue = arm.active > 0 && now - (before?.at_ms ?? now) >= TELL_MS;
        if (!isNews(arm, before?.arm) && !isDue) continue;
        told.set(arm.run, { arm, at_ms: now });
        event(armLine(arm));
      }
    },
    failed: event,
  });
  return {
    event,
    above: (write) => write(),
    [Symbol.dispose]() {
      // What happened since the last look is still reported.
      looking.look();
      looking[Symbol.dispose]();
    },
  };
}

/** Looks at once and then repeatedly, seldom enough to leave time for the work. Stops at the first failure. */
function lookAgain(options: {
  readonly read: () => Status;
  readonly seen: (status: Status) => void;
  readonly failed: (words: string) => void;
}): Disposable & { readonly look: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const look = () => {
    if (stopped) return;
    clearTimeout(timer);
    const began = performance.now();
    try {
      options.seen(options.read());
    } catch (error) {
      const fault = asFault(error);
      // Progress that cannot be shown is no reason to stop the work.
      stopped = true;
      options.failed(`progress is no longer shown: ${fault.message} [${fault.code}]`);
      return;
    }
    const took = performance.now() - began;
    timer = setTimeout(look, Math.max(READ_MS, took / READ_SHARE)).unref();
  };
  look();
  return { look, [Symbol.dispose]: () => clearTimeout(timer) };
}
