// Owns where the pages are and how they link to each other: relative links only, on disk as in the live view.

import { UsageError } from "../core/fault.ts";
import { sha256 } from "../core/files.ts";
import { parseAttemptKey, parsePairKey } from "../core/keys.ts";

export const OVERVIEW = "index.html";
export const PAIRS = "pairs.html";
const ODD_SHOWN = 24;

/** Path of an attempt's page in the site: `pairs/<attempt key>.html`. An invalid key gets a name from its hash. */
export function pagePath(attempt_key: string): string {
  return isKey(attempt_key)
    ? `pairs/${attempt_key}.html`
    : `pairs/odd/${sha256(attempt_key).slice(0, ODD_SHOWN)}.html`;
}

/** Path of the page that shows a pair's attempts side by side: `side/<pair key>.html`. An invalid key gets a name from its hash. */
export function sidePath(pair_key: string): string {
  return reads(parsePairKey, pair_key)
    ? `side/${pair_key}.html`
    : `side/odd/${sha256(pair_key).slice(0, ODD_SHOWN)}.html`;
}

/**
 * The link to two attempts of a pair side by side, `a` on the left; from a page of the site's top folder unless `from` is given.
 * The page is there for every pair with two attempts or more.
 */
export function sideLink(pair_key: string, a: string, b: string, from = OVERVIEW): string {
  return link(from, sidePath(pair_key), new URLSearchParams({ a, b }).toString());
}

/** Whether the text is safe as a path below a folder: an attempt key by its rules. */
export function isKey(attempt_key: string): boolean {
  return reads(parseAttemptKey, attempt_key);
}

function reads(parse: (key: string) => unknown, key: string): boolean {
  try {
    parse(key);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** The link from one page of the site to another, with the part after `#`. */
export function link(from: string, to: string, fragment = ""): string {
  const up = "../".repeat(from.split("/").length - 1);
  const path = to.split("/").map(encodeURIComponent).join("/");
  return `${up}${path}${fragment === "" ? "" : `#${fragment}`}`;
}

/** State of the table of pairs as the part after `#`. */
export function tableState(filters: Readonly<Record<string, string>>): string {
  return new URLSearchParams(filters).toString();
}
