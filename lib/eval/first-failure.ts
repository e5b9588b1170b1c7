// Owns finding, in a suite's output, the first failure that it tells of: which test, what it says, and where. Only what the output states.
import { visible } from "../core/visible.ts";

/** Null where the output does not say. `path` is relative to the repository where the output's is below it. */
export type FirstFailure = {
  readonly test: string | null;
  readonly says: string | null;
  readonly path: string | null;
  readonly line: number | null;
};

/** How a runner tells of one failure. */
type Form = {
  /** The line that heads it; its group is the test's name. */
  readonly head: RegExp;
  /** Lines with what is wrong, the best first. */
  readonly says: readonly RegExp[];
  /** Lines with path and line. */
  readonly place: RegExp;
  /** `last`: of a traceback whose end is where it broke. `only`: told when there is one alone, as others may be notes. */
  readonly pick?: "last" | "only";
  /** Without a place it is something else. */
  readonly placed?: true;
  /** The failure stands above its head, up to a line like this. */
  readonly above?: RegExp;
};

const STACK =
  /(?:\bat |❯ |\()(?:async )?(?:[\w$.<>[\] ]+ \()?((?:file:\/\/)?[^\s()]+?):(\d+):\d+\)?$/;
const PYTHON_FILE = /^E?\s*File "([^"]+)", line (\d+)/;
const PYTHON_SAYS = /^(?:E\s+)?((?:[\w.]*(?:Error|Exception|Warning|Exit|Interrupt))\b.*)$/;
const THROWN = /^\s*((?:Uncaught )?(?:[A-Za-z]*Error|error)(?: \[\w+\])?: .+)$/;

const FORMS: readonly Form[] = [
  {
    head: /^\(fail\) (.+?)(?: \[[\d.]+m?s\])?$/,
    says: [THROWN],
    place: STACK,
    above: /^\((?:pass|fail|skip|todo)\) /,
  },
  { head: /^# Unhandled error between tests()$/, says: [THROWN], place: STACK },
  {
    head: /^_{3,} (?:ERROR (?:at \w+ of|collecting) )?(.+?) _{3,}$/,
    says: [PYTHON_SAYS, /^E\s+(\S.*)$/],
    place: /^(?:E?\s*File "([^"]+)", line (\d+)|([^\s:][^:]*\.py):(\d+): \w.*)/,
    pick: "last",
  },
  {
    head: /^(?:FAIL|ERROR): (\S+) \(/,
    says: [PYTHON_SAYS],
    place: PYTHON_FILE,
    pick: "last",
  },
  {
    head: /^\s*● (?!Console$)(.+)$/,
    says: [THROWN, /^ {4}(\S.*)$/],
    place: STACK,
  },
  { head: /^\s*FAIL {1,2}\S+ (?:> |\[ )(.+?)(?: \])?$/, says: [THROWN], place: STACK },
  { head: /^✖ (?!failing tests:)(.+?) \([\d.]+ms\)$/, says: [THROWN], place: STACK },
  {
    head: /^\s*not ok \d+ - (.+)$/,
    says: [/^\s*error: '?(.+?)'?$/],
    place: /^\s*(?:location|at): '?((?:file:\/\/)?[^'\s]+?):(\d+):\d+'?$/,
  },
  { head: /^ {2}1\) (.+)$/, says: [THROWN], place: STACK },
  {
    head: /^=== RUN {3}(\S+)$/,
    says: [/^\s+Error:\s+(\S.*)$/, /^\s+\S+_test\.go:\d+: (\S.*)$/, /^panic: (.+)$/],
    place: /^\s+(\S+_test\.go):(\d+): /,
    pick: "only",
  },
  {
    head: /^---- (\S+) stdout ----$/,
    says: [/^(assertion .+)$/, /^\s*panicked at '(.+)', /],
    place: /panicked at (?:'.*', )?(\S+?):(\d+):\d+:?$/,
  },
  {
    head: /^error(?:\[E\d+\])?: .+()$/,
    says: [/^(error(?:\[E\d+\])?: .+)$/],
    place: /^\s*--> (\S+?):(\d+):\d+$/,
    placed: true,
  },
  {
    head: /^\S+\.(?:go|[cm]?tsx?|java|c|cc|cpp|h)[:(]\d+[:,]\d+\)?:? ()(?=\S)/,
    says: [/^\S+?[:(]\d+[:,]\d+\)?(?::| -)? (\S.*)$/],
    place: /^(\S+?)[:(](\d+)[:,]\d+\)?/,
  },
];
/** What ends the text of one failure, besides the head of the next. */
const OVER = /^\s*(?:---|===) (?!FAIL)|^-{5,} Captured |^={3,} /;
const EXPECTED = /^\s*Expected(?: [a-z ]+)?:\s+(\S.*)$/;
const RECEIVED = /^\s*Received(?: [a-z ]+)?:\s+(\S.*)$/;
const LINES_OF_ONE = 400;
const FOREIGN = /node_modules\/|^node:|\/site-packages\/|^\/(?:usr|rustc|opt|root|home)\/|^bun:/;
const ROOT = /^(?:file:\/\/)?(?:\/workspace\/repo\/|\.\/)/;

