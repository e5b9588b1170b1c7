// Owns colours: what is coloured how, and which streams take colours.
import { styleText } from "node:util";

export type Tone = "red" | "green" | "yellow" | "dim" | "bold";
type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether a stream takes colours: a terminal that is not dumb. NO_COLOR forbids them everywhere, FORCE_COLOR (other than
 * 0 or false) asks for them everywhere; both count when they are not empty. Sources: no-color.org, force-color.org.
 */
export function takesColor(
  stream: { readonly isTTY?: boolean | undefined },
  { NO_COLOR, FORCE_COLOR, TERM }: Environment = process.env,
): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return stream.isTTY === true && TERM !== "dumb";
}

/** The text in a tone, if colours are wanted. */
export function toned(text: string, tone: Tone | undefined, color: boolean): string {
  // The caller knows whether its stream takes colours.
  const plain = !color || tone === undefined || text === "";
  return plain ? text : styleText(tone, text, { validateStream: false });
}

/** Passes are green, faults red, warnings yellow; whatever else an experiment finds has no colour. */
const WORDS: Readonly<Record<string, Tone>> = {
  passed: "green",
  good: "green",
  poor: "yellow",
  missing: "red",
  gone: "red",
  silent: "yellow",
};
const FAULTS = /^(?:fault|open_?faults?|faults|wrong)$/;

/** The tone of a table's cell, by its column and its text. */
export function cellTone(column: string, text: string): Tone | undefined {
  if (FAULTS.test(column)) return text === "" || text === "0" ? undefined : "red";
  return Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
}
