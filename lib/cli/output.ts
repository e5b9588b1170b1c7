// Owns what a script prints: results on standard output (JSON lines, or a table on a terminal), messages on standard error.
import type { ConsolaInstance } from "consola";
import { redactDeep } from "../core/redact.ts";
import { visible, visibleJson } from "../core/visible.ts";
import "./streams.ts";
import { terminalOf } from "./terminal.ts";

export type Row = Readonly<Record<string, unknown>>;
export type Output = {
  /** True when results go out as JSON lines. */
  readonly json: boolean;
  readonly quiet: boolean;
  /** One result. */
  emit(row: Row): void;
  /** Text that is itself the result, such as a Markdown report. */
  text(content: string): void;
  /** Messages for people, never results; a no-op with --quiet. */
  say(message: string): void;
  warn(message: string): void;
  /** Prints the collected table, if there is one. */
  end(): Promise<void>;
};

/** JSON lines when asked for, or when standard output is not a terminal. */
export function openOutput(options: { json: boolean; quiet: boolean; summary: string }): Output {
  const json = options.json || !process.stdout.isTTY;
  const rows: Row[] = [];
  const speak = (kind: "info" | "warn", words: string) => {
    const message = visible(words);
    if (instead !== undefined) instead(`[${kind}] ${message}`);
    else pending.push(openTalk().then((talk) => talk[kind](message)));
  };
  const pending: Promise<void>[] = [];
  return {
    json,
    quiet: options.quiet,
    emit(row) {
      // Before a table cuts its cells: half a secret would not be found.
      const clean = redactDeep(row);
      if (json) write(`${visibleJson(JSON.stringify(clean))}\n`);
      else rows.push(clean);
    },
    text: (content) => write(content.endsWith("\n") ? content : `${content}\n`),
    say: (message) => (options.quiet ? undefined : speak("info", message)),
    warn: (message) => speak("warn", message),
    async end() {
      await Promise.all(pending);
      if (rows.length > 0) write(await table(rows));
    },
  };
}

let instead: ((line: string) => void) | undefined;

/** Sends all messages to another writer, which draws on the terminal itself, until disposed of. */
export function divertTalk(to: (line: string) => void): Disposable {
  instead = to;
  return {
    [Symbol.dispose]() {
      instead = undefined;
    },
  };
}

/** Prints one line at once, wherever messages go. */
export async function sayNow(message: string): Promise<void> {
  const shown = visible(message);
  if (instead !== undefined) instead(`[warn] ${shown}`);
  else (await openTalk()).warn(shown);
}

let talk: Promise<ConsolaInstance> | undefined;

/** The one voice of all scripts: consola, on standard error (by itself it puts information on standard output). */
export function openTalk(): Promise<ConsolaInstance> {
  talk ??= import("consola/basic").then(({ createConsola }) =>
    createConsola({ stdout: process.stderr, stderr: process.stderr }),
  );
  return talk;
}

async function table(rows: readonly Row[]): Promise<string> {
  const { renderTable } = await import("../report/table.ts");
  return renderTable(rows, terminalOf(process.stdout));
}

function write(text: string): void {
  process.stdout.write(text);
}