type Found = FirstFailure & { readonly at: number };

/** The first failure of an output; undefined where no form of a runner is recognised. */
export function firstFailure(
  output: string,
  failed: readonly string[] = [],
): FirstFailure | undefined {
  const lines = visible(output.replaceAll("\r\n", "\n")).split("\n");
  const found = FORMS.flatMap((form) => first(form, lines, failed) ?? []);
  const [earliest] = found.toSorted((a, b) => a.at - b.at);
  if (earliest === undefined) return undefined;
  const { at: _, ...told } = earliest;
  return told;
}

function first(form: Form, lines: readonly string[], failed: readonly string[]): Found | undefined {
  for (const [at, line] of lines.entries()) {
    const name = form.head.exec(line)?.[1];
    if (name === undefined) continue;
    // A line that heads passing tests too counts only for one that failed.
    if (form.pick === "only" && !failed.includes(name)) continue;
    const block = blockOf(form, lines, at);
    const says = form.says.map((says) => block.map((told) => says.exec(told)?.[1]).find(Boolean));
    const place = placeIn(form, block);
    const said = compared(says.find((text) => text !== undefined)?.trim() ?? null, block);
    if (place === undefined && (said === null || form.placed === true)) continue;
    return { at, test: name.trim() || null, says: said, path: null, line: null, ...place };
  }
  return undefined;
}

/** bun and jest name the call that failed, and what was compared on lines of its own. */
function compared(says: string | null, block: readonly string[]): string | null {
  if (says === null || !/\bexpect\(.*\breceived\b/.test(says)) return says;
  const [expected, received] = [EXPECTED, RECEIVED].map((form) =>
    block.map((line) => form.exec(line)?.[1]).find(Boolean),
  );
  return expected === undefined || received === undefined
    ? says
    : `expected ${expected}, received ${received}`;
}

function blockOf({ head, above }: Form, lines: readonly string[], at: number): readonly string[] {
  if (above !== undefined) {
    const before = lines.slice(0, at).findLastIndex((line) => above.test(line));
    return lines.slice(Math.max(before + 1, at - LINES_OF_ONE), at);
  }
  const rest = lines.slice(at + 1, at + LINES_OF_ONE);
  const next = rest.findIndex((line) => head.test(line) || OVER.test(line));
  return [lines[at] ?? "", ...(next < 0 ? rest : rest.slice(0, next))];
}

function placeIn({ place, pick }: Form, block: readonly string[]) {
  const found = block.flatMap((line) => {
    const [path, number] = place.exec(line)?.slice(1).filter(Boolean) ?? [];
    if (path === undefined || number === undefined) return [];
    const own = path.replace(ROOT, "");
    return FOREIGN.test(own) ? [] : [{ path: own, line: Number(number) }];
  });
  if (pick === "only" && found.length > 1) return undefined;
  return pick === "last" ? found.at(-1) : found[0];
}
