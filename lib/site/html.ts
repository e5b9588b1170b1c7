// Owns building HTML: every value is escaped unless it is HTML already, and what could mislead a reader is made visible.
import { visible } from "../core/visible.ts";

/** HTML that was built by {@link html}, or that {@link trusted} vouches for. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** What may stand in a template; nothing is printed for null, undefined and false. */
export type Slot = Html | string | number | null | undefined | false | readonly Slot[];

/** A template whose values are escaped, in text as in quoted attributes. Attributes must be quoted. */
export function html(strings: TemplateStringsArray, ...slots: readonly Slot[]): Html {
  let text = strings[0] ?? "";
  for (const [index, slot] of slots.entries()) text += rendered(slot) + (strings[index + 1] ?? "");
  return new Html(text);
}

/**
 * Text that is HTML by construction: our own files, and drawings whose library escapes. Never text of a ledger or log.
 */
export function trusted(text: string): Html {
  return new Html(text);
}

export function joined(parts: readonly Slot[], separator: Slot): Html {
  return new Html(parts.map(rendered).join(rendered(separator)));
}

function rendered(slot: Slot): string {
  if (slot instanceof Html) return slot.text;
  if (typeof slot === "string") return escaped(slot);
  if (slot === null || slot === undefined || slot === false) return "";
  if (typeof slot === "number") return String(slot);
  return slot.map(rendered).join("");
}

const SPECIAL: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
/** Most texts are of ASCII that means nothing in HTML: they are as they are. */
const PLAIN = /^[\t\n !#-%(-;=?-~]*$/;

/** Text for HTML. Characters that would be hidden or reorder their neighbours are shown by their code. */
export function escaped(text: string): string {
  if (PLAIN.test(text)) return text;
  return visible(text).replace(/[&<>"']/g, (char) => SPECIAL[char] ?? char);
}
