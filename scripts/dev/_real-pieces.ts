// Owns telling a growing answer apart: text that may be sent, and calls of tools in the tags that Qwen and others write.

const [OPEN, CLOSE] = ["<tool_call>", "</tool_call>"];

/** Deltas in the form of chat completions, as the answer grows. */
export class Pieces {
  private readonly hasTools: boolean;
  private text = "";
  /** Characters of the text that are dealt with. */
  private done = 0;
  calls = 0;

  constructor(hasTools: boolean) {
    this.hasTools = hasTools;
  }

  /** What is new in the answer, whose whole text so far this is. */
  grown(text: string): object[] {
    this.text = text;
    const deltas: object[] = [];
    for (let call = this.nextCall(); call !== undefined; call = this.nextCall())
      deltas.push(...this.upTo(call.from), ...this.call(call));
    return [...deltas, ...this.upTo(this.safeEnd())];
  }

  /** What is left when the answer has ended. */
  rest(): object[] {
    return this.upTo(this.text.length);
  }

  private upTo(end: number): object[] {
    const content = this.text.slice(this.done, end);
    this.done = Math.max(this.done, end);
    return content === "" ? [] : [{ content }];
  }

  private nextCall(): { from: number; json: string; end: number } | undefined {
    if (!this.hasTools) return undefined;
    const from = this.text.indexOf(OPEN, this.done);
    const until = from < 0 ? -1 : this.text.indexOf(CLOSE, from);
    if (until < 0) return undefined;
    const json = this.text.slice(from + OPEN.length, until).trim();
    return { from, json, end: until + CLOSE.length };
  }

  /** A call that cannot be read is text, as the model wrote it. */
  private call({ json, end }: { json: string; end: number }): object[] {
    const call = readCall(json);
    if (call === undefined) return this.upTo(end);
    this.done = end;
    const index = this.calls++;
    const id = `call_${crypto.randomUUID()}`;
    return [{ tool_calls: [{ index, id, type: "function", function: call }] }];
  }

  /** Up to where nothing can become a call or the rest of a character. */
  private safeEnd(): number {
    const end = this.text.endsWith("\uFFFD") ? this.text.length - 1 : this.text.length;
    if (!this.hasTools) return Math.max(this.done, end);
    const open = this.text.indexOf(OPEN, this.done);
    if (open >= 0) return open;
    const tail = Array.from({ length: OPEN.length - 1 }, (_, at) =>
      OPEN.slice(0, OPEN.length - 1 - at),
    );
    const held = tail.find((start) => this.text.slice(0, end).endsWith(start)) ?? "";
    return Math.max(this.done, end - held.length);
  }
}

function readCall(json: string): { name: string; arguments: string } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
    const given = "arguments" in value ? value.arguments : {};
    return { name: String(value.name), arguments: JSON.stringify(given) };
  } catch {
    return undefined;
  }
}
