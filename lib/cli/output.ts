// Owns what a script prints: results on standard output (JSON lines, or a table on a terminal), messages on standard error.
import { redactDeep } from "../core/redact.ts";
import { visibleJson } from "../core/visible.ts";
import { beside } from "./progress.ts";
import "./streams.ts";
import { tell } from "./talk.ts";
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
    say: (message) => (options.quiet ? undefined : tell("info", message)),
    warn: (message) => tell("warn", message),
    async end() {
      if (rows.length > 0) write(await table(rows));
    },
  };
}

async function table(rows: readonly Row[]): Promise<string> {
  const { renderTable } = await import("../report/table.ts");
  return renderTable(rows, terminalOf(process.stdout));
}

function write(text: string): void {
  // Where both streams are one terminal, the progress line would stand in the middle of a result.
  beside(() => process.stdout.write(text));
}
