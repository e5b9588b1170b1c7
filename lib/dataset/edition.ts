// Owns editions of the dataset by the words that people have for them: which is meant, what it is called, where it lies.
import { join } from "node:path";
import type { Ledger } from "../../db/ledger.ts";
import type { EditionRow } from "../../db/schema.ts";
import { UsageError } from "../core/fault.ts";
import { unknownName } from "../core/nearest.ts";
import { DEMO_REPO } from "./read.ts";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const SHORT = 12;
/** As much of a hash as names an edition. */
const HASH = /^[0-9a-f]{7,64}$/;

/** The name when it can be an edition's and its folder's. Throws UsageError otherwise, and for what reads as a hash. */
export function checkedEditionName(name: string): string {
  if (NAME.test(name) && !HASH.test(name)) return name;
  throw new UsageError(
    `edition name "${name}" must be letters, digits and . _ - (a letter or digit first, 100 at most), and not read as a hash`,
  );
}

/** Where an edition of that name lies below the dataset's folder. */
export function editionDir(name: string | undefined): string {
  return name === undefined ? "" : join("editions", checkedEditionName(name));
}

/** What people call it: its name, or the beginning of its hash. */
export function editionWord({ name, hash }: Pick<EditionRow, "name" | "hash">): string {
  return name ?? hash.slice(0, SHORT);
}

/** Name, hash and where it came from, in one line. */
export function editionLine(edition: EditionRow): string {
  const { hash, name, origin, revision, source } = edition;
  const from = source === "demo" ? "the demo of Tandem" : origin;
  const at = revision === null ? "" : ` at ${revision.slice(0, SHORT)}`;
  const facts = `${from}${at}`;
  return name === null
    ? `${hash.slice(0, SHORT)} (${facts})`
    : `${name} (${hash.slice(0, SHORT)}, ${facts})`;
}

/** What a hash that a run or a task names is called, also where the ledger never saw that edition. */
export function editionOfHash(ledger: Ledger, hash: string): string {
  return editionWord(ledger.editions.find(hash) ?? { hash, name: null });
}

/** The edition that a name or the beginning of a hash means; undefined for no word: the current one. Throws UsageError naming the nearest. */
export function editionNamed(ledger: Ledger, word: string | undefined): EditionRow | undefined {
  if (word === undefined) return undefined;
  const all = ledger.editions.all("dataset");
  const named = all.find(({ name }) => name === word);
  const hashed = HASH.test(word) ? all.filter(({ hash }) => hash.startsWith(word)) : [];
  const [found, other] = named === undefined ? hashed : [named];
  if (found !== undefined && other === undefined) return found;
  if (other !== undefined)
    throw new UsageError(`"${word}" is the beginning of the hashes of several editions`);
  if (all.length === 0)
    throw new UsageError(
      `unknown edition "${word}": the ledger has no dataset: fetch it with fetch-dataset --edition ${word}`,
    );
  throw new UsageError(unknownName("edition", word, all.map(editionWord)));
}

/** The current edition of the dataset; undefined before it was fetched. */
export function currentEdition(ledger: Ledger): EditionRow | undefined {
  const hash = ledger.dataset.hash("dataset");
  return hash === undefined ? undefined : ledger.editions.find(hash);
}

/** The edition that work on these pairs rests on: the demo's where they are all the demo's, else the named or the current one. */
export function editionOfPairs(
  ledger: Ledger,
  pairs: readonly { readonly repo: string }[],
  edition?: string,
): string | undefined {
  const isDemo = pairs.length > 0 && pairs.every(({ repo }) => repo === DEMO_REPO);
  return isDemo ? ledger.dataset.hash("demo") : (edition ?? ledger.dataset.hash("dataset"));
}
