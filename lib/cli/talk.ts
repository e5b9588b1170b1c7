// Owns messages to people: plain lines on standard error, warnings and errors marked as such, never results.
import { createConsola } from "consola/core";
import { type Tone, takesColor, toned } from "../core/tone.ts";
import { visible } from "../core/visible.ts";
import { wrapped } from "../core/wrap.ts";
import { beside } from "./progress.ts";
import "./streams.ts";

export type Message = "info" | "warn" | "error";

const MARKS: Readonly<Record<Message, { readonly mark: string; readonly tone?: Tone }>> = {
  info: { mark: "" },
  warn: { mark: "warning:", tone: "yellow" },
  error: { mark: "error:", tone: "red" },
};

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

/** No message is held back, or counted in place of being printed. */
const voice = createConsola({
  throttle: 0,
  reporters: [{ log: ({ type, args }) => print(type, args) }],
});

/** Prints a message at once, wherever messages go; what would mislead in it is shown by its code. */
export function tell(kind: Message, message: string): void {
  voice[kind].raw(message);
}

function print(type: string, args: readonly unknown[]): void {
  const { mark, tone } = MARKS[isMessage(type) ? type : "info"];
  const marked = toned(mark, tone, takesColor(process.stderr));
  const text = `${marked}${mark === "" ? "" : " "}${visible(args.join(" "))}`;
  const { isTTY, columns } = process.stderr;
  // A terminal by itself breaks within words.
  const line = isTTY && columns ? wrapped(text, columns).join("\n") : text;
  if (instead !== undefined) instead(line);
  else beside(() => process.stderr.write(`${line}\n`));
}

function isMessage(type: string): type is Message {
  return Object.hasOwn(MARKS, type);
}
