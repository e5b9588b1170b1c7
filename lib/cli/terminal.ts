// Owns what drawing needs to know of the terminal behind a stream: its width, and whether it takes colours.
import { takesColor } from "../core/tone.ts";

type Stream = { readonly isTTY?: boolean; readonly columns?: number };
export type Terminal = {
  /** In columns; without a terminal that of COLUMNS, or undefined. */
  readonly width: number | undefined;
  readonly color: boolean;
};

export function terminalOf(stream: Stream): Terminal {
  const named = /^[1-9]\d{0,4}$/.test(process.env.COLUMNS ?? "") ? process.env.COLUMNS : undefined;
  const width = stream.columns || (named === undefined ? undefined : Number(named));
  return { width, color: takesColor(stream) };
}
