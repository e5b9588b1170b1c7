// Owns reading `go test -json`: every package's own output, in order, as plain `go test` would print it.
import { GoReader } from "./gotest.ts";
import type { Format, Reader, Run } from "./types.ts";

/** What is buffered of packages that run at the same time; beyond it, lines are read as they come. */
const MOST_HELD = 200_000;
const ENDS = new Set(["pass", "fail", "skip"]);

type Event = {
  readonly action: string;
  readonly pack: string;
  readonly test: boolean;
  readonly output: string;
};
type Held = { text: string; readonly lines: string[]; readonly number: number };

/**
 * Go's plain output, with whatever stands in events of `-json` put back together: packages run at the same time, and
 * their events are mixed. A package is read when its end is reported, or, without one, at the output's end.
 */
class GoEventsReader implements Reader {
  readonly #go: GoReader;
  readonly #held = new Map<string, Held>();
  #lines = 0;

  constructor(made_verbose: boolean) {
    this.#go = new GoReader(made_verbose);
  }

  line(text: string, number: number): void {
    const event = text.startsWith('{"') ? readEvent(text) : undefined;
    if (!event) {
      this.#go.line(text, number);
      return;
    }
    if (event.output !== "") this.#hold(event, number);
    if (!event.test && ENDS.has(event.action)) this.#release(event.pack, number);
  }

  end(): Run[] {
    for (const [pack, { number }] of this.#held) this.#release(pack, number);
    return this.#go.end();
  }

  #hold({ pack, output }: Event, number: number): void {
    const held = this.#held.get(pack) ?? { text: "", lines: [], number };
    this.#held.set(pack, held);
    const parts = `${held.text}${output}`.split("\n");
    held.text = parts.pop() ?? "";
    held.lines.push(...parts);
    this.#lines += parts.length;
    if (this.#lines > MOST_HELD) this.#release(pack, number);
  }

  #release(pack: string, number: number): void {
    const held = this.#held.get(pack);
    this.#held.delete(pack);
    if (!held) return;
    this.#lines -= held.lines.length;
    for (const line of [...held.lines, held.text]) this.#go.line(line.trimEnd(), number);
  }
}

/** An event of test2json; undefined for anything else, and for a line that was cut. */
function readEvent(text: string): Event | undefined {
  if (!text.endsWith("}") || !text.includes('"Action":')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const { Action, Package, ImportPath, Test, Output } = value as Record<string, unknown>;
    const pack = Package ?? ImportPath;
    if (typeof Action !== "string" || typeof pack !== "string") return undefined;
    const output = typeof Output === "string" ? Output : "";
    return { action: Action, pack, test: Test !== undefined, output };
  } catch {
    return undefined;
  }
}

export const go: Format = {
  name: "go",
  read: ({ go_verbose = false }) => new GoEventsReader(go_verbose),
};
