// Owns what a message promises about files, by rules for English: what its sender will change or leave alone, what it asks of its reader. Pure.
import type { PathPromise } from "./effect.ts";
import { type KnownPaths, knownPaths } from "./paths.ts";
import { proseOf } from "./prose.ts";
import { Reading, type Saying } from "./sayings.ts";

export type MessageContext = {
  /** Files of the repository and of patches: what a name in the message may mean. */
  readonly paths: readonly string[];
  readonly sender: string;
  readonly reader: string;
};

const FURTHER = /(?:^|\s)(?:any ?more|any longer|no longer|again|any further|further)(?![\w-])/i;
const FRESH = /(?:^|\s)(?:new (?:file|module|folder|test file)|creat(?:e|ing)s?)(?![\w-])/i;
const LONGEST_QUOTE = 300;

/**
 * The promises of a message. Only those that name a path, or say "it" of one, and that are in English. Done things, questions, conditions,
 * offers ("I could"), quotations and code promise nothing; a request binds the reader. `docs/reports.md` states the rules.
 */
export function promisesIn(text: string, context: MessageContext): readonly PathPromise[] {
  return readMessage(text, { ...context, known: knownPaths(context.paths) }).promises;
}

/** The same for one of many messages with the same files, with every path that is named. */
export function readMessage(
  text: string,
  { sender, reader, known }: Omit<MessageContext, "paths"> & { readonly known: KnownPaths },
): { readonly promises: readonly PathPromise[]; readonly paths: readonly string[] } {
  const prose = proseOf(named(text, sender, reader), known);
  if (prose.paths.length === 0) return { promises: [], paths: [] };
  const reading = new Reading();
  for (const line of prose.lines) reading.line(line);
  const promises = reading.sayings.map(
    (saying): PathPromise => ({
      by: saying.who === "sender" ? sender : reader,
      kind: saying.kind,
      paths: [...new Set(saying.marks.flatMap(prose.pathsAt))],
      ...qualities(saying),
      quote: prose.written(saying.clause).slice(0, LONGEST_QUOTE),
    }),
  );
  return { promises: distinct(together(promises)), paths: prose.paths };
}

/** Agents speak of themselves and of each other by name too. */
function named(text: string, sender: string, reader: string): string {
  return text.replaceAll(nameOf(sender), "I").replaceAll(nameOf(reader), "you");
}

const PATTERNS = new Map<string, RegExp>();
/** Agents have few names; a log with many is only read slower. */
const MOST_PATTERNS = 100;

/** `agent1` is also written `Agent 1` and `agent_1`. */
function nameOf(agent: string): RegExp {
  const known = PATTERNS.get(agent);
  if (known !== undefined) return known;
  const spaced = agent
    .slice(0, 100)
    .split(/(?<=[a-z])[ _-]?(?=\d)/i)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("[ _-]?");
  const pattern = new RegExp(`(?<![\\w./@-])${spaced}(?![\\w/-]|\\.\\w)`, "gi");
  if (PATTERNS.size >= MOST_PATTERNS) PATTERNS.clear();
  PATTERNS.set(agent, pattern);
  return pattern;
}

function qualities({
  only,
  part,
  clause,
}: Saying): Pick<PathPromise, "only" | "part" | "further" | "fresh"> {
  return { only, part, further: FURTHER.test(clause), fresh: FRESH.test(clause) };
}

/** Who will touch only some files may say in other sentences which. */
function together(promises: readonly PathPromise[]): PathPromise[] {
  const isTouch = ({ kind }: PathPromise) => kind === "touch";
  const limited = new Set(promises.filter(({ only }) => only).map(({ by }) => by));
  const all = (by: string) => promises.filter((one) => isTouch(one) && one.by === by);
  return promises.flatMap((promise): PathPromise | [] => {
    if (!isTouch(promise) || !limited.has(promise.by)) return promise;
    const own = all(promise.by);
    if (own[0] !== promise) return [];
    const paths = [...new Set(own.flatMap((one) => one.paths))];
    const quote = own.find(({ only }) => only)?.quote ?? promise.quote;
    return { ...promise, only: true, fresh: own.some(({ fresh }) => fresh), paths, quote };
  });
}

/** What is said twice is one promise; a path that is left alone as a whole is not left alone in part. */
function distinct(promises: readonly PathPromise[]): PathPromise[] {
  const seen = new Set<string>();
  return promises.flatMap((promise): PathPromise | [] => {
    const fresh = promise.paths.filter((path) => {
      const key = JSON.stringify([promise.by, promise.kind, path]);
      return !seen.has(key) && seen.add(key);
    });
    return fresh.length === 0 ? [] : { ...promise, paths: fresh };
  });
}
