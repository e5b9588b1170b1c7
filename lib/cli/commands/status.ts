// Owns the work of `status`: work under way as the ledger knows it, from any shell, once or repeatedly.

import { setTimeout as sleep } from "node:timers/promises";
import type { Ledger } from "../../../db/ledger.ts";
import { UsageError } from "../../core/fault.ts";
import type { Status } from "../../status/status.ts";
import { positiveNumber } from "../args.ts";
import { INTERVAL_S, type STATUS_FLAGS } from "../flags/status.ts";
import type { Output } from "../output.ts";
import type { CommandContext } from "../step.ts";
import { isOpen } from "../streams.ts";
import { terminalOf } from "../terminal.ts";

/** Does the work; returns the number of units that met a fault. */
export async function run({
  args,
  out,
  signal,
  ledger: open,
}: CommandContext<typeof STATUS_FLAGS>): Promise<number> {
  const interval_ms = intervalMs(args.interval, args.watch === true);
  const read = await reader(await open(), args.name);
  if (args.watch !== true) await showOnce(read(), out);
  else await watch({ read, interval_ms, signal, json: args.json === true, out });
  return 0;
}

const SHORTEST_S = 0.1;

function intervalMs(value: string | undefined, watched: boolean): number {
  if (value === undefined) return INTERVAL_S * 1000;
  if (!watched) throw new UsageError("--interval needs --watch");
  const seconds = positiveNumber("--interval", value);
  if (seconds < SHORTEST_S)
    throw new UsageError(`--interval takes at least ${SHORTEST_S} seconds, not "${value}"`);
  return seconds * 1000;
}

type Read = () => Status;

async function reader(first: Ledger, list: string | undefined): Promise<Read> {
  const { readStatus } = await import("../../status/status.ts");
  const { openTokenMeter } = await import("../../status/tokens.ts");
  const { listedRuns } = await import("../../select/named-runs.ts");
  const { follow } = await import("../../../db/follow.ts");
  listedRuns(first, list);
  const meter = openTokenMeter();
  const current = follow(first);
  return () => {
    const ledger = current();
    // A study makes its runs one after the other.
    return readStatus(ledger, { now: Date.now(), runs: listedRuns(ledger, list), meter });
  };
}

async function showOnce(status: Status, out: Output): Promise<void> {
  if (out.json) return out.emit(status);
  const { renderLook } = await import("../../status/board.ts");
  out.text(renderLook(status, terminalOf(process.stdout)));
}

type Watch = {
  readonly read: Read;
  readonly interval_ms: number;
  readonly signal: AbortSignal;
  readonly json: boolean;
  readonly out: Output;
};

async function watch({ read, interval_ms, signal, json, out }: Watch): Promise<void> {
  using view = json ? jsonView(out) : await peoplesView(out);
  while (!signal.aborted && isOpen("stdout")) {
    view.show(read());
    await pause(interval_ms, signal);
  }
}

/** Ctrl-C ends the pause, and is not an error. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

type View = Disposable & { readonly show: (status: Status) => void };

function jsonView(out: Output): View {
  return { show: (status) => out.emit(status), [Symbol.dispose]: () => undefined };
}

/** Drawn over and over on a terminal, where the last look stays; elsewhere a line for what changed. */
async function peoplesView(out: Output): Promise<View> {
  const { isScreen, openScreen } = await import("../screen.ts");
  const { renderBoard } = await import("../../status/board.ts");
  const { changeLines } = await import("../../status/plain.ts");
  let before: Status | undefined;
  if (!isScreen(process.stdout))
    return {
      show(status) {
        for (const line of changeLines(status, before)) out.text(line);
        before = status;
      },
      [Symbol.dispose]: () => undefined,
    };
  const draw = () => {
    if (before !== undefined) screen.draw(renderBoard(before, screen.size()));
  };
  const screen = openScreen(process.stdout, draw);
  return {
    show(status) {
      before = status;
      draw();
    },
    [Symbol.dispose]: () => screen[Symbol.dispose](),
  };
}
