// Owns the kinds of values that settings have: how each is written, what it is inside, and its name in documents.
import { orList } from "../core/text.ts";

/** Timers count milliseconds in 31 bits. */
export const LONGEST_SECONDS = 2_147_483;

export type Kind =
  /** `file`: relative to the study that names it. `agent`: a name, or the file of a module. */
  | { readonly is: "text" | "file" | "agent" }
  | { readonly is: "switch" }
  | { readonly is: "choice" | "choices"; readonly of: readonly string[] }
  | { readonly is: "whole"; readonly min: number }
  /** `number`: above 0. `limit`: above 0, or the word `none`. */
  | { readonly is: "number" | "limit" }
  /** Written in seconds, milliseconds inside. `seconds`: above 0. `pause`: at least 0. */
  | { readonly is: "seconds" | "pause" };

/** The value as studies and flags have it. */
export type Written<K extends Kind> = K extends { readonly is: "switch" }
  ? boolean
  : K extends { readonly is: "choice"; readonly of: readonly (infer Word)[] }
    ? Word
    : K extends { readonly is: "choices"; readonly of: readonly (infer Word)[] }
      ? readonly Word[]
      : K extends { readonly is: "text" | "file" | "agent" }
        ? string
        : K extends { readonly is: "limit" }
          ? number | "none"
          : number;

/** The value as the library has it: milliseconds, and null for no limit. */
export type Value<K extends Kind> = K extends { readonly is: "limit" } ? number | null : Written<K>;

const isTime = ({ is }: Kind) => is === "seconds" || is === "pause";

/** The library's value for the written one; paths are left as they are. */
export function valueFrom(kind: Kind, written: unknown): unknown {
  if (kind.is === "limit" && written === "none") return null;
  return isTime(kind) && typeof written === "number" ? Math.round(written * 1000) : written;
}

/** The other way round, for people. */
export function writtenOf(kind: Kind, value: unknown): unknown {
  if (kind.is === "limit" && value === null) return "none";
  return isTime(kind) && typeof value === "number" ? value / 1000 : value;
}

/** `whole number, at least 64`, `coop or solo`: for tables of documents. */
export function kindText(kind: Kind): string {
  switch (kind.is) {
    case "choice":
      return orList(kind.of);
    case "choices":
      return `list of ${orList(kind.of)}`;
    case "whole":
      return `whole number, at least ${kind.min}`;
    default:
      return TEXTS[kind.is];
  }
}

const TEXTS = {
  text: "text",
  file: "file",
  agent: "name or file",
  switch: "true or false",
  number: "number above 0",
  limit: "number above 0, or none",
  seconds: "number above 0",
  pause: "number, at least 0",
} as const satisfies Record<Exclude<Kind["is"], "choice" | "choices" | "whole">, string>;
